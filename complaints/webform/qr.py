"""QR codes of our own making: nothing is asked of anybody else."""

import io

import segno

# Modules of white around a code, without which it is not read (ISO/IEC 18004, 9.1).
QUIET = 4
PIXELS = 8


def png_of(address: str) -> bytes:
    """The address as a picture to show and to keep, with its quiet zone; up to a sixth of it may be damaged."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="png", scale=PIXELS, border=QUIET)
    return picture.getvalue()
