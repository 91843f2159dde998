"""Looking through a workbook before anything of it is used: in memory that does not grow with what it claims to be.

openpyxl believes a workbook: that its XML is whole, that it declares no entities, that rows come in order, that a
row number or a list of strings is no larger than any sheet has. Here each part is read once by the parser below it.
"""

import zipfile
import zlib
from dataclasses import dataclass, field
from pyexpat import ExpatError, ParserCreate

from openpyxl.utils import range_boundaries

from complaints.importing import sniff
from complaints.importing.bounds import (
    MOST_BESIDE_ROWS,
    MOST_COLUMNS,
    MOST_IN_ROW,
    MOST_PARTS,
    MOST_ROWS,
    MOST_UNPACKED,
    megabytes,
)
from complaints.importing.errors import FileRefused

LAST_COLUMN = "XFD"
ENCRYPTED = 0x1


@dataclass
class Sheet:
    """What one sheet says about rows that cannot be used as they are: row → why; and about merged cells."""

    faults: dict[int, str] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    last_row: int = 0

    def spread(self):
        """Rows with merged cells: only the first of those cells holds the value."""
        for reference in self.merged:
            _left, top, _right, bottom = range_boundaries(reference)
            for row in range(top or 1, min(bottom or MOST_ROWS, self.last_row) + 1):
                self.faults.setdefault(row, f"the cells {reference} are merged: give each its own value")


def look_through(archive: zipfile.ZipFile, name: str) -> dict[str, Sheet]:
    """Return what is to know about each sheet, by the name of its part. Raises FileRefused, in words."""
    parts = archive.infolist()
    _refuse_archive(parts, name)
    return {part.filename: _seen(archive, part, name) for part in parts}


def _seen(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> Sheet:
    """A picture is no XML and need not be; what only claims to be one is as harmless to the end as it was read."""
    try:
        return _Part(archive, part, name).sheet
    except _Damaged:
        if part.filename.endswith((".xml", ".rels")):
            raise
        return Sheet()


def _refuse_archive(parts: list[zipfile.ZipInfo], name: str):
    names = {part.filename for part in parts}
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise FileRefused(f"{name} is protected with a password: save it without one.")
    if "xl/workbook.bin" in names:
        raise FileRefused(f"{name} is a binary workbook (.xlsb): {sniff.SAVE_AS}.")
    if "content.xml" in names:
        raise FileRefused(f"{name} is an OpenDocument file: {sniff.SAVE_AS}.")
    if not any(part.startswith("xl/") for part in names):
        inside = ", ".join(sorted(names)[:3]) or "nothing"
        raise FileRefused(f"{name} is a ZIP archive with {inside}, no workbook: unpack it and import the file in it.")
    # Never more than this is read of a part, whatever is in it.
    if sum(part.file_size for part in parts) > MOST_UNPACKED or len(parts) > MOST_PARTS:
        raise FileRefused(
            f"{name} unpacks to more than {megabytes(MOST_UNPACKED)}, the most that an import unpacks. "
            "If that is right, save the sheet as CSV in UTF-8, which may have any size."
        )


class _Damaged(FileRefused):
    """The XML of a part breaks off."""


class _Part:
    """One part of the workbook, read from beginning to end."""

    def __init__(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str):
        self.sheet = Sheet()
        self._where = f"{name} ({part.filename})"
        self._beside = self._in_row = self._row = 0
        self._inside = False
        self._cell, self._type, self._has_formula, self._has_value = "", "", False, False
        self._parser = ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse_entities
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        try:
            with archive.open(part) as content:
                self._parser.ParseFile(content)
        except (ExpatError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise _Damaged(
                f"{self._where} is damaged or cut short ({error}). Copy it once more, or {sniff.SAVE_AS}."
            ) from error
        self.sheet.last_row = self._row
        self.sheet.spread()

    def _refuse_entities(self, *_declared):
        """No part of a workbook has them (ECMA-376, part 2): they are there to fill the memory or to reach out."""
        raise FileRefused(f"{self._where} declares XML entities, as no spreadsheet program does: do not trust it.")

    def _start(self, name: str, attributes: dict[str, str]):
        if self._inside:
            self._in_row += 1
            if self._in_row > MOST_IN_ROW:
                raise FileRefused(f"{self._where}, row {self._row}: {_beyond()}")
            self._start_in_row(name, attributes)
        elif name == "row":
            self._inside, self._in_row = True, 0
            self._number(attributes.get("r"))
        else:
            self._beside += 1
            if self._beside > MOST_BESIDE_ROWS:
                raise FileRefused(f"{self._where} holds more than {MOST_BESIDE_ROWS:,} entries: save it as CSV.")
            if name == "mergeCell":
                self.sheet.merged.append(attributes.get("ref", "A1"))

    def _number(self, said: str | None):
        before, self._row = self._row, int(said) if said and said.isdecimal() else self._row + 1
        if self._row > MOST_ROWS:
            raise FileRefused(f"{self._where}, after row {before}: {_beyond()}")
        if self._row <= before:
            raise FileRefused(f"{self._where}, after row {before}: row {self._row} is out of order; {sniff.SAVE_AS}.")

    def _start_in_row(self, name: str, attributes: dict[str, str]):
        if name == "c":
            self._cell, self._type = attributes.get("r", ""), attributes.get("t", "")
            self._has_formula = self._has_value = False
            column = self._cell.rstrip("0123456789")
            if len(column) > len(LAST_COLUMN) or (len(column) == len(LAST_COLUMN) and column > LAST_COLUMN):
                raise FileRefused(f"{self._where}, row {self._row}: {_beyond()}")
        elif name == "f":
            self._has_formula = True
        elif name == "v":
            self._parser.CharacterDataHandler = self._value

    def _value(self, _text: str):
        self._has_value = True

    def _end(self, name: str):
        if name == "row":
            self._inside = False
        elif name == "v":
            self._parser.CharacterDataHandler = None
        elif name == "c":
            if self._type == "e":
                self.sheet.faults[self._row] = f"cell {self._cell} holds an error of the sheet, not a value"
            elif self._has_formula and not self._has_value and self._type != "str":
                self.sheet.faults[self._row] = (
                    f"cell {self._cell} holds a formula without its value: save the file in a spreadsheet program"
                )


def _beyond() -> str:
    return f"this is beyond what a sheet has ({MOST_ROWS:,} rows, {MOST_COLUMNS:,} columns). Save it as CSV."
