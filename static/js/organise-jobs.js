// Keeps the progress of jobs up to date. Without it the page says the same at its next loading.

const EVERY_MS = 1500;

async function follow(line) {
  const progress = line.querySelector("progress");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (document.hidden) continue;
    let job;
    try {
      const answer = await fetch(line.dataset.job, { headers: { Accept: "application/json" }, redirect: "error" });
      if (!answer.ok) return;
      job = await answer.json();
    } catch {
      continue;
    }
    // A job that began or ended changes more of the page than its bar.
    if (job.is_over || (job.state === "running" && !progress)) {
      location.reload();
      return;
    }
    if (progress && job.total) {
      progress.max = job.total;
      progress.value = job.done;
      line.querySelector("[data-done]").textContent = job.done;
      line.querySelector("[data-total]").textContent = job.total;
    }
  }
}

document.querySelectorAll("[data-job]").forEach(follow);
