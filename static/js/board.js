// Ticked cases: says how many, and marks their rows. Ticks and notes survive a renewal of the board by
// hx-preserve; a renewal waits while Chinese is being composed in a note, which would be cut off.
(() => {
  const form = document.getElementById("hand-over");
  if (!form) return;
  const said = document.getElementById("hand-over-said");
  const silent = said.textContent;
  const show = () => {
    const chosen = new Set();
    for (const tick of document.querySelectorAll("input[name=row]")) {
      tick.closest("li").classList.toggle("is-selected", tick.checked);
      if (tick.checked) chosen.add(tick.value);
    }
    const number = chosen.size;
    const words = number ? said.dataset.selected.replace("{number}", number) : silent;
    if (said.textContent !== words) said.textContent = words;
  };
  document.addEventListener("change", ({ target }) => {
    if (target.name !== "row") return;
    // A case with two promises stands here twice.
    for (const twin of document.querySelectorAll(`input[name=row][value="${target.value}"]`)) twin.checked = target.checked;
    show();
  });
  document.addEventListener("htmx:afterSettle", show);
  window.addEventListener("pageshow", show);

  let composing = false;
  document.addEventListener("compositionstart", () => (composing = true));
  document.addEventListener("compositionend", () => (composing = false));
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (composing && event.detail.target.contains(document.activeElement)) event.detail.shouldSwap = false;
  });
})();
