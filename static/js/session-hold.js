// While somebody works in the form of a session, its card on the board says so. The lease runs out by itself.

const RENEW_MS = 15_000;
const IDLE_MS = 60_000;

const script = document.getElementById("session-hold");
const form = document.getElementById("edit");
let lastTouch = performance.now();

function hold(code) {
  const body = new FormData();
  body.set("session", code);
  body.set("csrf_token", form.elements.csrf_token.value);
  // Nothing waits for it: who saves is told what somebody else has saved meanwhile in any case.
  fetch(script.dataset.hold, { method: "POST", body, keepalive: true }).catch(() => {});
}

// A form that nobody touches in a forgotten window keeps no card from the others.
function renew() {
  if (!document.hidden && performance.now() - lastTouch < IDLE_MS) hold(script.dataset.session);
}

for (const name of ["input", "keydown", "pointerdown"]) addEventListener(name, () => { lastTouch = performance.now(); });
addEventListener("pagehide", () => hold(""));
setInterval(renew, RENEW_MS);
renew();
