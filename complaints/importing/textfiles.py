"""Reading CSV, also gzipped: any usual separator and encoding, line by line."""

import codecs
import contextlib
import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Iterator
from pathlib import Path

from complaints.importing import sniff
from complaints.importing.bounds import MOST_IN_CELL, MOST_UNPACKED, megabytes
from complaints.importing.errors import FileRefused

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
SEPARATORS = (",", ";", "\t", "|")
BLOCK = 64 * 1024


@contextlib.contextmanager
def opened(path: Path, *, packed: bool, encoding: str, delimiter: str, wanted: frozenset[str]):
    """Yield an iterator of (line where the row begins, cells).

    The mark at the beginning of a file is believed before `encoding`. Without a `delimiter` the one is taken that
    finds most of the `wanted` columns in the first line. Raises FileRefused, in words, with the line.
    """
    csv.field_size_limit(MOST_IN_CELL)
    name = sniff.shown(path)
    try:
        with contextlib.ExitStack() as stack:
            raw = stack.enter_context(_binary(path, packed))
            head = raw.peek(4)[:4]
            if packed:
                _refuse_packed_twice(head, name)
            encoding = next((known for mark, known in MARKS.items() if head.startswith(mark)), encoding)
            text = stack.enter_context(io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline=""))
            lines = _lines(text, name)
            first = next(lines, "")
            _refuse_nul(first, name)
            separator = delimiter or _likely(first, wanted)
            yield _numbered(csv.reader(itertools.chain([first], lines), strict=True, delimiter=separator), name)
    except UnicodeDecodeError as error:
        raise FileRefused(_not_this_text(error, path, packed, encoding)) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileRefused(f"{name} is damaged or cut short ({error}). Copy it once more, or pack it anew.") from error
    except OSError as error:
        raise FileRefused(sniff.in_words(error, path)) from error


class _Unpacked(io.RawIOBase):
    """What a gzip file unpacks to, and not more than MOST_UNPACKED of it."""

    def __init__(self, path: Path):
        self._name, self._file, self._left = sniff.shown(path), gzip.GzipFile(path), MOST_UNPACKED

    def readable(self):
        return True

    def readinto(self, buffer):
        count = self._file.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise FileRefused(
                f"{self._name} unpacks to more than {megabytes(MOST_UNPACKED)}, the most that an import unpacks. "
                "If that is right, unpack it first: a plain CSV file may have any size."
            )
        return count

    def close(self):
        self._file.close()
        super().close()


def _binary(path: Path, packed: bool) -> io.BufferedReader:
    return io.BufferedReader(_Unpacked(path), BLOCK) if packed else path.open("rb")


def _refuse_packed_twice(head: bytes, name: str):
    kind = sniff.kind_of_bytes(head, f"What {name} unpacks to")
    if kind == sniff.Kind.GZIP:
        raise FileRefused(f"{name} is packed twice: unpack it first.")
    if kind != sniff.Kind.TEXT:
        raise FileRefused(f"{name} holds a workbook or an archive, not CSV: unpack it first.")


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    """The lines with their ends; no line without end fills the memory."""
    number = 0
    while line := text.readline(MOST_IN_CELL):
        number += 1
        if len(line) == MOST_IN_CELL:
            raise FileRefused(f"{name}, line {number}: the line has more than 16 million characters. Is this a table?")
        yield line


def _refuse_nul(first: str, name: str):
    if "\0" in first:
        raise FileRefused(f"{name} holds NUL characters. {_utf16(first.startswith(chr(0)))}")


def _utf16(big_end_first: bool) -> str:
    guess = "utf-16-be" if big_end_first else "utf-16-le"
    return f"It looks like UTF-16 without its mark: save it as UTF-8, or name its encoding (encoding: {guess})."


def _likely(first: str, wanted: frozenset[str]) -> str:
    """The separator of the first line: the one that finds most of the columns, else most cells; else the comma."""

    def found(separator: str) -> tuple[int, int]:
        cells = [cell.strip() for row in csv.reader([first], delimiter=separator) for cell in row]
        return len(wanted & set(cells)), len(cells)

    return max(SEPARATORS, key=found)


def _numbered(reader, name: str) -> Iterator[tuple[int, list[str]]]:
    """(line where the row begins, cells): quoted cells may hold line breaks."""
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused(f"{name}, {_fault(str(error), begins, reader.line_num)}") from error


def _fault(error: str, begins: int, line: int) -> str:
    """What csv says, in words, with the line to look at."""
    if "unexpected end" in error:
        return f"line {begins}: a quotation mark is opened in this row and never closed. Close it, or take it away."
    if "field limit" in error:
        return (
            f"line {begins}: a cell of more than 16 million characters begins in this row. "
            "Is a quotation mark not closed?"
        )
    if "expected after" in error:
        return (
            f"line {line}: text stands after a closing quotation mark. "
            'Inside a cell in quotation marks each of them is written twice ("").'
        )
    return f"line {line}: this is no proper CSV ({error})."


def _not_this_text(error: UnicodeDecodeError, path: Path, packed: bool, encoding: str) -> str:
    """Which line is not of this encoding, and which one it seems to be."""
    with _binary(path, packed) as raw:
        line, sample = _first_wrong(raw, encoding)
    is_utf8 = encoding.startswith("utf-8")
    wrong = f"(byte {error.object[error.start]:#04x})"
    said = f"{sniff.shown(path)}, line {line}: this is not {'UTF-8' if is_utf8 else encoding} text {wrong}."
    if sample.count(0) > len(sample) // 8:
        return f"{said} {_utf16(sample[0] == 0)}"
    guess = "gb18030" if _reads_as_chinese(sample) else "cp1252"
    return (
        f"{said} Save it as UTF-8, or name its encoding (in the mapping, or --encoding): perhaps encoding: {guess}."
        if is_utf8
        else f"{said} The encoding that was named may be another one; without a name the file is read as UTF-8."
    )


def _first_wrong(raw: io.BufferedReader, encoding: str) -> tuple[int, bytes]:
    """(line, the block around it) of the first bytes that are not of this encoding."""
    decoder, line, block = codecs.getincrementaldecoder(encoding)(), 1, b""
    while True:
        block = raw.read(BLOCK)
        try:
            line += decoder.decode(block, final=not block).count("\n")
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(encoding, "replace")
            return line + before.count("\n"), block or error.object
        if not block:
            return line, block


def _reads_as_chinese(sample: bytes) -> bool:
    """Whether most of what is not ASCII is Chinese when it is read as GB18030."""
    strange = [letter for letter in sample.decode("gb18030", "replace") if not letter.isascii()]
    chinese = sum("\u3000" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef" for letter in strange)
    return chinese > 0.9 * len(strange) > 0
