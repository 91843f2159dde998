// Names the holes of a template that still stand in a reply; a press on one selects it in the text.
(() => {
  const renew = (field) => {
    const line = document.querySelector(`[data-holes-of="${field.id}"]`);
    if (!line) return;
    const open = JSON.parse(field.dataset.holes || "[]").filter((hole) => field.value.includes(hole));
    line.hidden = !open.length;
    line.querySelectorAll(".hole").forEach((old) => old.remove());
    for (const hole of open) {
      const button = Object.assign(document.createElement("button"), {
        type: "button",
        className: "hole",
        textContent: hole,
      });
      button.addEventListener("click", () => {
        const start = field.value.indexOf(hole);
        field.focus();
        if (start >= 0) field.setSelectionRange(start, start + hole.length);
      });
      line.append(button);
    }
  };
  const all = () => document.querySelectorAll("textarea[data-holes]").forEach(renew);
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-holes]")) renew(event.target);
  });
  document.addEventListener("htmx:afterSettle", all);
  all();
})();
