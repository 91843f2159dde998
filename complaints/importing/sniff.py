"""What a file is, told by its first bytes: the ends of names lie."""

import enum
import stat
from pathlib import Path

from complaints.importing.errors import FileRefused

HEAD = 1024


class Kind(enum.Enum):
    TEXT = "text"
    GZIP = "gzip"
    SHEET = "sheet"
    OLE = "OLE"


MAGIC = {b"PK\x03\x04": Kind.SHEET, b"PK\x05\x06": Kind.SHEET, b"\x1f\x8b": Kind.GZIP, b"\xd0\xcf\x11\xe0": Kind.OLE}
PACKED = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7-Zip", b"Rar!": "RAR", b"\x28\xb5\x2f\xfd": "Zstandard"}
OTHER = {b"%PDF": "a PDF document", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture"}
SAVE_AS = "open it in a spreadsheet program and save it as .xlsx, or as CSV in UTF-8"


def shown(path: Path) -> str:
    """The file's name as it can be printed and stored, whatever bytes it has."""
    return path.name.encode("utf-8", "replace").decode("utf-8")


def kind_of(path: Path) -> Kind:
    """Return what is in the file. Raises FileRefused when there is no such file, or it is nothing that can be read."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise FileRefused(f"{shown(path)} is a folder: name a file in it.")
        if not stat.S_ISREG(mode):
            raise FileRefused(
                f"{shown(path)} is a pipe or a device, which can be read once only: save what it gives as a file."
            )
        with path.open("rb") as raw:
            head = raw.read(HEAD)
            kind = kind_of_bytes(head, shown(path))
            if kind == Kind.OLE:
                _refuse_ole(path, head + raw.read())
    except OSError as error:
        raise FileRefused(in_words(error, path)) from error
    return kind


def in_words(error: OSError, path: Path) -> str:
    """A sentence for a file that the system does not give."""
    if isinstance(error, FileNotFoundError):
        return f"There is no file {shown(path)} in {path.parent.resolve()}."
    if isinstance(error, PermissionError):
        return f"{shown(path)} may not be read by this user: give it the right to read the file."
    return f"{shown(path)} cannot be read: {error.strerror or error}."


def kind_of_bytes(head: bytes, name: str) -> Kind:
    """The same for the first bytes of a file (or of what it unpacks to) of that name."""
    for magic, kind in MAGIC.items():
        if head.startswith(magic):
            return kind
    for magic, packer in PACKED.items():
        if head.startswith(magic):
            raise FileRefused(f"{name} is packed with {packer}: unpack it first (gzip is the only one read packed).")
    for magic, what in OTHER.items():
        if head.startswith(magic):
            raise FileRefused(f"{name} is {what}, not a table: import takes CSV (also gzipped) and XLSX.")
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        raise FileRefused(f"{name} is a web page or XML, whatever its name says: {SAVE_AS}.")
    return Kind.TEXT


def _refuse_ole(path: Path, content: bytes):
    """Old Excel files, and new ones with a password, come in the same wrapping."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise FileRefused(f"{shown(path)} is protected with a password: open it, and save it without one.")
    raise FileRefused(f"{shown(path)} is an old Excel file (.xls): {SAVE_AS}.")
