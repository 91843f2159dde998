// Single keys for what stands on the page anyway. Which there are, and what each acts on, say the lines of the help
// dialog (templates/components/_keys_help.html). They never act while somebody types.
(() => {
  const help = document.getElementById("keys-help");
  if (!help) return;
  const lines = [...help.querySelectorAll("[data-keys]")];
  const on = help.querySelector("#keys-on");
  // How long the second key of a pair is waited for, in milliseconds.
  const PATIENCE = 1200;
  const NO_TEXT = ["checkbox", "radio", "button", "submit", "reset", "file"];
  let begun = "";
  let timer = 0;
  // Where the person was in the list, for when its row is gone.
  let place = -1;

  const takesText = (element) =>
    element.isContentEditable ||
    element.matches("textarea, select, audio, video") ||
    (element.matches("input") && !NO_TEXT.includes(element.type));

  // A field in a closed menu counts as there when its menu is.
  const isShown = (element) => (element.closest("details.menu") ?? element).getClientRects().length > 0;
  const targetsOf = (line) => [...document.querySelectorAll(line.dataset.target)];

  const move = (links, by) => {
    const here = links.indexOf(document.activeElement?.closest(".case-row")?.querySelector(".q-subject a"));
    if (here >= 0) place = here + by;
    else if (place < 0) place = 0;
    place = Math.max(0, Math.min(links.length - 1, place));
    links[place].focus();
    links[place].closest(".case-row").scrollIntoView({ block: "nearest" });
  };

  // Does what the line says; false where its target is not on the page.
  const perform = (line) => {
    const { href, step } = line.dataset;
    if (href) {
      location.assign(href);
      return true;
    }
    const targets = targetsOf(line);
    if ("tick" in line.dataset) {
      const box = targets.find((target) => target.closest(".case-row").contains(document.activeElement));
      box?.click();
      return Boolean(box);
    }
    if (!targets.length) return false;
    if (step) move(targets, Number(step));
    else act(targets.find(isShown) ?? targets[0]);
    return true;
  };

  const act = (target) => {
    if (target === help) {
      help.dispatchEvent(new CustomEvent("desk:open"));
      return;
    }
    const menu = target.closest("details.menu");
    if (menu) menu.open = true;
    if (target.type !== "radio") {
      target.focus();
      target.select();
      return;
    }
    // Who reads it is chosen; the text is what is written next.
    target.click();
    target.form.elements.body.focus();
  };

  document.addEventListener("keydown", (event) => {
    // 229: the key belongs to an input method. A name longer than one sign is no character.
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || event.key.length > 1) return;
    if (event.ctrlKey || event.altKey || event.metaKey || !on.checked) return;
    if (takesText(event.target) || document.querySelector("dialog:modal")) return;
    const typed = begun ? `${begun} ${event.key}` : event.key;
    begun = "";
    clearTimeout(timer);
    const line = lines.find((one) => one.dataset.keys === typed);
    if (line) {
      if (perform(line)) event.preventDefault();
    } else if (lines.some((one) => one.dataset.keys.startsWith(`${typed} `))) {
      begun = typed;
      timer = setTimeout(() => (begun = ""), PATIENCE);
    }
  });
  // The command palette asks for what a key does here.
  document.addEventListener("desk:key", (event) => {
    const line = lines.find((one) => one.dataset.keys === event.detail);
    if (line && perform(line)) event.preventDefault();
  });
})();
