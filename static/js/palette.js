// The command palette: a combobox over what can be opened or done from here, and the complaints found by what is typed.
// Nothing is only here: without script its menu items stay hidden, and every page is in the menus.
(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const input = dialog.querySelector("[role=combobox]");
  const list = dialog.querySelector("[role=listbox]");
  const status = dialog.querySelector("[role=status]");
  const [commands, found] = list.children;
  const PAUSE = 150;
  const PAGE = 6;
  let active = null;
  // Whether the person chose a line by the arrows; until then the first one is the active one.
  let moved = false;
  // Enter was pressed while an answer was still awaited.
  let entered = false;
  let timer = 0;
  const asking = new Map();
  let unreachable = false;

  const shown = () => [...list.querySelectorAll("[role=option]:not([hidden])")];

  const activate = (option) => {
    active?.removeAttribute("aria-selected");
    active = option ?? null;
    if (!active) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    active.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({ block: "nearest" });
  };

  const tell = (options) => {
    const problem = found.querySelector("[data-problem]")?.dataset.problem;
    if (unreachable) status.textContent = status.dataset.failed;
    else if (options.length) status.textContent = status.dataset.said.replace("#", options.length);
    else if (!asking.size) status.textContent = problem ?? status.dataset.nothing;
  };

  const arrange = () => {
    const terms = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const option of commands.querySelectorAll("[role=option]")) {
      const text = `${option.firstElementChild.textContent} ${option.dataset.words ?? ""}`.toLowerCase();
      option.hidden = !terms.every((term) => text.includes(term));
    }
    for (const group of commands.children) group.hidden = !group.querySelector("[role=option]:not([hidden])");
    const options = shown();
    for (const [number, option] of options.entries()) option.id = `palette-option-${number}`;
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    activate(moved && options.includes(active) ? active : options[0]);
    tell(options);
  };

  const fetchInto = async (part, query) => {
    asking.get(part)?.abort();
    const request = new AbortController();
    asking.set(part, request);
    let html = "";
    try {
      const answer = await fetch(`${dialog.dataset.source}?${new URLSearchParams(query)}`, { signal: request.signal });
      // When the session has ended, the answer is the sign-in page from another address.
      unreachable = !answer.ok || answer.redirected;
      if (!unreachable) html = await answer.text();
    } catch {
      if (request.signal.aborted) return;
      unreachable = true;
    }
    if (asking.get(part) !== request) return;
    asking.delete(part);
    part.innerHTML = html;
    arrange();
    if (entered) enter();
  };

  // The first line that fits is taken; where none does, and none is awaited any more, the queue is searched.
  const enter = () => {
    entered = !active && asking.size > 0;
    if (active) active.click();
    else if (!entered && input.value.trim()) input.form.requestSubmit();
  };

  const search = () => {
    moved = entered = false;
    clearTimeout(timer);
    asking.get(found)?.abort();
    asking.delete(found);
    found.replaceChildren();
    const typed = input.value.trim();
    if (typed) {
      // Awaited from now on, asked when the typing pauses.
      asking.set(found, new AbortController());
      timer = setTimeout(fetchInto, PAUSE, found, { q: typed });
    }
    arrange();
  };

  const open = () => {
    if (dialog.open || document.querySelector("dialog:modal")) return;
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    input.value = "";
    found.replaceChildren();
    status.textContent = "";
    unreachable = moved = entered = false;
    dialog.showModal();
    arrange();
    fetchInto(commands, { case: dialog.dataset.case });
  };

  const step = (by) => {
    const options = shown();
    if (!options.length) return;
    moved = true;
    const place = options.indexOf(active) + by;
    const last = options.length - 1;
    // One further than the end comes round; a page stops there.
    if (Math.abs(by) > 1) activate(options[Math.max(0, Math.min(last, place))]);
    else activate(options[(place + options.length) % options.length]);
  };
  const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE };

  input.addEventListener("keydown", (event) => {
    // 229: the key belongs to an input method that is still composing.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key in STEPS) {
      event.preventDefault();
      step(STEPS[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      enter();
    }
  });
  input.addEventListener("input", (event) => event.isComposing || search());
  input.addEventListener("compositionend", search);

  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { run } = option.dataset;
    const here = option.href && new URL(option.href).pathname === location.pathname && new URL(option.href).hash;
    if (!run && !here) return;
    dialog.close();
    // What this page does for a key, it does for the line that says the same; another page is opened.
    if (run && !document.dispatchEvent(new CustomEvent("desk:key", { detail: run, cancelable: true })))
      event.preventDefault();
    else if (here)
      document.querySelector(here)?.querySelector("input:not([type=hidden]), textarea, select, button")?.focus();
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  // Back from another page the browser may show this one as it was left.
  window.addEventListener("pagehide", () => dialog.close());
  for (const button of document.querySelectorAll("[data-opens=palette]")) {
    button.hidden = false;
    button.addEventListener("click", open);
  }
})();
