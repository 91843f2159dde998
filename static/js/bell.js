// The bell asks every half minute, while somebody can see it, how much is unseen; its panel is read when it opens.
// Without script it leads to the page with everything.
(() => {
  const bell = document.getElementById("bell");
  if (!bell) return;
  const count = document.getElementById("bell-count");
  const panel = document.getElementById("bell-panel");
  const KNOWN = "bell-unseen";
  const renew = () => {
    if (!document.hidden) htmx.trigger(count, "renew");
  };
  setInterval(renew, bell.dataset.renewSeconds * 1000);
  document.addEventListener("visibilitychange", renew);
  bell.addEventListener("toggle", () => bell.open && htmx.trigger(panel, "opened"));
  bell.addEventListener("htmx:beforeSwap", (event) => {
    // When the session has ended, the answer is the sign-in page from another address.
    const { pathname } = new URL(event.detail.xhr.responseURL);
    if (!pathname.startsWith(bell.dataset.address)) event.detail.shouldSwap = false;
  });
  bell.addEventListener("htmx:afterSettle", (event) => {
    // Only more than before is news, also from one page to the next.
    const words = count.querySelector("[data-unseen]");
    if (!words) return;
    const unseen = Number(words.dataset.unseen);
    const before = sessionStorage.getItem(KNOWN);
    if (before !== null && unseen > Number(before)) {
      document.getElementById("bell-said").textContent = words.textContent;
    }
    sessionStorage.setItem(KNOWN, unseen);
    // The button that was pressed is gone with the old panel.
    if (event.detail.target === panel && document.activeElement === document.body)
      panel.querySelector("[tabindex]")?.focus();
  });
})();
