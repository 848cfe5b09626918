// A button with data-copy copies the field of that id. Without scripts it stays hidden, and the field can be selected.
"use strict";

async function copy(field) {
  if (navigator.clipboard) return navigator.clipboard.writeText(field.value);
  // Browsers give the clipboard only to https and localhost.
  field.select();
  document.execCommand("copy");
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copy(document.getElementById(button.dataset.copy));
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
}
