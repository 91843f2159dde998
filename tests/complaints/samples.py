"""Small real files of every kind that can be evidence, and some that only pretend."""

import io
import struct
import wave
import zipfile

import pillow_heif
from PIL import Image

CANARY = b"CANARY-CAMERA-7731"
GPS = {1: "N", 2: (34.0, 15.0, 30.0), 3: "E", 4: (108.0, 57.0, 0.0)}


def picture(size=(64, 48), colour="red") -> Image.Image:
    """Left half of `colour`, right half blue, so that a rotation can be seen."""
    image = Image.new("RGB", size, colour)
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    return image


def exif(orientation=1) -> bytes:
    """EXIF with a place, a camera of a telling name, and a rotation."""
    notes = Image.Exif()
    notes[0x010F] = CANARY.decode()
    notes[0x0112] = orientation
    notes.get_ifd(0x8825).update(GPS)
    return notes.tobytes()


def encoded(kind: str, image: Image.Image | None = None, **options) -> bytes:
    target = io.BytesIO()
    (image or picture()).save(target, kind, **options)
    return target.getvalue()


def jpeg(orientation=1, size=(64, 48)) -> bytes:
    return encoded("JPEG", picture(size), exif=exif(orientation), quality=95)


def heic() -> bytes:
    pillow_heif.register_heif_opener()
    return encoded("HEIF", picture((128, 96)), exif=exif(), quality=90)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def iso_media(major: bytes, *others: bytes) -> bytes:
    """The beginning of an MP4 or a relative of it, with some bytes of media."""
    return box(b"ftyp", major + b"\0\0\2\0" + b"".join(others)) + box(b"mdat", b"\1" * 3000)


PLACE = b"+34.2583+108.9500/"


def track(handler: bytes, samples: list[bytes], offset: int) -> bytes:
    """A track whose samples lie one behind the other from `offset` on, in two chunks."""
    half = len(samples) // 2
    chunks = [offset, offset + sum(map(len, samples[:half]))]
    table = box(b"stsz", struct.pack(f">III{len(samples)}I", 0, 0, len(samples), *map(len, samples)))
    table += box(b"stsc", struct.pack(">II6I", 0, 2, 1, half, 1, 2, len(samples) - half, 1))
    table += box(b"stco", struct.pack(">II2I", 0, 2, *chunks))
    named = box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12 + b"name\0")
    media = box(b"mdhd", b"\0" * 24) + named + box(b"minf", box(b"stbl", table))
    return box(b"trak", box(b"tkhd", b"\0" * 84) + box(b"udta", PLACE) + box(b"mdia", media))


def film(major: bytes = b"qt  ", more: bytes = b"") -> tuple[bytes, bytes]:
    """A film that says where it was taken in every way that telephones and cameras do, and its picture's bytes."""
    pictures, places = [b"PICTURE%d" % number * 20 for number in range(6)], [b"GPS" + PLACE] * 5
    head = box(b"ftyp", major + b"\0\0\2\0" + b"mp42") + box(b"uuid", b"x" * 16 + PLACE) + box(b"free", PLACE)
    begin = len(head) + 8
    head += box(b"mdat", b"".join(pictures + places))
    tracks = track(b"vide", pictures, begin) + track(b"meta", places, begin + sum(map(len, pictures)))
    said = box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7" + PLACE) + box(b"loci", PLACE))
    said += box(b"meta", box(b"keys", b"com.apple.quicktime.location.ISO6709") + box(b"ilst", PLACE))
    return head + box(b"moov", box(b"mvhd", b"\0" * 100) + tracks + said) + more, b"".join(pictures)


def webm(doctype=b"webm") -> bytes:
    header = b"\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82" + bytes([0x80 | len(doctype)]) + doctype
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(header)]) + header + b"\x18\x53\x80\x67" + b"\0" * 200


def mp3_frames(count=4) -> bytes:
    """MPEG 1 layer III, 128 kbit/s, 44100 Hz: frames of 417 bytes."""
    return (b"\xff\xfb\x90\x00" + b"\0" * 413) * count


def wav() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\0" * 800)
    return target.getvalue()


def ogg(codec=b"OpusHead") -> bytes:
    page = b"OggS\0\2" + b"\0" * 8 + b"\1\0\0\0" + b"\0" * 8 + b"\1\x13"
    return page + codec + b"\1\1" + b"\0" * 100


def pdf() -> bytes:
    return b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def archive(name="evil.txt") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr(name, "x" * 100)
    return target.getvalue()


TAKEN = {
    "photo.jpg": (jpeg(), "image", "image/jpeg"),
    "photo.png": (encoded("PNG"), "image", "image/png"),
    "photo.gif": (encoded("GIF"), "image", "image/gif"),
    "photo.webp": (encoded("WEBP"), "image", "image/webp"),
    "photo.heic": (heic(), "image", "image/heic"),
    "film.mp4": (iso_media(b"isom", b"isom", b"iso2", b"avc1", b"mp41"), "video", "video/mp4"),
    "android.mp4": (iso_media(b"mp42", b"isom", b"mp42"), "video", "video/mp4"),
    "film.mov": (iso_media(b"qt  ", b"qt  "), "video", "video/quicktime"),
    "film.3gp": (iso_media(b"3gp4", b"isom", b"3gp4"), "video", "video/3gpp"),
    "film.webm": (webm(), "video", "video/webm"),
    "film with sound.webm": (webm() + b"V_VP8 A_OPUS", "video", "video/webm"),
    "voice.webm": (webm() + b"A_OPUS", "audio", "audio/webm"),
    "sound.m4a": (iso_media(b"M4A ", b"M4A ", b"mp42", b"isom"), "audio", "audio/mp4"),
    "sound.mp3": (mp3_frames(), "audio", "audio/mpeg"),
    "tagged.mp3": (b"ID3\x04\0\0\0\0\0\x0a" + b"\0" * 10 + mp3_frames(), "audio", "audio/mpeg"),
    "sound.amr": (b"#!AMR\n" + b"\x3c" * 64, "audio", "audio/amr"),
    "sound.wav": (wav(), "audio", "audio/wav"),
    "sound.ogg": (ogg(), "audio", "audio/ogg"),
    "letter.pdf": (pdf(), "pdf", "application/pdf"),
}
REFUSED = {
    "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "program": b"MZ\x90\0" + b"\0" * 200,
    "elf": b"\x7fELF\2\1\1" + b"\0" * 200,
    "zip": archive(),
    "docx": archive("word/document.xml"),
    "text": b"Just words.",
    "words that begin like a sound": b"\xff\xfe" + "Just words.".encode("utf-16-le") * 9,
    "one frame of sound, then rubbish": mp3_frames(1) + b"x" * 600,
    "matroska": webm(b"matroska"),
    "avif": iso_media(b"avif", b"avif", b"mif1", b"miaf"),
    "avi": b"RIFF\x24\0\0\0AVI " + b"\0" * 100,
    "theora": ogg(b"\x80theora"),
    "flash": b"FWS\x09" + b"\0" * 100,
    "box without an end": b"\x7f\xff\xff\xffftypisom" + b"\0" * 64,
    "eicar": rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    "bitmap": encoded("BMP"),
    "tiff": encoded("TIFF"),
}
