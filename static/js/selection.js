// Ticked rows of a list: how many there are, and that they stay ticked when the list renews itself. A row that
// leaves the page stays selected, as a hidden field of the form. Without this the form sends what is ticked.
(() => {
  const form = document.getElementById("bulk-form");
  const list = document.getElementById("queue-rows");
  const everything = form.elements.all;
  const shown = form.querySelector(".bulk-count");
  const total = form.querySelector(".bulk-all .count");
  const said = document.getElementById("bulk-said");
  const chosen = new Set();
  const boxes = () => [...list.querySelectorAll("input[name=row]")];
  let lastTouched = null;

  const show = () => {
    const here = boxes();
    for (const box of here) box.closest("tr").classList.toggle("is-selected", box.checked);
    const ticked = here.filter((box) => box.checked).length;
    const head = document.getElementById("row-all");
    if (head) {
      head.checked = ticked > 0 && ticked === here.length;
      head.indeterminate = ticked > 0 && ticked < here.length;
    }
    const count = everything.checked ? total.textContent : chosen.size;
    form.classList.toggle("is-open", everything.checked || chosen.size > 0);
    shown.textContent = form.dataset.words.replace("{count}", count);
    said.textContent = form.classList.contains("is-open") ? shown.textContent : "";
    for (const field of form.querySelectorAll("input[type=hidden][name=row]")) field.remove();
    const seen = new Set(here.map((box) => box.value));
    for (const value of chosen) {
      if (!seen.has(value))
        form.prepend(Object.assign(document.createElement("input"), { type: "hidden", name: "row", value }));
    }
  };
  const note = (box) => (box.checked ? chosen.add(box.value) : chosen.delete(box.value));
  const tick = (some, checked) => {
    for (const box of some) {
      box.checked = checked;
      note(box);
    }
  };
  // Shift and a click tick all between this box and the one before.
  const between = (box) => {
    const here = boxes();
    const [from, to] = [here.indexOf(lastTouched), here.indexOf(box)].sort((a, b) => a - b);
    return from < 0 ? [box] : here.slice(from, to + 1);
  };
  let shift = false;
  list.addEventListener("click", (event) => {
    shift = event.shiftKey;
  });
  list.addEventListener("change", ({ target }) => {
    if (target.id === "row-all") tick(boxes(), target.checked);
    else if (target.name === "row") {
      tick(shift ? between(target) : [target], target.checked);
      lastTouched = target;
    } else return;
    if (!target.checked) everything.checked = false;
    show();
  });
  everything.addEventListener("change", () => {
    if (everything.checked) tick(boxes(), true);
    show();
  });
  // The browser unticks the boxes after the event.
  form.addEventListener("reset", () => {
    setTimeout(() => {
      chosen.clear();
      tick(boxes(), false);
      show();
      list.querySelector("input[name=row]")?.focus({ preventScroll: true });
    });
  });
  list.addEventListener("htmx:afterSwap", () => {
    total.textContent = list.querySelector("table")?.dataset.total ?? "0";
    tick(
      boxes().filter((box) => everything.checked || chosen.has(box.value)),
      true,
    );
    show();
  });
  // Coming back, the browser may have ticked again what was ticked.
  window.addEventListener("pageshow", () => {
    boxes().forEach(note);
    show();
  });
  form.classList.add("is-ready");
  boxes().forEach(note);
  show();
})();
