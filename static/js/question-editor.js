// Comfort for the form of a question: what does not belong to the chosen kind steps aside, and the question is shown
// as it is typed. Without this file all is there, and "Look at it first" shows the question.

const form = document.querySelector("#question-form");
const preview = document.querySelector("#preview");
let waiting = 0;

function arrange() {
  const kind = form.elements.kind.value;
  for (const part of form.querySelectorAll("[data-only-for]")) part.hidden = !part.dataset.onlyFor.split(" ").includes(kind);
  const on = form.elements.shown_if?.value ?? "";
  const groups = [...form.querySelectorAll("[data-group]")];
  for (const group of groups) group.hidden = group.dataset.group !== on;
  const values = form.querySelector("#shown_values");
  if (values) values.hidden = groups.every((group) => group.hidden);
}

async function look() {
  const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) });
  if (!answer.ok) return;
  preview.innerHTML = await answer.text();
  for (const control of preview.querySelectorAll("input, select, textarea")) control.tabIndex = -1;
}

if (form && preview) {
  const changed = () => {
    arrange();
    clearTimeout(waiting);
    waiting = setTimeout(() => look().catch(() => {}), 300);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  arrange();
  document.querySelector(".error-summary")?.focus();
}
