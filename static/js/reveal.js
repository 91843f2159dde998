// A field that only matters for one choice (or a few, with spaces between) is hidden until that choice is made.
// Without script it stays in sight. Pages load it with blocking="render": what it hides is never painted first.
(() => {
  for (const part of document.querySelectorAll("[data-reveal-name]")) {
    const { revealName, revealValue } = part.dataset;
    const show = () => {
      const chosen = document.querySelector(`[name="${revealName}"]:checked`);
      part.hidden = !revealValue.split(" ").includes(chosen?.value);
    };
    document.addEventListener("change", (event) => event.target.name === revealName && show());
    show();
  }
})();
