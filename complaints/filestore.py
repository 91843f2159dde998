"""Files of evidence on disk: under random names, outside the web root, whole or not at all."""

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from complaints.errors import Refused


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
