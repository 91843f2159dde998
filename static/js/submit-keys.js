// Ctrl+Enter (Cmd+Enter) sends the form that the cursor is in.
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest("form[data-submit-keys]");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });
})();
