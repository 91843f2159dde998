// Long lists of boxes to tick: how many are ticked stands beside the name, and a field narrows the list.
(() => {
  const SHORT = 12;
  for (const group of document.querySelectorAll("[data-picks]")) {
    const picks = [...group.querySelectorAll(".pick")];
    const chosen = group.querySelector("[data-chosen]");
    const find = group.querySelector("[data-find]");
    const none = group.querySelector("[data-none]");
    group.addEventListener("change", () => {
      chosen.textContent = picks.filter((pick) => pick.firstElementChild.checked).length || "";
    });
    find.hidden = picks.length <= SHORT;
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLowerCase();
      for (const pick of picks) pick.hidden = !pick.textContent.toLowerCase().includes(wanted);
      none.textContent = picks.every((pick) => pick.hidden) ? none.dataset.words : "";
    });
    // Enter would send the whole form, with half of it chosen.
    find.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }
})();
