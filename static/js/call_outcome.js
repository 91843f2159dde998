// Spells out what a call will be recorded as, while the answers are tapped. The rule is the server's
// (Feedback.is_satisfied); without script the sentence names the rule itself.
(() => {
  const form = document.querySelector("form[data-call]");
  if (!form) return;
  const words = form.querySelector("[data-outcome]");
  const rule = words.textContent;
  form.addEventListener("change", () => {
    const solved = form.elements.solved.value;
    const rating = form.elements.rating.value;
    if (!solved) words.textContent = rule;
    else
      words.textContent =
        solved === "yes" && (!rating || Number(rating) >= 3) ? words.dataset.satisfied : words.dataset.unsatisfied;
  });
})();
