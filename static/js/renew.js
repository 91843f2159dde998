// A list renews itself every few seconds while somebody can see it. When that fails the old rows stay,
// and the note beside them says since when they are old.
(() => {
  const list = document.querySelector("[data-renew-seconds][data-stale-note]");
  if (!list) return;
  const stale = document.getElementById(list.dataset.staleNote);
  const sayStale = () => {
    stale.firstElementChild.hidden = false;
  };
  const renew = () => {
    if (!document.hidden) htmx.trigger(list, "renew");
  };
  setInterval(renew, list.dataset.renewSeconds * 1000);
  document.addEventListener("visibilitychange", renew);
  list.addEventListener("htmx:beforeSwap", (event) => {
    // When the session has ended, the answer is the sign-in page from another address.
    const { pathname } = new URL(event.detail.xhr.responseURL);
    if (pathname === location.pathname) return;
    event.detail.shouldSwap = false;
    sayStale();
  });
  for (const failed of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    list.addEventListener(failed, sayStale);
  }
})();
