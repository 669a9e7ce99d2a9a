// Buttons with `data-copy="ID"` put that element's text on the clipboard. Without this script the text is marked whole by one tap.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  const label = button.querySelector("span") ?? button;
  const words = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent.trim());
    label.textContent = button.dataset.copied;
    label.setAttribute("role", "status");
    setTimeout(() => {
      label.removeAttribute("role");
      label.textContent = words;
    }, 2500);
  });
}
