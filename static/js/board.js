// Ticked cases: says how many, and marks their rows. Ticks and notes survive a renewal of the board by
// hx-preserve. A row with a field in focus is left alone as a whole, also when its case went on meanwhile;
// a renewal waits while Chinese is being composed in it, which would be cut off.
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
    form.classList.toggle("is-chosen", number > 0);
    const words = number ? said.dataset.selected.replace("{number}", number) : silent;
    if (said.textContent !== words) said.textContent = words;
  };
  document.addEventListener("change", ({ target }) => {
    if (target.name !== "row") return;
    // A case with two promises stands here twice.
    for (const twin of document.querySelectorAll(`input[name=row][value="${target.value}"]`))
      twin.checked = target.checked;
    show();
  });
  document.addEventListener("htmx:afterSettle", show);
  window.addEventListener("pageshow", show);

  const inUse = () => {
    const field = document.activeElement;
    return field?.matches("input:not([type=checkbox]), select, textarea") ? field.closest("#board-lists li") : null;
  };
  let composing = false;
  document.addEventListener("compositionstart", () => (composing = true));
  document.addEventListener("compositionend", () => (composing = false));
  document.addEventListener("htmx:beforeSwap", (event) => {
    const row = inUse();
    if (event.detail.target.id !== "board-lists" || !row) return;
    if (composing) {
      event.detail.shouldSwap = false;
      return;
    }
    const answer = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
    let twin = answer.getElementById(row.id);
    const list = answer.getElementById(row.parentElement.id);
    if (!twin && list) {
      twin = answer.createElement("li");
      twin.id = row.id;
      list.prepend(twin);
    }
    // htmx keeps what stands on the page in the place of what is marked so in the answer; fields inside are
    // marked as well and would be taken out of the row, so the twin is empty.
    twin?.replaceChildren();
    twin?.setAttribute("hx-preserve", "true");
    event.detail.serverResponse = answer.body.innerHTML;
  });
})();
