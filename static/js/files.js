// Files chosen in several goes (the camera gives one at a time) are kept together in one input, shown with a small
// picture, and can be taken out again. What is too large is said before it is sent. Without script the inputs
// send what they hold.
(() => {
  const part = document.querySelector("[data-files]");
  if (!part) return;
  const all = part.querySelector("input[data-most-bytes]");
  const list = part.querySelector("[data-chosen]");
  const leftOut = part.querySelector("[data-left-out]");
  const copy = (name) => part.querySelector(`template[${name}]`).content.firstElementChild.cloneNode(true);
  const size = (bytes) => {
    const [number, unit] = bytes < 1e6 ? [Math.ceil(bytes / 1024), "kilobyte"] : [bytes / 1048576, "megabyte"];
    return new Intl.NumberFormat(document.documentElement.lang, {
      style: "unit",
      unit,
      maximumFractionDigits: 1,
    }).format(number);
  };
  const chosen = [];

  // The camera's input becomes a button: what it took is shown below, not in it.
  const camera = part.querySelector("input[capture]");
  camera.classList.add("visually-hidden");
  part.querySelector(`label[for="${camera.id}"]`).classList.add("btn", "btn-quiet");

  const isSame = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
  const refuse = (words, file) => {
    const line = copy("data-left-out-line");
    line.querySelector("span").textContent = words.replace("{name}", file.name);
    leftOut.append(line);
  };
  const picture = async (file, place) => {
    if (!file.type.startsWith("image/")) return;
    let bitmap;
    try {
      bitmap = await createImageBitmap(file, { resizeWidth: 272, resizeQuality: "medium" });
    } catch {
      return; // A photo that this browser cannot show is sent all the same.
    }
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    place.replaceChildren(canvas);
  };
  const show = () => {
    const held = new DataTransfer();
    for (const file of chosen) held.items.add(file);
    all.files = held.files;
    list.replaceChildren(
      ...chosen.map((file) => {
        const line = copy("data-chosen-line");
        const button = line.querySelector("button");
        line.querySelector("[data-name]").textContent = file.name;
        line.querySelector("[data-size]").textContent = size(file.size);
        button.setAttribute("aria-label", button.dataset.remove.replace("{name}", file.name));
        button.addEventListener("click", () => {
          const place = chosen.indexOf(file);
          chosen.splice(place, 1);
          leftOut.replaceChildren();
          show();
          (list.querySelectorAll("button")[Math.min(place, chosen.length - 1)] ?? all).focus();
        });
        picture(file, line.querySelector(".ph"));
        return line;
      }),
    );
    list.hidden = !chosen.length;
  };
  part.addEventListener("change", (event) => {
    leftOut.replaceChildren();
    for (const file of event.target.files) {
      if (chosen.some((other) => isSame(other, file))) continue;
      if (file.size > Number(all.dataset.mostBytes)) refuse(all.dataset.tooLarge, file);
      else if (chosen.length >= Number(all.dataset.mostFiles)) refuse(all.dataset.tooMany, file);
      else chosen.push(file);
    }
    if (event.target !== all) event.target.value = "";
    show();
  });
})();
