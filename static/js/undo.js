// A reply that waits to be sent: counts down beside its Undo button, then shows the conversation as it is.
(() => {
  // A text that was taken back is to be seen, also below a head that stays in place.
  const back = document.querySelector("#composer [autofocus]");
  if (back) window.addEventListener("load", () => back.scrollIntoView({ block: "center" }));

  // Undo brings the text back beside what stands in the box by now, so that neither is lost.
  document.addEventListener("formdata", (event) => {
    if (event.target.id.startsWith?.("undo-"))
      event.formData.set("typed", document.querySelector("#composer [name=body]")?.value ?? "");
  });

  const toasts = [...document.querySelectorAll("[data-undo]")];
  if (!toasts.length) return;
  const said = document.getElementById("talk-said");
  const loaded = performance.now();
  const TRIES = 20;

  // Words that are put into an empty region are read out.
  const say = (words) => setTimeout(() => (said.textContent = words), 300);

  // The page as it is now: its entries, and the promises that the reply kept. Null when it cannot be had.
  const renew = async () => {
    const entries = document.getElementById("entries");
    const answer = await fetch(entries.dataset.page + location.search).catch(() => null);
    const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    const fresh = page?.getElementById("entries");
    if (!fresh) return null;
    const focused = entries.contains(document.activeElement);
    entries.replaceWith(fresh);
    document.querySelector(".promise-list")?.replaceWith(page.querySelector(".promise-list") ?? "");
    if (focused) {
      fresh.tabIndex = -1;
      fresh.focus({ preventScroll: true });
    }
    return fresh;
  };

  const finish = async (pk, tries = 0) => {
    const fresh = await renew();
    const left = fresh?.querySelector(`#waiting-${pk}`);
    const refused = left?.querySelector(".field-error");
    if (refused) say(refused.textContent.trim());
    else if (fresh && !left) say(said.dataset.sent);
    else if (tries < TRIES) setTimeout(() => finish(pk, tries + 1), 1000);
  };

  const count = () => {
    for (const toast of toasts.filter((one) => one.isConnected)) {
      const { undo, now, until } = toast.dataset;
      const seconds = Math.ceil(until - now - (performance.now() - loaded) / 1000);
      toast.querySelector("[data-seconds]").textContent = Math.max(seconds, 0);
      toast.hidden = false;
      if (seconds > 0) continue;
      toast.remove();
      setTimeout(() => finish(undo), 1000);
    }
    if (toasts.some((one) => one.isConnected)) setTimeout(count, 250);
  };
  say(toasts.at(-1).dataset.words);
  count();
})();
