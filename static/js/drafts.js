// What is typed survives a closed tab and a lost session: forms with data-draft keep what differs from the page on
// this device until the server has accepted it (a cookie says which), somebody signs out, or 14 days are over.
(() => {
  const PREFIX = "draft:";
  const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
  const PAUSE_MS = 400;
  const NEVER = new Set(["hidden", "file", "password", "submit", "button", "reset", "image", "fieldset", "output"]);
  const TICKED = new Set(["radio", "checkbox"]);
  let store;
  try {
    store = window.localStorage;
  } catch {
    return; // The browser forbids it: nothing is kept.
  }

  const read = (name) => {
    try {
      return JSON.parse(store.getItem(name));
    } catch {
      return null; // Not ours, or damaged.
    }
  };
  const names = () => Object.keys(store).filter((name) => name.startsWith(PREFIX));

  // Which values a form has, by name; `byPage` asks for those that the server gave it.
  const valuesOf = (form, byPage) => {
    const values = {};
    for (const field of form.elements) {
      if (!field.name || field.name === "template" || NEVER.has(field.type)) continue;
      const list = (values[field.name] ??= []);
      if (TICKED.has(field.type)) {
        if (byPage ? field.defaultChecked : field.checked) list.push(field.value);
      } else if (field.options) {
        const chosen = [...field.options].filter((option) => (byPage ? option.defaultSelected : option.selected));
        list.push(...(chosen.length || field.multiple ? chosen : [field.options[0]]).map((option) => option?.value));
      } else {
        list.push(byPage ? field.defaultValue : field.value);
      }
    }
    return values;
  };
  const changes = (form, page) => {
    const now = Object.entries(valuesOf(form, false));
    return Object.fromEntries(now.filter(([name, list]) => JSON.stringify(list) !== JSON.stringify(page[name])));
  };
  const put = (form, fields) => {
    for (const field of form.elements) {
      const list = fields[field.name];
      if (!list || NEVER.has(field.type)) continue;
      if (TICKED.has(field.type)) field.checked = list.includes(field.value);
      else if (field.options) for (const option of field.options) option.selected = list.includes(option.value);
      else field.value = list[0] ?? "";
      for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };

  let signingOut = false;
  const keep = (form) => {
    const name = PREFIX + form.dataset.draft;
    // A form that came back refused holds what was typed: all of it is worth keeping.
    const page = form.dataset.draftTyped === undefined ? valuesOf(form, true) : {};
    const fields = changes(form, page);
    if (signingOut) return;
    try {
      if (Object.keys(fields).length) store.setItem(name, JSON.stringify({ at: Date.now(), fields }));
      else store.removeItem(name);
    } catch {
      // The device is full: the text stands in the form, that has to do.
    }
  };

  const note = (form) => {
    const line = document.getElementById("draft-note").content.firstElementChild.cloneNode(true);
    const words = [...line.childNodes];
    line.replaceChildren();
    form.prepend(line);
    setTimeout(() => line.append(...words), 100); // Into a region that stands already: so it is read out.
    line.addEventListener("click", (event) => {
      if (!event.target.closest("button")) return;
      line.remove();
      put(form, valuesOf(form, true));
      keep(form);
      form.querySelector("textarea, input:not([type=hidden]), select")?.focus();
    });
  };

  for (const name of names()) {
    if (!(Date.now() - read(name)?.at < KEPT_MS)) store.removeItem(name);
  }
  const accepted = document.cookie.split("; ").find((cookie) => cookie.startsWith("draft_accepted="));
  if (accepted) {
    store.removeItem(PREFIX + decodeURIComponent(accepted.split("=")[1]));
    document.cookie = "draft_accepted=; Max-Age=0; Path=/; SameSite=Lax";
  }

  for (const form of document.querySelectorAll("form[data-draft]")) {
    const page = valuesOf(form, true);
    const untouched = !Object.keys(changes(form, page)).length;
    const known = read(PREFIX + form.dataset.draft)?.fields;
    const here = Object.entries(known ?? {}).filter(([name]) => name in page);
    if (form.dataset.draftTyped !== undefined) keep(form);
    else if (untouched && here.some(([name, list]) => JSON.stringify(list) !== JSON.stringify(page[name]))) {
      put(form, Object.fromEntries(here));
      note(form);
    }
    let pending;
    const soon = () => {
      clearTimeout(pending);
      pending = setTimeout(now, PAUSE_MS);
    };
    const now = () => {
      if (!pending) return;
      clearTimeout(pending);
      pending = undefined;
      keep(form);
    };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    form.addEventListener("htmx:afterSettle", soon);
    form.addEventListener("submit", () => keep(form));
    form.addEventListener("formdata", (event) => event.formData.set("draft", form.dataset.draft));
    window.addEventListener("pagehide", now);
  }
  document.addEventListener("submit", (event) => {
    if (!event.target.getAttribute("action")?.endsWith("/logout/")) return;
    signingOut = true;
    for (const name of names()) store.removeItem(name);
  });
})();
