"""Small drawings that stand for the photos customers send; nobody's real car or receipt is in them."""

import io
import random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIZE = (960, 720)


def draw(kind: str, figures: list[str]) -> bytes:
    """A JPEG of `kind` (pump, plate, receipt, scratch, spill) that shows `figures` (ASCII). Raises KeyError."""
    image = PAINTERS[kind](figures)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=80)
    return target.getvalue()


def _pump(figures):
    image, pen = _ground("#5f6b72", "#3a4247")
    pen.rounded_rectangle((120, 90, 840, 630), 30, fill="#dfe3e0", outline="#7c8580", width=6)
    for row, (figure, unit) in enumerate(zip(figures, ("L", "CNY"), strict=False)):
        top = 150 + row * 230
        pen.rounded_rectangle((170, top, 690, top + 170), 12, fill="#14201a")
        pen.text((665, top + 85), figure, font=_font(120), fill="#ffb238", anchor="rm")
        pen.text((715, top + 85), unit, font=_font(48), fill="#27302b", anchor="lm")
    return _as_photo(image)


def _plate(figures):
    image, pen = _ground("#8b8f94", "#6f7378")
    pen.rounded_rectangle((160, 190, 800, 530), 18, fill="#c9cdd1", outline="#f0f0f0", width=4)
    for row, words in enumerate(["FUEL TANK", *figures]):
        pen.text((480, 280 + row * 120), words, font=_font(64 + 40 * row), fill="#2b2f33", anchor="mm")
    return _as_photo(image)


def _receipt(figures):
    image, pen = _ground("#6d5a48", "#4f4134")
    pen.polygon([(290, 60), (700, 80), (680, 680), (270, 660)], fill="#f6f4ee")
    lines = ["JINGHE ENERGY", "- - - - - - - - -", *figures, "- - - - - - - - -", "THANK YOU"]
    for row, words in enumerate(lines):
        pen.text((482, 150 + row * 80), words, font=_font(40), fill="#33312d", anchor="mm")
    return _as_photo(image)


def _scratch(figures):
    image, pen = _ground("#1f4f78", "#123451")
    pen.line((0, 120, 960, 60), fill="#3d77a6", width=10)
    pen.line((150, 420, 420, 395, 610, 402, 800, 360), fill="#d8dee3", width=7, joint="curve")
    pen.line((190, 440, 500, 415), fill="#b9c4cc", width=3)
    return _as_photo(image)


def _spill(figures):
    image, pen = _ground("#a39d92", "#8d877c")
    for step in range(0, 960, 160):
        pen.line((step, 0, step + 60, 720), fill="#7f796f", width=4)
    pen.ellipse((180, 260, 780, 620), fill="#4a4a4d")
    pen.ellipse((260, 310, 620, 520), fill="#5d5d66")
    return _as_photo(image)


def _ground(above: str, below: str):
    """A wall that gets darker towards the bottom, and a pen to draw on it."""
    shade = Image.linear_gradient("L").resize(SIZE)
    image = Image.composite(Image.new("RGB", SIZE, below), Image.new("RGB", SIZE, above), shade)
    return image, ImageDraw.Draw(image)


def _as_photo(image: Image.Image) -> Image.Image:
    """Slightly turned, blurred and noisy, as from a telephone held in one hand."""
    turned = image.rotate(random.Random(image.tobytes()[:4096]).uniform(-3, 3), Image.Resampling.BILINEAR)  # noqa: S311 - a drawing
    noise = Image.effect_noise(SIZE, 40).convert("RGB")
    return Image.blend(turned.filter(ImageFilter.GaussianBlur(1.2)), noise, 0.08)


def _font(size: int):
    return ImageFont.load_default(size)


PAINTERS = {"pump": _pump, "plate": _plate, "receipt": _receipt, "scratch": _scratch, "spill": _spill}
