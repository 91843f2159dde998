// A voice note, recorded on the page where the browser can, at most three minutes; it is added like a chosen file.
// Loaded by uploads.js when somebody wants to record.
(() => {
  const part = document.querySelector("[data-voice]");
  if (!part) return;
  const MOST_S = 180;
  const KINDS = { "audio/mp4": "m4a", "audio/ogg": "ogg", "audio/webm": "webm" };
  const kind = Object.keys(KINDS).find((each) => MediaRecorder.isTypeSupported(each));
  if (!kind) {
    part.hidden = true;
    return;
  }
  const [record, live, time, stop, cancel, refused] = [
    "record",
    "live",
    "time",
    "stop",
    "cancel",
    "no-microphone",
  ].map((name) => part.querySelector(`[data-${name}]`));
  const name = part.closest("[data-uploads]").querySelector("[data-words]").dataset.voiceName;
  let recorder;
  let wanted;
  let ticking;
  let count = 0;

  const show = (isLive) => {
    record.hidden = isLive;
    live.hidden = stop.hidden = cancel.hidden = !isLive;
    part.classList.toggle("is-live", isLive);
    (isLive ? stop : record).focus();
  };
  const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const finish = (isWanted) => {
    wanted = isWanted;
    if (recorder.state !== "inactive") recorder.stop();
  };
  record.addEventListener("click", async () => {
    refused.hidden = true;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      refused.hidden = false;
      return;
    }
    const pieces = [];
    const began = Date.now();
    recorder = new MediaRecorder(stream, { mimeType: kind });
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    recorder.addEventListener("stop", () => {
      clearInterval(ticking);
      for (const track of stream.getTracks()) track.stop();
      show(false);
      if (!wanted) return;
      count += 1;
      const file = new File(pieces, `${name} ${count}.${KINDS[kind]}`, { type: kind });
      part.dispatchEvent(new CustomEvent("recorded", { bubbles: true, detail: file }));
    });
    recorder.start();
    wanted = true; // A line that drops the microphone ends it, and keeps what was said.
    const tick = () => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      time.textContent = `${minutes(seconds)} / ${minutes(MOST_S)}`;
      if (seconds >= MOST_S) finish(true);
    };
    tick();
    ticking = setInterval(tick, 500);
    show(true);
  });
  stop.addEventListener("click", () => finish(true));
  cancel.addEventListener("click", () => finish(false));
})();
