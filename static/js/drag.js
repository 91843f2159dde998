// A case, or all that are ticked, can be dragged onto a handler: the same as ticking and pressing the button,
// with the handler filled in on the next page.
(() => {
  const form = document.getElementById("hand-over");
  if (!form) return;
  const said = document.getElementById("hand-over-said");
  let dragged = null;

  const makeDraggable = () => {
    for (const row of document.querySelectorAll("[data-row]")) row.draggable = true;
  };
  makeDraggable();
  document.addEventListener("htmx:afterSettle", makeDraggable);
  // The row that is held must not be taken away.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (dragged) event.detail.shouldSwap = false;
  });

  const over = (target) => {
    for (const place of document.querySelectorAll("[data-assignee]")) {
      place.classList.toggle("is-over", place === target);
    }
  };
  const placeOf = (event) => (dragged ? event.target.closest?.("[data-assignee]") : null);

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-row]") ?? null;
    if (!dragged) return;
    const tick = dragged.querySelector("input[name=row]");
    if (!tick.checked) {
      for (const other of document.querySelectorAll("input[name=row]")) other.checked = other === tick;
      tick.dispatchEvent(new Event("change", { bubbles: true }));
    }
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", tick.value);
    document.body.classList.add("is-dragging");
    const number = new Set([...document.querySelectorAll("input[name=row]:checked")].map((box) => box.value)).size;
    said.textContent = said.dataset.dropping.replace("{number}", number);
  });
  document.addEventListener("dragover", (event) => {
    const place = placeOf(event);
    over(place);
    if (place) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const place = placeOf(event);
    if (!place) return;
    event.preventDefault();
    form.elements.handler.value = place.dataset.assignee;
    form.requestSubmit(form.querySelector(`[name=action][value=${dragged.dataset.row}]`));
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    over(null);
    document.body.classList.remove("is-dragging");
  });
  // Back from the next page nobody is chosen any more.
  window.addEventListener("pageshow", () => (form.elements.handler.value = ""));
})();
