// Comfort for the form of a session: rows of points come and go without a new page, and people are offered as one
// types. Without this file every button sends the form, which comes back with the same.

const form = document.querySelector("#edit");
const finder = document.querySelector("#people-find");

async function change(button) {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, button) });
  if (!answer.ok) throw new Error(answer.statusText);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = page.querySelector("#points");
  document.querySelector("#points").replaceWith(rows);
  const [step, number] = button.value.split("-");
  const titles = rows.querySelectorAll(".point-row input[lang]");
  const at = { add: titles.length - 1, up: number - 1, down: Number(number) + 1, remove: number }[step];
  (titles[Math.min(at, titles.length - 1)] ?? rows.querySelector("[value=add]")).focus();
}

form?.addEventListener("click", (event) => {
  const button = event.target.closest("[name=points_do]");
  if (!button) return;
  event.preventDefault();
  change(button).catch(() => form.requestSubmit(button));
});

let waiting = 0;
let asked = 0;

function add(column, line) {
  const control = form.elements[column];
  control.value = [control.value.trim(), line].filter(Boolean).join("\n");
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.focus();
}

function item(one) {
  const made = finder.querySelector("template").content.cloneNode(true);
  made.querySelector("[data-name]").textContent = one.name;
  const office = [one.position, one.organisation].filter(Boolean).join(", ");
  made.querySelector("[data-office]").textContent = office && `, ${office}`;
  made.querySelector("[data-here]").textContent = one.registered ? finder.dataset.registered : "";
  for (const button of made.querySelectorAll("[data-add]")) {
    button.querySelector("[data-whom]").textContent = `: ${one.name}`;
    button.addEventListener("click", () => add(button.dataset.add, one.line));
  }
  return made;
}

async function find(words) {
  const mine = ++asked;
  const found = finder.querySelector("[data-found]");
  const said = finder.querySelector("[data-said]");
  if (words.trim().length < 2) {
    found.replaceChildren();
    said.textContent = "";
    return;
  }
  const answer = await fetch(`${finder.dataset.url}?q=${encodeURIComponent(words)}`);
  if (!answer.ok || mine !== asked) return;
  const { people } = await answer.json();
  if (mine !== asked) return;
  found.replaceChildren(...people.map(item));
  said.textContent = people.length ? "" : finder.dataset.none;
}

finder?.querySelector("#people_q").addEventListener("input", (event) => {
  clearTimeout(waiting);
  waiting = setTimeout(() => find(event.target.value).catch(() => {}), 250);
});

finder?.querySelector("#people_q").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  find(event.target.value).catch(() => {});
});
