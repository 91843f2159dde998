// A click that htmx sent and that the desk was too busy for: its answer says so above the page, whose forms stay as they
// are. What asks by itself (lists, look-ups, heartbeats) says nothing, or has a note of its own.
(() => {
  const BY_HAND = new Set(["click", "submit"]);
  document.addEventListener("htmx:responseError", ({ detail: { xhr, requestConfig } }) => {
    const event = requestConfig.triggeringEvent;
    if (xhr.status !== 503 || !event?.isTrusted || !BY_HAND.has(event.type)) return;
    const messages = document.getElementById("messages");
    messages.innerHTML = xhr.responseText;
    messages.scrollIntoView({ block: "nearest" });
  });
})();
