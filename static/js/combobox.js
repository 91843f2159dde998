// A long select is searched by typing: a combobox stands before it and sets it. The select stays in the form, keeps its
// id and its events, and is all there is without a script.
(() => {
  const SHORT = 12;
  const words = document.currentScript.dataset;
  let number = 0;

  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const make = (tag, attributes) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const groupOf = (option) => (option.parentElement.tagName === "OPTGROUP" ? option.parentElement.label : "");
  // A chosen line stands alone, so it says its group too.
  const nameOf = (option) => {
    const [group, text] = [groupOf(option).trim(), option.text.trim()];
    return !group || text.startsWith(group) ? text : `${group} / ${text}`;
  };

  const enhance = (select) => {
    const id = `combo-${(number += 1)}`;
    const box = make("span", { class: select.classList.contains("w-auto") ? "combo combo--auto" : "combo" });
    const input = make("input", {
      type: "text",
      role: "combobox",
      class: `${select.className.replace("w-auto", "")} form-control`,
      autocomplete: "off",
      spellcheck: "false",
      autocapitalize: "none",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": id,
    });
    const list = make("div", { class: "combo-list", role: "listbox", id, hidden: "", "data-none": "" });
    const status = make("span", { class: "visually-hidden", role: "status" });
    const label = select.labels[0];
    if (label) {
      label.id ||= `${id}-label`;
      input.setAttribute("aria-labelledby", label.id);
      list.setAttribute("aria-labelledby", label.id);
    } else {
      for (const element of [input, list]) element.setAttribute("aria-label", select.getAttribute("aria-label") ?? "");
    }
    for (const name of ["aria-describedby", "aria-invalid", "aria-required"]) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    }
    box.append(input, list, status);
    select.before(box);
    select.classList.add("combo-select");
    select.tabIndex = -1;
    select.setAttribute("aria-hidden", "true");

    let active = null;
    const shown = () => [...list.querySelectorAll("[role=option]:not([hidden])")];
    const show = () => {
      const option = select.selectedOptions[0];
      input.value = option ? nameOf(option) : "";
    };
    const activate = (line) => {
      active?.setAttribute("aria-selected", "false");
      active = line ?? null;
      if (!active) return input.removeAttribute("aria-activedescendant");
      active.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", active.id);
      active.scrollIntoView({ block: "nearest" });
    };
    const close = () => {
      list.hidden = true;
      list.replaceChildren();
      status.textContent = "";
      input.setAttribute("aria-expanded", "false");
      activate(null);
    };
    const fill = () => {
      const groups = new Map();
      for (const [place, option] of [...select.options].entries()) {
        if (option.disabled || option.hidden) continue;
        const name = groupOf(option);
        if (!groups.has(name)) {
          const group = make(
            "div",
            name ? { role: "group", "aria-labelledby": `${id}-${place}-group` } : { role: "presentation" },
          );
          if (name)
            group.append(make("div", { class: "combo-group", role: "presentation", id: `${id}-${place}-group` }));
          if (name) group.firstElementChild.textContent = name;
          list.append(group);
          groups.set(name, group);
        }
        const line = make("div", {
          class: "combo-option",
          role: "option",
          id: `${id}-${place}`,
          "aria-selected": "false",
        });
        line.textContent = option.text;
        line.dataset.place = place;
        groups.get(name).append(line);
      }
    };
    const open = () => {
      if (list.hidden) fill();
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      list.classList.toggle("combo-list--up", input.getBoundingClientRect().bottom + list.offsetHeight > innerHeight);
      activate(shown().find((line) => select.options[line.dataset.place].selected));
    };
    const narrow = () => {
      open();
      const terms = plain(input.value)
        .split(/[\s/]+/)
        .filter(Boolean);
      for (const line of list.querySelectorAll("[role=option]")) {
        const text = plain(nameOf(select.options[line.dataset.place]));
        line.hidden = !terms.every((term) => text.includes(term));
      }
      for (const group of list.children) group.hidden = !group.querySelector("[role=option]:not([hidden])");
      const lines = shown();
      list.dataset.none = lines.length ? "" : words.none;
      status.textContent = lines.length ? words.said.replace("#", lines.length) : words.none;
      activate(terms.length ? lines[0] : null);
    };
    const choose = (line) => {
      const option = select.options[line.dataset.place];
      const changed = !option.selected;
      option.selected = true;
      close();
      show();
      if (!changed) return;
      for (const type of ["input", "change"]) select.dispatchEvent(new Event(type, { bubbles: true }));
    };
    const step = (by) => {
      if (list.hidden) return open();
      const lines = shown();
      const at = lines.indexOf(active);
      activate(lines[at < 0 ? (by > 0 ? 0 : lines.length - 1) : Math.min(Math.max(at + by, 0), lines.length - 1)]);
    };

    input.addEventListener("input", (event) => {
      event.stopPropagation(); // Nothing is chosen yet: the form has not changed.
      narrow();
    });
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("focus", () => input.select());
    input.addEventListener("click", () => list.hidden && open());
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
      if (moves[event.key]) {
        event.preventDefault();
        step(moves[event.key]);
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        if (active) choose(active);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        close();
        show();
      } else if (event.key === "Tab" && active) {
        choose(active);
      }
    });
    input.addEventListener("blur", () => {
      // An emptied field means the empty choice, where there is one.
      const empty = [...select.options].findIndex((option) => option.value === "");
      if (!list.hidden && !input.value.trim() && empty >= 0) choose({ dataset: { place: empty } });
      close();
      show();
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const line = event.target.closest("[role=option]");
      if (line) choose(line);
    });
    select.addEventListener("change", show);
    // Its label and the links of an error summary lead to the select.
    select.addEventListener("focus", () => input.focus());
    select.form?.addEventListener("reset", () => setTimeout(show));
    show();
  };

  const enhanceAll = () => {
    for (const select of document.querySelectorAll("select:not([multiple], [size], [hx-preserve])")) {
      const done = select.previousElementSibling?.classList.contains("combo");
      if (!done && select.options.length > SHORT && !select.closest(".empty-form")) enhance(select);
    }
  };
  enhanceAll();
  document.addEventListener("htmx:afterSettle", enhanceAll);
  document.addEventListener("formset:added", enhanceAll); // A line more in the administration.
})();
