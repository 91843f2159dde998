"""What a film or a sound of a telephone says beside picture and sound: where it was taken, by which device, by whom.

The customer's page serves such files without it. Nothing is encoded anew and nothing moves: the parts that nobody
needs for playing are served as zeros, so ranges and offsets stay right (ISO 14496-12; QuickTime file format).
Places stand in udta (©xyz, loci), in meta (com.apple.quicktime.location.ISO6709), in XMP (uuid), and in tracks of
their own beside picture and sound (GPS of cameras).
"""

import bisect
import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ui.caches import remembered

# What is served of each container; every other box in it becomes free space.
KEPT = {
    b"": {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx", b"mfra", b"pdin", b"wide"},
    b"moov": {b"mvhd", b"iods", b"trak", b"mvex"},
    b"trak": {b"tkhd", b"edts", b"tref", b"mdia"},
    b"mdia": {b"mdhd", b"hdlr", b"minf"},
    b"minf": {b"vmhd", b"smhd", b"nmhd", b"gmhd", b"hdlr", b"dinf", b"stbl"},
    b"moof": {b"mfhd", b"traf"},
    b"traf": {b"tfhd", b"tfdt", b"trun", b"sbgp", b"sgpd", b"saiz", b"saio", b"subs"},
}
PLAYED = {b"vide", b"soun"}
# Deeper than any film is: a file that is made to keep us busy is not understood.
MOST_BOXES = 20_000


class NotUnderstood(Exception):
    """The file is not built as its kind is; nobody can say what is in it."""


@dataclass(frozen=True)
class Box:
    """A box: its kind, and where it, its content and its end are in the file."""

    kind: bytes
    start: int
    content: int
    stop: int


def without_places(path: Path) -> "Blanked":
    """Open the MP4, MOV, 3GP or M4A at `path` for reading without what it says beside picture and sound.

    Raises NotUnderstood, and OSError.
    """
    return Blanked(path, blanks_of(path))


@remembered(64)
def blanks_of(path: Path) -> tuple[tuple[int, int, bytes], ...]:
    """(start, stop, what stands there instead, then zeros), in order. Files of evidence never change."""
    with path.open("rb") as file:
        file.seek(0, io.SEEK_END)
        found = sorted(_Search(file).of_file(file.tell()))
    apart, end = [], 0
    for start, stop, said in found:
        # Tables of a file that was made to confuse may point to the same bytes.
        if stop > max(start, end):
            apart.append((max(start, end), stop, said if start >= end else b""))
            end = stop
    return tuple(apart)


class _Search:
    def __init__(self, file: BinaryIO):
        self.file, self.left, self.silenced = file, MOST_BOXES, False
        self.blanks: list[tuple[int, int, bytes]] = []

    def of_file(self, size: int) -> list[tuple[int, int, bytes]]:
        kinds = self.within(b"", 0, size)
        if b"moof" in kinds and self.silenced:
            raise NotUnderstood("a film in fragments with more than picture and sound")
        return self.blanks

    def boxes(self, start: int, stop: int) -> list[Box]:
        found = []
        while start + 8 <= stop:
            self.left -= 1
            length, kind = struct.unpack(">I4s", self.read(start, 8))
            header = 8
            if length == 1:
                length, header = struct.unpack(">Q", self.read(start + 8, 8))[0], 16
            length = stop - start if length == 0 else length
            if length < header or start + length > stop or self.left < 0:
                raise NotUnderstood(f"a box of {length} bytes at {start}")
            found.append(Box(kind, start, start + header, start + length))
            start += length
        return found

    def within(self, container: bytes, start: int, stop: int) -> set[bytes]:
        """Look through the boxes of one container; returns their kinds."""
        found = self.boxes(start, stop)
        for box in found:
            if box.kind not in KEPT[container]:
                self.blank(box)
            elif box.kind == b"trak" and self.handler(box) not in PLAYED:
                self.silence(box)
            elif box.kind in KEPT:
                self.within(box.kind, box.content, box.stop)
        return {box.kind for box in found}

    def blank(self, box: Box):
        """Free space of the same length."""
        self.blanks += [(box.start + 4, box.start + 8, b"free"), (box.content, box.stop, b"")]

    def silence(self, track: Box):
        """A track that is neither seen nor heard: it, and what it points to among the media."""
        self.silenced = True
        table = {box.kind: box for box in self.boxes_at(track, b"mdia", b"minf", b"stbl")}
        self.blanks += [(start, stop, b"") for start, stop in self.samples(table)]
        self.blank(track)

    def handler(self, track: Box) -> bytes:
        for box in self.boxes_at(track, b"mdia"):
            if box.kind == b"hdlr":
                return self.read(box.content + 8, 4)
        return b""

    def boxes_at(self, box: Box, *way: bytes) -> list[Box]:
        found = self.boxes(box.content, box.stop)
        for kind in way:
            found = [inner for one in found if one.kind == kind for inner in self.boxes(one.content, one.stop)]
        return found

    def samples(self, table: dict[bytes, Box]):
        """Where the samples of a track lie: (start, stop) of each chunk (ISO 14496-12, 8.7)."""
        offsets = [at for (at,) in self.rows(table.get(b"stco"), ">I") or self.rows(table.get(b"co64"), ">Q")]
        runs = self.rows(table.get(b"stsc"), ">III")
        if not offsets or not runs or b"stsz" not in table:
            return
        size_of_all, count = struct.unpack(">II", self.read(table[b"stsz"].content + 4, 8))
        sizes = [size for (size,) in self.rows(table[b"stsz"], ">I", skip=4)] if not size_of_all else []
        firsts = [first for first, _samples, _kind in runs[1:]] + [len(offsets) + 1]
        done = 0
        for (first, samples, _kind), after in zip(runs, firsts, strict=True):
            for chunk in range(first - 1, min(after - 1, len(offsets))):
                here = max(0, min(samples, count - done))
                length = size_of_all * here if size_of_all else sum(sizes[done : done + here])
                done += here
                yield offsets[chunk], offsets[chunk] + length

    def rows(self, box: Box | None, form: str, skip: int = 0) -> list[tuple]:
        """The rows of a table: version and flags, `skip` bytes, their number, then each of them."""
        if box is None:
            return []
        (count,) = struct.unpack(">I", self.read(box.content + 4 + skip, 4))
        start, length = box.content + 8 + skip, count * struct.calcsize(form)
        if start + length > box.stop:
            raise NotUnderstood(f"{count} rows in {box.kind!r}")
        return list(struct.iter_unpack(form, self.read(start, length)))

    def read(self, start: int, length: int) -> bytes:
        self.file.seek(start)
        data = self.file.read(length)
        if len(data) < length:
            raise NotUnderstood("it ends too early")
        return data


class Blanked:
    """A file open for reading in which some parts are something else.

    It has neither a name nor a descriptor: servers would send the file as it lies on the disk.
    """

    def __init__(self, path: Path, blanks: tuple[tuple[int, int, bytes], ...]):
        self.file, self.blanks = path.open("rb"), blanks
        self.ends = [stop for _start, stop, _said in blanks]

    def read(self, size: int = -1) -> bytes:
        start = self.file.tell()
        data = bytearray(self.file.read(size))
        for first, last, said in self.blanks[bisect.bisect_right(self.ends, start) :]:
            if first >= start + len(data):
                break
            begin, end = max(first, start), min(last, start + len(data))
            data[begin - start : end - start] = said[begin - first : end - first].ljust(end - begin, b"\0")
        return bytes(data)

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        return self.file.seek(position, whence)

    def tell(self) -> int:
        return self.file.tell()

    def close(self):
        self.file.close()
