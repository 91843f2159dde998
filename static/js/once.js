// A form is sent once: the second click on a slow line does nothing. The server refuses doubles as well.
// Back from the next page the browser may show a form as it was left, key and all: filled in anew it is another thing
// and gets a key of its own; sent again as it was it stays the same thing. (The server tells them apart as well.)
(() => {
  const before = new WeakMap();
  const OURS = new Set(["csrfmiddlewaretoken", "submission_key", "draft", "challenge", "answer"]);
  const contentOf = (form, submitter) => {
    const held = [...new FormData(form, submitter)].filter(([name, value]) => value !== "" && !OURS.has(name));
    // Empty is what a look-up adds beside an answer that was not there before; no file chosen is a file without a name,
    // as old as the moment of asking.
    return JSON.stringify(held.map(([name, value]) => [name, value.name ?? value, value.name && value.lastModified]));
  };
  const renewKey = (form, submitter) => {
    const key = form.elements.submission_key;
    if (!key) return;
    const content = contentOf(form, submitter);
    if (before.has(form) && before.get(form) !== content) {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      bytes[6] = (bytes[6] & 15) | 64;
      bytes[8] = (bytes[8] & 63) | 128;
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      key.value = hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
    }
    before.set(form, content);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    renewKey(form, event.submitter);
    form.dataset.sent = "yes";
    if (event.submitter) {
      event.submitter.dataset.busy = "yes";
      event.submitter.setAttribute("aria-disabled", "true");
    }
  });
  // Back from the next page the browser may show this one as it was left.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("[data-busy]")) {
      delete button.dataset.busy;
      button.removeAttribute("aria-disabled");
    }
  });
})();
