"""Copies of photos for showing: decoded and encoded anew, so that nothing but the picture is left.

EXIF (place, device, serial numbers) is gone, the rotation is applied, HEIC becomes JPEG, and what a
browser gets was written by us, whatever the uploaded file had hidden in it.
"""

import io
import threading
from typing import IO

import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()

# About 256 MB while decoding; photos of telephones have 12 to 50 million.
MAX_PIXELS = 64_000_000
PREVIEW_EDGE = 1600
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")

Image.MAX_IMAGE_PIXELS = MAX_PIXELS

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# One picture at a time in a process: ten large ones at once would take its memory.
_one_at_a_time = threading.Lock()


class NotReadable(Exception):
    """The file begins like a picture, but cannot be decoded."""


class TooManyPixels(Exception):
    """A picture that would fill the memory; `pixels` is what its header claims."""

    def __init__(self, pixels: int):
        super().__init__(pixels)
        self.pixels = pixels


def preview_of(file: IO[bytes]) -> bytes:
    """Return the picture in `file` as a JPEG, upright, at most PREVIEW_EDGE pixels wide and high.

    Of moving pictures the first frame. Raises TooManyPixels (before anything is decoded), NotReadable.
    """
    file.seek(0)
    with _one_at_a_time:
        try:
            with Image.open(file, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise TooManyPixels(image.width * image.height)
                return _encode(image)
        except TooManyPixels:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise TooManyPixels(2 * MAX_PIXELS) from error
        except Exception as error:  # decoders raise anything at all on files that are made to break them
            raise NotReadable from error
        finally:
            file.seek(0)


def _encode(image: Image.Image) -> bytes:
    orientation = _orientation(image)
    image.thumbnail((PREVIEW_EDGE, PREVIEW_EDGE))
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    target = io.BytesIO()
    _on_white(image).save(target, "JPEG", quality=82, optimize=True)
    return target.getvalue()


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a good photo with a broken note about its rotation is still a good photo
        return 1


def _on_white(image: Image.Image) -> Image.Image:
    """A plain RGB copy without any of the original's notes; what was transparent is white."""
    if not image.has_transparency_data:
        plain = image.convert("RGB")
        return Image.frombytes("RGB", plain.size, plain.tobytes())
    layer = image.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground
