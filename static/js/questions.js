// Questions that hang on the category or on another answer come and go with it. Without this file every question is
// there with a sentence about who answers it, and the server leaves out what was not asked.

const form = document.querySelector("#register, #answers");
const blocks = [...(form?.querySelectorAll("[data-question]") ?? [])];
const words = (text) => (text ?? "").split(" ").filter(Boolean);

function said(block) {
  const controls = [...block.querySelectorAll(`[name="${block.dataset.question}"]`)];
  const values = controls
    .filter((one) => (one.type === "radio" || one.type === "checkbox" ? one.checked : true))
    .map((one) => one.value.trim())
    .filter(Boolean);
  // A file that was sent earlier is an answer, unless it is taken away.
  const removal = block.querySelector(`[name="${block.dataset.question}_remove"]`);
  return values.length || !removal || removal.checked ? values : ["file"];
}

function isAsked(block, asked) {
  const categories = words(block.dataset.categories);
  const category = form.elements.category?.value;
  if (categories.length && category && !categories.includes(category)) return false;
  const condition = block.dataset.condition;
  if (!condition) return true;
  if (!asked.has(condition)) return false;
  const wanted = words(block.dataset.values);
  const answers = asked.get(condition);
  return wanted.length ? answers.some((one) => wanted.includes(one)) : answers.length > 0;
}

function show() {
  const asked = new Map();
  for (const block of blocks) {
    const isHere = isAsked(block, asked);
    block.hidden = !isHere;
    // What is hidden is not sent, and comes back as it was with the question.
    for (const control of block.querySelectorAll("input, select, textarea")) {
      control.disabled = !isHere || control.dataset.full === "yes";
      if (block.dataset.required && !["checkbox", "hidden"].includes(control.type)) control.required = isHere;
    }
    if (isHere) asked.set(block.dataset.question, said(block));
  }
  const part = form.querySelector("#p-questions");
  if (part) part.hidden = blocks.every((one) => one.hidden);
}

// A file that is too large is said before it is sent: the answers stay on the page.
function weigh(event) {
  const input = event.target;
  if (input.type !== "file" || !input.dataset.largest) return;
  const isTooLarge = [...input.files].some((file) => file.size > Number(input.dataset.largest));
  const note = input.closest(".question")?.querySelector(".too-large");
  if (note) note.hidden = !isTooLarge;
  if (isTooLarge) input.value = "";
}

if (blocks.length) {
  for (const note of form.querySelectorAll(".only-if")) note.hidden = true;
  form.addEventListener("change", weigh);
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  show();
}
