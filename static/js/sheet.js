// The filter sheet is a <details> in the page. With script it opens as a dialog above it: the page behind rests,
// Escape and a tap beside it close it, and the focus goes back to where it was.
(() => {
  for (const sheet of document.querySelectorAll("details[data-sheet]")) {
    const dialog = sheet.querySelector("dialog");
    const summary = sheet.querySelector("summary");
    const closer = dialog.querySelector("[data-close]");
    dialog.removeAttribute("open");
    sheet.classList.add("is-modal");
    closer.hidden = false;
    summary.setAttribute("aria-haspopup", "dialog");
    summary.addEventListener("click", (event) => {
      event.preventDefault();
      sheet.open = true;
      dialog.showModal();
    });
    closer.addEventListener("click", () => dialog.close());
    dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      sheet.open = false;
      summary.focus();
    });
    // What was left empty does not lengthen the address.
    dialog.querySelector("form").addEventListener("formdata", ({ formData }) => {
      // oxlint-disable-next-line unicorn/no-useless-spread -- a copy, because lines are taken out meanwhile
      for (const [name, value] of [...formData]) if (!value) formData.delete(name);
    });
  }
})();
