import io
import struct
import zlib

import pytest
from PIL import Image

from complaints.evidence.previews import MAX_PIXELS, PREVIEW_EDGE, NotReadable, TooManyPixels, preview_of
from tests.complaints import samples


def shown(content: bytes) -> Image.Image:
    preview = preview_of(io.BytesIO(content))
    assert samples.CANARY not in preview
    image = Image.open(io.BytesIO(preview))
    assert image.format == "JPEG"
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    return image


def is_red(pixel) -> bool:
    return pixel[0] > 200 and pixel[2] < 60


@pytest.mark.parametrize("name", [name for name, sample in samples.TAKEN.items() if sample[1] == "image"])
def test_every_kind_of_photo_becomes_a_plain_jpeg(name):
    image = shown(samples.TAKEN[name][0])
    assert is_red(image.convert("RGB").getpixel((4, 20)))


def test_the_sample_has_a_place_and_a_camera_to_lose():
    original = Image.open(io.BytesIO(samples.jpeg()))
    assert samples.CANARY in samples.jpeg()
    assert original.getexif().get_ifd(0x8825)


def test_the_rotation_is_applied():
    assert shown(samples.jpeg(orientation=1)).size == (64, 48)
    turned = shown(samples.jpeg(orientation=6))
    assert turned.size == (48, 64)
    # Turned clockwise, what was left is on top.
    assert is_red(turned.getpixel((24, 4)))
    assert not is_red(turned.getpixel((24, 60)))
    assert not is_red(shown(samples.jpeg(orientation=3)).getpixel((4, 20)))


def test_a_large_photo_is_shown_smaller():
    image = shown(samples.jpeg(size=(3200, 1200)))
    assert image.size == (PREVIEW_EDGE, 600)


def test_what_was_transparent_is_white():
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert shown(samples.encoded("PNG", clear)).getpixel((5, 5)) == (255, 255, 255)


def test_of_moving_pictures_the_first_is_shown():
    frames = [samples.picture(), samples.picture(colour="green")]
    moving = samples.encoded("GIF", frames[0], save_all=True, append_images=frames[1:])
    assert is_red(shown(moving).getpixel((4, 20)))


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8001, 8000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_a_pixel_bomb_is_refused_before_it_is_decoded(size):
    with pytest.raises((TooManyPixels, NotReadable)):
        preview_of(io.BytesIO(png_that_claims(*size)))


def test_the_limit_is_named_in_pixels():
    with pytest.raises(TooManyPixels) as caught:
        preview_of(io.BytesIO(png_that_claims(8001, 8000)))
    assert caught.value.pixels > MAX_PIXELS


@pytest.mark.parametrize("name", [name for name, sample in samples.TAKEN.items() if sample[1] == "image"])
def test_half_a_photo_is_refused(name):
    content = samples.TAKEN[name][0]
    with pytest.raises(NotReadable):
        preview_of(io.BytesIO(content[: len(content) // 2]))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_photo_whose_notes_are_broken_is_still_a_photo():
    broken = samples.encoded("JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\xff" * 20)
    assert shown(broken).size == (64, 48)


def test_a_format_that_we_do_not_take_is_not_even_tried():
    with pytest.raises(NotReadable):
        preview_of(io.BytesIO(samples.encoded("TIFF")))
