"""Files of evidence on disk: under random names, outside the web root, whole or not at all."""

import contextlib
import hashlib
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from complaints.errors import Refused

# What write() calls its folders and files; one ending in .part was never finished.
_FOLDER = re.compile(r"[0-9a-f]{2}")
_FILE = re.compile(r"[0-9a-f]{32}(\.part)?")


class CouldNotStore(Refused):
    """The disk is full or refuses; nothing was stored."""

    status = 507

    def __init__(self):
        super().__init__(
            _("We could not store the file. Your text is kept: try again later, or send it without the file.")
        )


@dataclass(frozen=True)
class Stored:
    """A file that is safely on disk. `name` is its path below settings.MEDIA_ROOT."""

    name: str
    size: int
    sha256: str


def write(chunks: Iterable[bytes]) -> Stored:
    """Write a file and return it once it would survive a power cut. Raises CouldNotStore.

    A half-written file never carries a final name: it is written beside it, forced to disk, renamed.
    """
    name = random_name()
    final = path_of(name)
    part = final.with_suffix(".part")
    digest, size = hashlib.sha256(), 0
    try:
        Path(settings.MEDIA_ROOT).mkdir(mode=0o700, parents=True, exist_ok=True)
        final.parent.mkdir(mode=0o700, exist_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.rename(final)
        _force_directory(final.parent)
    except OSError as error:
        for left in (part, final):
            with contextlib.suppress(OSError):
                left.unlink()
        raise CouldNotStore from error
    return Stored(name, size, digest.hexdigest())


def remove(names: Iterable[str]):
    """Take away files that no row will point to."""
    for name in names:
        path_of(name).unlink(missing_ok=True)


def written_before(moment: datetime) -> Iterator[tuple[str, int]]:
    """Yield name and size in bytes of every file that was written before `moment` (aware), also half-written ones.

    Only what write() made: other names are not ours. Links are not followed, so nothing outside the store is found.
    Reads the folders as it goes; what was yielded may be removed meanwhile.
    """
    root = Path(settings.MEDIA_ROOT)
    if not root.is_dir():
        return
    for folder in sorted(os.listdir(root)):
        if not _FOLDER.fullmatch(folder) or (root / folder).is_symlink() or not (root / folder).is_dir():
            continue
        with os.scandir(root / folder) as entries:
            for entry in entries:
                if not _FILE.fullmatch(entry.name) or not entry.is_file(follow_symlinks=False):
                    continue
                # One that is being written loses its first name between the two looks.
                with contextlib.suppress(FileNotFoundError):
                    found = entry.stat(follow_symlinks=False)
                    if found.st_mtime < moment.timestamp():
                        yield f"{folder}/{entry.name}", found.st_size


def random_name() -> str:
    """A new name that owes nothing to the uploaded one; the folder keeps directories small."""
    random = uuid.uuid4().hex
    return f"{random[:2]}/{random}"


def path_of(name: str) -> Path:
    """Where the file called `name` (as stored in a row) lies."""
    return Path(settings.MEDIA_ROOT) / name


def _force_directory(folder: Path):
    """The rename is on disk only when the folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
