"""The console in a real browser, as each role uses it."""
