// What is looked up while somebody types. When the session has ended, the answer is the sign-in page from another
// address: it is not shown in the middle of a form, which keeps what was typed.
(() => {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.matches("[data-lookup]")) return;
    const asked = new URL(elt.getAttribute("hx-post"), location.href);
    if (new URL(xhr.responseURL).pathname !== asked.pathname) event.detail.shouldSwap = false;
  });
  // On a phone the answer may lie behind the bar at the bottom: it is moved into sight, next to the field it is about.
  const show = (part) => {
    if (part.getAttribute("role") !== "status" || !part.offsetHeight || part.offsetHeight > innerHeight / 2) return;
    const field = document.activeElement;
    const isBelow = field.compareDocumentPosition(part) & Node.DOCUMENT_POSITION_FOLLOWING;
    if (isBelow && field.closest("fieldset") === part.closest("fieldset")) part.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("htmx:afterSettle", (event) => show(event.target));
  document.addEventListener("htmx:oobAfterSwap", (event) => show(event.target));
})();
