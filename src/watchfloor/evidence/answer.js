// Sends chosen files part by part, goes on where it was after a break, and shows each receipt. No library, nothing from anywhere else.
(() => {
  const box = document.getElementById('upload');
  const input = document.getElementById('files');
  const list = document.getElementById('sent');
  const PART = Number(box.dataset.part);
  const WAITS_MS = [1000, 2000, 5000, 10000, 20000];
  const link = { 'Wf-Agency': box.dataset.agency, 'Wf-Link': box.dataset.token };
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  fetch('/evidence/answer/seen', { method: 'POST', headers: link }).catch(() => {});

  async function ask(path, given) {
    const answer = await fetch(path, { ...given, headers: { ...link, ...given.headers } });
    const said = await answer.json();
    if (answer.ok) return said;
    const problem = new Error([said.detail, said.next_step].filter(Boolean).join(' '));
    problem.reason = said.reason;
    problem.again = answer.status >= 500 || said.reason === 'offset' || said.reason === 'part';
    throw problem;
  }

  async function send(file, say) {
    const begin = (before) => ask('/evidence/answer/files', { method: 'POST', body: JSON.stringify({ name: file.name, size: file.size, before }), headers: { 'Content-Type': 'application/json' } });
    let known = await begin();
    let failed = 0;
    while (known.sha256 === null) {
      say(known.taken);
      const part = file.slice(known.taken, known.taken + PART);
      try {
        known = await ask(`/evidence/answer/files/${known.id}?offset=${known.taken}`, { method: 'PUT', body: part, headers: { 'Content-Type': 'application/octet-stream' } });
        failed = 0;
      } catch (problem) {
        // What was refused is refused; what broke off is gone on with.
        if (problem.again === false || failed >= WAITS_MS.length) throw problem;
        await pause(WAITS_MS[failed]);
        failed += 1;
        try { known = await begin(known.id); } catch (still) { if (still.again === false) throw still; }
      }
    }
    return known.sha256;
  }

  input.addEventListener('change', async () => {
    input.disabled = true;
    for (const file of input.files) {
      const line = document.createElement('li');
      const words = document.createElement('span');
      const bar = document.createElement('progress');
      bar.max = file.size;
      bar.setAttribute('aria-label', `How much of ${file.name} has come`);
      line.append(words, bar);
      list.append(line);
      words.textContent = `${file.name}: being sent. `;
      try {
        const hash = await send(file, (taken) => { bar.value = taken; });
        bar.remove();
        words.textContent = `${file.name}: received, SHA-256 ${hash}`;
        const done = document.getElementById('done');
        if (done !== null) done.hidden = false;
      } catch (problem) {
        bar.remove();
        line.className = 'fault';
        words.textContent = `${file.name}: not sent. ${problem.message}`;
      }
    }
    input.disabled = false;
    input.value = '';
  });
})();
