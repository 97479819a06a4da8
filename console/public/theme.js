// Sets the theme before the first paint, so that a dark room never sees a white flash. A file, because the policy allows no inline script.
(function () {
  var theme = null;
  try { theme = localStorage.getItem('watchfloor.theme'); } catch (_) { /* storage is off: the system's choice holds */ }
  if (theme === 'dark' || theme === 'light' || theme === 'night') document.documentElement.dataset.theme = theme;
})();
