"""What a file is, told by its first bytes alone: the name and the browser's word count for nothing.

Only what can be evidence is known here. Everything else (SVG, HTML, programs, archives, office
files, and whatever carries a foreign name) is None.
"""

import re
from dataclasses import dataclass

from complaints.models import Evidence

# So many first bytes decide; an ID3-less MP3 needs its second frame among them.
HEAD_BYTES = 4096

Type = Evidence.Type


@dataclass(frozen=True)
class FileType:
    """A kind of file we take: what it is to people, to browsers, and how its name ends."""

    type: str
    content_type: str
    suffixes: tuple[str, ...]


JPEG = FileType(Type.IMAGE, "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
PNG = FileType(Type.IMAGE, "image/png", ("png",))
GIF = FileType(Type.IMAGE, "image/gif", ("gif",))
WEBP = FileType(Type.IMAGE, "image/webp", ("webp",))
HEIC = FileType(Type.IMAGE, "image/heic", ("heic", "heif"))
MP4 = FileType(Type.VIDEO, "video/mp4", ("mp4", "m4v"))
MOV = FileType(Type.VIDEO, "video/quicktime", ("mov", "qt"))
WEBM = FileType(Type.VIDEO, "video/webm", ("webm",))
WEBA = FileType(Type.AUDIO, "audio/webm", ("webm", "weba"))
THREE_GP = FileType(Type.VIDEO, "video/3gpp", ("3gp", "3g2", "3gpp"))
MP3 = FileType(Type.AUDIO, "audio/mpeg", ("mp3",))
M4A = FileType(Type.AUDIO, "audio/mp4", ("m4a",))
AMR = FileType(Type.AUDIO, "audio/amr", ("amr",))
WAV = FileType(Type.AUDIO, "audio/wav", ("wav",))
OGG = FileType(Type.AUDIO, "audio/ogg", ("ogg", "oga", "opus"))
PDF = FileType(Type.PDF, "application/pdf", ("pdf",))

_STARTS = [
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
    (b"#!AMR\n", AMR),
    (b"#!AMR-WB\n", AMR),
]
_RIFF = {b"WEBP": WEBP, b"WAVE": WAV}
# An Ogg file is a sound when its first stream is one; with Theora in it, it would be a film.
_OGG_SOUNDS = (b"\x01vorbis", b"OpusHead", b"Speex   ", b"\x7fFLAC")
_HEIC_BRANDS = {"heic", "heix", "heim", "heis", "hevc", "hevx"}
_MP4_BRAND = re.compile(r"isom|iso[2-9]|mp4[12]|avc1|dash|MSNV|mmp4|M4V.|XAVC")
# DocType "webm" inside the EBML header (RFC 8794, 11.2.5); a Matroska film says "matroska" there.
_WEBM = re.compile(rb"\x42\x82(?:\x84|\x40\x04|\x20\x00\x04|\x10\x00\x00\x04|\x01\x00{6}\x04)webm")
# Kilobits a second of layer III by index, for MPEG 1 and for MPEG 2 and 2.5 (ISO 11172-3, 13818-3).
_BITRATES = {
    True: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def file_type(head: bytes) -> FileType | None:
    """Return what a file is by its first HEAD_BYTES bytes, or None for what we do not take."""
    for start, found in _STARTS:
        if head.startswith(start):
            return found
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[:4] == b"OggS":
        return OGG if head[28:].startswith(_OGG_SOUNDS) else None
    if head[:4] == b"\x1a\x45\xdf\xa3":
        if not _WEBM.search(head[:128]):
            return None
        # What a browser recorded from the microphone names its sound among the first bytes, and no picture.
        return WEBA if b"A_OPUS" in head and b"V_" not in head else WEBM
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    return MP3 if _is_mp3(head) else None


def _iso_media(head: bytes) -> FileType | None:
    """MP4 and its relatives tell themselves apart by brands (ISO 14496-12, "ftyp")."""
    length = int.from_bytes(head[:4], "big")
    if not 16 <= length <= len(head):
        return None
    major, *others = (head[at : at + 4].decode("latin-1") for at in (8, *range(16, length - 3, 4)))
    brands = {major, *others}
    if major in _HEIC_BRANDS or (major in ("mif1", "msf1") and brands & _HEIC_BRANDS):
        return HEIC
    if major == "qt  ":
        return MOV
    if major in ("M4A ", "M4B "):
        return M4A
    if major.startswith(("3gp", "3g2", "3ge", "3gr", "3gs")):
        return THREE_GP
    if brands & {"avif", "avis", "heic", "mif1"}:
        return None
    return MP4 if any(_MP4_BRAND.fullmatch(brand) for brand in brands) else None


def _is_mp3(head: bytes) -> bool:
    """An ID3 tag, or two frames of layer III in a row: two bytes alone are found in any rubbish."""
    if head[:3] == b"ID3":
        return len(head) > 10 and head[3] in (2, 3, 4) and all(byte < 0x80 for byte in head[6:10])
    length = _frame_length(head[:4])
    return length is not None and _frame_length(head[length : length + 4]) is not None


def _frame_length(header: bytes) -> int | None:
    """The length in bytes of the MPEG layer III frame with this header; None if it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    first = version == 3
    bits = _BITRATES[first][bitrate - 1] * 1000
    return (144 if first else 72) * bits // _RATES[version][rate] + (header[2] >> 1 & 1)
