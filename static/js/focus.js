// After a refused form the list of what to put right takes the focus, so that it is read out first.
(() => {
  const focusSummary = (root) => root.querySelector(".error-summary")?.focus();
  focusSummary(document);
  document.addEventListener("htmx:afterSwap", (event) => focusSummary(event.detail.target));
})();
