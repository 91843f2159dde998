// Below a fact that is changed stands what it was and what follows from it; the button says how many there are.
// Without script what follows stands there from the start.
(() => {
  for (const form of document.querySelectorAll("[data-facts]")) {
    const save = form.querySelector("[data-save]");
    const plain = save.textContent;
    const facts = [...form.querySelectorAll("[data-fact]")].filter((fact) => fact.querySelector("[data-was]"));
    const inputs = (fact) => fact.querySelectorAll("input[name], select[name]");
    const stands = (fact) =>
      [...inputs(fact)]
        .filter((each) => !["checkbox", "radio"].includes(each.type) || each.checked)
        .map((each) => each.value)
        .sort()
        .join("\n");
    // What the server says was changed (the page came back) is compared with nothing typed here.
    const first = new Map(facts.map((fact) => [fact, fact.classList.contains("is-changed") ? null : stands(fact)]));
    const show = () => {
      let count = 0;
      for (const fact of facts) {
        const changed = first.get(fact) !== stands(fact);
        count += changed;
        fact.classList.toggle("is-changed", changed);
        for (const part of fact.querySelectorAll("[data-was], [data-follows]")) part.hidden = !changed;
      }
      save.textContent =
        count === 0 ? plain : count === 1 ? save.dataset.one : save.dataset.many.replace("{count}", count);
    };
    form.addEventListener("input", show);
    form.addEventListener("change", show);
    // A draft that is put back fires no event of its own.
    window.addEventListener("pageshow", show);
    show();
  }
})();
