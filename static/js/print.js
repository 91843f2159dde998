// The button that opens the browser's print dialog; without script it stays hidden, and the browser's own menu prints.
(() => {
  const button = document.querySelector("[data-print]");
  button.hidden = false;
  button.addEventListener("click", () => window.print());
})();
