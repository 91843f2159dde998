// The dialog of the keys: it lists those that work on this page, and switches the single ones off and on. The choice
// stays on this device.
(() => {
  const dialog = document.getElementById("keys-help");
  if (!dialog) return;
  const on = dialog.querySelector("#keys-on");
  const NAME = "desk-keys";

  // A browser may refuse to keep anything; then the keys work until they are switched off again.
  const kept = () => {
    try {
      return localStorage.getItem(NAME);
    } catch {
      return null;
    }
  };
  on.checked = kept() !== "off";
  on.addEventListener("change", () => {
    try {
      localStorage.setItem(NAME, on.checked ? "on" : "off");
    } catch {
      // Then it holds for this page alone.
    }
  });

  if (/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const key of document.querySelectorAll("kbd[data-mac]")) key.textContent = key.dataset.mac;
  }

  const open = () => {
    if (dialog.open || document.querySelector("dialog:modal")) return;
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    for (const row of dialog.querySelectorAll("[data-target]"))
      row.hidden = !document.querySelector(row.dataset.target);
    for (const part of dialog.querySelectorAll("section")) part.hidden = !part.querySelector("dl > div:not([hidden])");
    dialog.showModal();
  };

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  dialog.addEventListener("desk:open", open);
  for (const button of document.querySelectorAll("[data-opens=keys-help]")) {
    button.hidden = false;
    button.addEventListener("click", open);
  }
})();
