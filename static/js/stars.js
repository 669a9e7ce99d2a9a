/* A star is set without leaving the page. Without this module the same buttons send their form, and the page comes anew.
   A day with many cards comes without buttons: they are added here. */

let sending = Promise.resolve();

/** Show a star as set or not; the name of the button is what the next press asks for. */
function show(button, isStarred) {
  button.setAttribute("aria-pressed", String(isStarred));
  button.name = isStarred ? "unstar" : "star";
}

function say(form, words) {
  let line = form.querySelector(".stars-failed");
  if (!line) {
    line = document.createElement("p");
    line.className = "stars-failed";
    line.setAttribute("role", "alert");
    form.prepend(line);
  }
  line.textContent = words;
}

async function send(form, name, code) {
  const body = new URLSearchParams(new FormData(form));
  body.set(name, code);
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body,
  });
  const { count, message } = await answer.json();
  if (!answer.ok) throw new Error(message, { cause: "refused" });
  return count;
}

async function toggle(form, button) {
  const { name, value } = button;
  show(button, name === "star");
  // One after the other: each answer brings the cookie that the next one adds to.
  const mine = sending.then(() => send(form, name, value));
  sending = mine.catch(() => {});
  try {
    const count = await mine;
    form.querySelector(".stars-failed")?.remove();
    for (const place of document.querySelectorAll("[data-stars]")) {
      place.textContent = count;
      if (place.parentElement.localName === "span") place.parentElement.hidden = !count;
    }
  } catch (error) {
    show(button, name !== "star");
    say(form, error.cause === "refused" ? error.message : form.dataset.failed);
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.stars") || !event.submitter) return;
  event.preventDefault();
  toggle(event.target, event.submitter);
});

function button(code, label, isStarred) {
  const made = document.createElement("button");
  made.className = "star";
  made.id = `s-${code}`;
  made.value = code;
  made.setAttribute("aria-label", label);
  show(made, isStarred);
  return made;
}

for (const words of document.querySelectorAll("form.stars > [data-starred]")) {
  const starred = new Set(words.dataset.starred.split(" "));
  for (const link of words.parentElement.querySelectorAll(".c > :is(h2, h3) > a, .part > a")) {
    const code = link.getAttribute("href").split("/").pop();
    const label = words.dataset.label.replace("%s", () => link.textContent);
    (link.closest("h2, h3") ?? link).after(button(code, label, starred.has(code)));
  }
}
