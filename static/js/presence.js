// While somebody looks at a case, its page says so every 20 seconds, and shows who else is here and what changed.
(() => {
  const EVERY_MS = 20000;
  const form = document.getElementById("presence");
  const changed = document.getElementById("changed");
  let shown = "";

  const beat = () => {
    if (document.hidden) return;
    const text = document.querySelector("#composer [name=body]")?.value.trim();
    form.elements.writing.value = text ? "yes" : "";
    htmx.trigger(form, "beat");
  };
  form.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    // When the session has ended, the answer is the sign-in page from another address. What stands there
    // already is not put there again, or it would be read out again.
    const elsewhere =
      new URL(xhr.responseURL).pathname !== new URL(form.getAttribute("hx-post"), location.href).pathname;
    if (elsewhere || xhr.responseText === shown) event.detail.shouldSwap = false;
    else shown = xhr.responseText;
  });
  changed.addEventListener("click", (event) => {
    if (event.target.closest("[data-later]")) changed.replaceChildren();
  });
  setInterval(beat, EVERY_MS);
  document.addEventListener("visibilitychange", beat);
  document.addEventListener("DOMContentLoaded", beat);
})();
