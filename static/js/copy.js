// Buttons with `data-copy="ID"` put that element's text on the clipboard. Without this script the text is marked whole by one tap.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  const label = button.querySelector("span") ?? button;
  const words = label.textContent;
  label.setAttribute("aria-live", "polite");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
    } catch {
      // The browser does not let us: the text is marked, so that one keystroke takes it.
      getSelection().selectAllChildren(source);
      return;
    }
    label.textContent = button.dataset.copied;
    setTimeout(() => (label.textContent = words), 2500);
  });
}
