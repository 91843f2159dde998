// Files of the customer's form are uploaded one by one as soon as they are chosen; each has its own state, and after a
// dropped line only it is sent again. The form waits for those on their way. Without script they go with the form.
(() => {
  const part = document.querySelector("[data-uploads]");
  if (!part) return;
  const form = part.closest("form");
  const input = part.querySelector("input[type=file]");
  const rows = part.querySelector("[data-rows]");
  const words = part.querySelector("[data-words]").dataset;
  const [problem, said] = [part.querySelector("[data-problem]"), part.querySelector("[data-said]")];
  const waiting = [];
  let sending = null;
  let submitter = null; // The form was sent while files were on their way.
  let warned = false;

  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  };
  const post = (fields) => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.set("form_key", form.elements.form_key.value);
    for (const [name, value] of Object.entries(fields)) data.set(name, value);
    const request = new XMLHttpRequest();
    request.open("POST", part.dataset.uploads);
    request.responseType = "json";
    setTimeout(() => request.send(data), 0); // After the caller listens.
    return request;
  };
  const say = (row, state, text, name) => {
    row.className = state;
    row.querySelector("[data-state]").textContent = text;
    row.querySelector("progress").hidden = state !== "is-sending";
    if (name) said.textContent = `${name}: ${text}`; // Read out politely, and not every per cent.
  };
  const complain = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };

  const next = () => {
    sending = waiting.shift() ?? null;
    if (sending) send(sending);
    else if (submitter !== null) goOn();
  };
  const goOn = () => {
    const button = submitter;
    submitter = null;
    complain("");
    if (rows.querySelector(".is-failed") && button?.name !== "now") warn();
    else form.requestSubmit(button || undefined);
  };
  const warn = () => {
    warned = true;
    complain(words.failed);
    rows.querySelector("[data-again]:not([hidden]), [data-remove]")?.focus();
  };
  const send = (file) => {
    const { row, key } = file;
    const [bar, again] = [row.querySelector("progress"), row.querySelector("[data-again]")];
    again.hidden = true;
    bar.value = 0;
    say(row, "is-sending", words.sending);
    const request = post({ file_key: key, file: file.file });
    file.request = request;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
    });
    const fail = (text, mayAgain) => {
      again.hidden = !mayAgain;
      say(row, "is-failed", text, file.file.name);
      next();
    };
    request.addEventListener("error", () => fail(words.broken, true));
    request.addEventListener("abort", next);
    request.addEventListener("load", () => {
      if (request.status === 200) {
        say(row, "is-done", words.arrived, file.file.name);
        next();
      } else fail(request.response?.error ?? words.broken, !request.response?.error || request.status >= 429);
    });
  };
  const queue = (file) => {
    warned = false;
    say(file.row, "", words.sending);
    waiting.push(file);
    if (!sending) next();
  };
  const remove = (file) => {
    file.row.remove();
    rows.hidden = !rows.children.length;
    const place = waiting.indexOf(file);
    if (place >= 0) waiting.splice(place, 1);
    else if (sending === file) file.request.abort();
    post({ file_key: file.key, remove: "1" });
    input.focus();
  };
  const add = (file) => {
    complain("");
    if (rows.children.length >= Number(part.dataset.mostFiles)) {
      complain(words.tooMany);
      return;
    }
    const row = part.querySelector("template[data-row]").content.firstElementChild.cloneNode(true);
    const held = { file, row, key: newKey() };
    row.querySelector(".name").textContent = file.name;
    const button = row.querySelector("[data-remove]");
    button.setAttribute("aria-label", words.remove.replace("{name}", file.name));
    button.addEventListener("click", () => remove(held));
    row.querySelector("[data-again]").addEventListener("click", () => queue(held));
    rows.append(row);
    rows.hidden = false;
    if (file.size > Number(part.dataset.mostBytes)) say(row, "is-failed", words.tooLarge, file.name);
    else queue(held);
  };

  // What is not needed for the first look at the page is loaded when it is: the page stays light.
  const load = (address, then) => {
    const script = document.createElement("script");
    script.src = address;
    if (then) script.addEventListener("load", then);
    document.head.append(script);
  };
  const work = () => {
    for (const event of ["focusin", "input"]) form.removeEventListener(event, work);
    load(form.dataset.proof);
  };
  for (const event of ["focusin", "input"]) form.addEventListener(event, work);
  const voice = part.querySelector("[data-voice]");
  const record = voice.querySelector("[data-record]");
  voice.hidden = !navigator.mediaDevices?.getUserMedia || !window.MediaRecorder;
  record.addEventListener("click", () => load(voice.dataset.voice, () => record.click()), { once: true });

  input.addEventListener("change", () => {
    const chosen = [...input.files];
    input.value = ""; // They go by themselves, not with the form.
    chosen.forEach(add);
  });
  part.addEventListener("recorded", (event) => add(event.detail));
  form.addEventListener("submit", (event) => {
    const isUrgent = event.submitter?.name === "now";
    if (sending && !isUrgent) {
      event.preventDefault();
      submitter = event.submitter;
      complain(words.wait);
    } else if (rows.querySelector(".is-failed") && !warned && !isUrgent) {
      event.preventDefault();
      warn();
    }
  });
})();
