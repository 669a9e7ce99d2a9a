// Follows print runs that are not over: moves the bar, and loads the page again when a run changes its state.
const EVERY_MS = 1000;

async function follow(row) {
  let state = null;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    let run;
    try {
      const answer = await fetch(row.dataset.run, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      run = await answer.json();
    } catch {
      continue; // the network will come back
    }
    if (run.over || (state !== null && state !== run.state)) {
      location.reload();
      return;
    }
    state = run.state;
    const bar = row.querySelector("progress");
    if (bar) {
      bar.max = run.total || 1;
      bar.value = run.done;
    }
    const done = row.querySelector("[data-done]");
    if (done) done.textContent = run.done;
  }
}

for (const row of document.querySelectorAll("[data-run]")) follow(row);
