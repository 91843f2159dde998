"""Files that are no table, or a table in a way that cannot be read: made here, one function a kind."""

import gzip
import io
import os
import re
import zipfile
from pathlib import Path

import openpyxl
from openpyxl.chart import BarChart

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
BOMB = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "haha">{ENTITIES}]>'
ROWS = [["when", "text", "n"], ["2019-01-09", "漏油", 3], ["2019-01-10", "No receipt", 4]]
CSV = "when,text,n\n2019-01-09,漏油,3\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def book(rows=ROWS, *, change=lambda opened: None) -> bytes:
    """The bytes of a workbook with these rows in its first sheet; `change` may work on it before."""
    made = openpyxl.Workbook()
    for cells in rows:
        made.active.append(cells)
    change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def with_part(name: str, old: str, new: str, whole: bytes | None = None) -> bytes:
    """A workbook in one part of which the pattern `old` became `new`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole or book())) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as to:
        for part in source.namelist():
            content = source.read(part)
            if part == name:
                content = re.sub(old, lambda match: new, content.decode(), count=1).encode()
            to.writestr(part, content)
    return out.getvalue()


def without_part(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book())) as source, zipfile.ZipFile(out, "w") as to:
        for part in source.namelist():
            if part != name:
                to.writestr(part, source.read(part))
    return out.getvalue()


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as to:
        for name, content in files.items():
            to.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def chart_sheet() -> bytes:
    def only_a_chart(made):
        made.create_chartsheet("Chart").add_chart(BarChart())
        made.active = 1

    return book(change=only_a_chart)


def charts_only() -> bytes:
    def no_rows(made):
        made.create_chartsheet("Chart").add_chart(BarChart())
        made.remove(made.worksheets[0])

    return book(change=no_rows)


def merged_title() -> bytes:
    def merge(made):
        made.active.insert_rows(1)
        made.active["A1"] = "Complaints of 2019"
        made.active.merge_cells("A1:C1")

    return book(change=merge)


def shared(strings: str) -> bytes:
    """A workbook with a list of strings, as Excel writes it, of which B2 is the first."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    listed = with_part(
        "[Content_Types].xml", "</Types>", f'<Override PartName="/{STRINGS}" ContentType="{kind}"/></Types>'
    )
    out = io.BytesIO(with_part(SHEET, '<c r="B2".*?</c>', '<c r="B2" t="s"><v>0</v></c>', listed))
    with zipfile.ZipFile(out, "a") as to:
        to.writestr(STRINGS, strings)
    return out.getvalue()


def entity_bomb(part: str) -> bytes:
    return with_part(part, r"^(<\?xml.*?\?>)?", BOMB)


def swollen_sheet(size: int) -> bytes:
    """A sheet with a part of white space that unpacks to `size` bytes."""
    return with_part(SHEET, "</sheetData>", "</sheetData>" + " " * size)


def swollen_gzip(size: int) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as to:
        to.write(CSV.encode())
        for _ in range(size // 2**20):
            to.write(b"2019-01-09,x," + b"1" * (2**20 - 14) + b"\n")
    return out.getvalue()


def cell(reference: str, new: str) -> bytes:
    return with_part(SHEET, f'<c r="{reference}".*?</c>', new)


# Kind: (name of the file, its bytes, what the sentence must say).
KINDS = {
    "empty": ("a.csv", b"", ["is empty"]),
    "only line ends": ("a.csv", b"\n\r\n\n", ["is empty"]),
    "empty gzip": ("a.csv.gz", gzip.compress(b""), ["is empty"]),
    "no gzip": ("a.csv.gz", b"not gzip", ["lacks these columns"]),
    "gzip cut short": ("a.csv.gz", gzip.compress(os.urandom(500) + CSV.encode())[:-40], ["a.csv.gz is damaged"]),
    "gzip with wrong bytes": (
        "a.csv.gz",
        gzip.compress(CSV.encode() * 50)[:20] + b"\xff" * 30 + gzip.compress(CSV.encode() * 50)[50:],
        ["a.csv.gz is damaged", "Copy it once more"],
    ),
    "gzip of a sheet": ("a.csv.gz", gzip.compress(book()), ["holds", "unpack"]),
    "gzip of a gzip": ("a.csv.gz", gzip.compress(gzip.compress(CSV.encode())), ["packed twice", "unpack"]),
    "bzip2": ("a.csv.bz2", b"BZh91AY&SY", ["bzip2", "unpack"]),
    "PDF": ("a.csv", b"%PDF-1.7\n%\xe2\xe3", ["PDF"]),
    "picture": ("a.csv", b"\x89PNG\r\n\x1a\n\0\0", ["picture"]),
    "web page named .xls": ("a.xls", b"\xef\xbb\xbf <html><table><tr><td>when", ["web page", ".xlsx"]),
    "old .xls": ("a.xls", OLE, ["old Excel", ".xlsx"]),
    "with a password": ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), ["password"]),
    "zip of a CSV": ("a.zip", zipped(a_csv=CSV), ["ZIP archive", "a.csv", "unpack"]),
    "OpenDocument": ("a.ods", zipped(mimetype="application/x", content_xml="<x/>"), ["OpenDocument", ".xlsx"]),
    "binary workbook": ("a.xlsb", zipped(xl__workbook_bin="x"), [".xlsb", ".xlsx"]),
    "no sheet at all": ("a.xlsx", b"not a sheet", ["lacks these columns"]),
    "sheet cut short": ("a.xlsx", book()[:-300], ["a.xlsx is damaged"]),
    "sheet part cut short": ("a.xlsx", with_part(SHEET, "(?s)漏油.*", ""), ["damaged", SHEET]),
    "strings cut short": ("a.xlsx", shared("<sst><si><t>漏油"), ["damaged", STRINGS]),
    "missing part": ("a.xlsx", without_part(SHEET), ["no sheet with rows"]),
    "no list of parts": ("a.xlsx", without_part("[Content_Types].xml"), ["a.xlsx is damaged", "[Content_Types].xml"]),
    "charts only": ("a.xlsx", charts_only(), ["no sheet with rows"]),
    "number with letters": ("a.xlsx", cell("C2", '<c r="C2" t="n"><v>3x</v></c>'), ["Sheet", "row 2", "3x"]),
    "string that is not there": ("a.xlsx", cell("B3", '<c r="B3" t="s"><v>99</v></c>'), ["Sheet", "row 3"]),
    "cell beyond every sheet": ("a.xlsx", cell("C2", '<c r="ZZZZZ2"><v>3</v></c>'), ["row 2", "16,384 columns"]),
    "row beyond every sheet": (
        "a.xlsx",
        with_part(SHEET, '<row r="3"', '<row r="99999999999"'),
        ["after row 2", "1,048,576 rows"],
    ),
    "rows out of order": ("a.xlsx", with_part(SHEET, '<row r="3"', '<row r="1"'), ["after row 2", "order"]),
    "entity bomb in the sheet": ("a.xlsx", entity_bomb(SHEET), ["entities", SHEET]),
    "entity bomb in the strings": ("a.xlsx", shared(BOMB + "<sst/>"), ["entities", STRINGS]),
    "entity bomb in the list of parts": ("a.xlsx", entity_bomb("[Content_Types].xml"), ["entities"]),
    "merged title": ("a.xlsx", merged_title(), ["lacks these columns", "A1:C1", "merged"]),
    "columns twice": ("a.csv", b"when,text,n,text\n1,2,3,4\n", ["twice: text"]),
    "GB18030": (
        "a.csv",
        "when,text,n\n2019-01-09,漏油,3\n".encode("gb18030"),
        ["line 2", "encoding: gb18030"],
    ),
    "UTF-16 without its mark": ("a.csv", CSV.encode("utf-16-le"), ["encoding: utf-16-le"]),
    "no text": ("a.csv", b"when,text,n\n" + b"2019-01-09,x,3\n" * 900 + b"\xff,3,3\n", ["line 902", "0xff"]),
    "quotation mark never closed": ("a.csv", b'when,text,n\n1,"2,3\n4,5,6\n', ["line 2", "never closed"]),
    "text after a quotation mark": ("a.csv", b'when,text,n\n1,2,3\n1,"2"x,3\n', ["line 3", "twice"]),
    "field without end": ("a.csv", b'when,text,n\n1,"' + b"x\n" * (9 * 2**20) + b'",3\n', ["line 2", "16 million"]),
    "line without end": ("a.csv", b"when,text,n\n1,2,3\n" + b"x" * (17 * 2**20), ["line 3", "16 million"]),
    "another separator": ("a.csv", CSV.replace(",", "~").encode(), ["lacks these columns", "delimiter:"]),
}


def written(folder: Path, kind: str) -> Path:
    name, content, _said = KINDS[kind]
    (folder / name).write_bytes(content)
    return folder / name
