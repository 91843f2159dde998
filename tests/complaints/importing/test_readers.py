import gzip
from datetime import datetime

import openpyxl
import pytest

from complaints.importing import readers
from complaints.importing.errors import FileRefused


def written(tmp_path, content, name="a.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_line_numbers_are_those_where_a_row_begins_even_with_quoted_line_breaks(tmp_path):
    path = written(tmp_path, 'a,b\n1,"x\ny"\n2,z\n\n3,q\n')
    assert [(row.line, row.values["a"]) for row in readers.read(path)] == [(2, "1"), (4, "2"), (6, "3")]


def test_a_byte_order_mark_and_gzip_are_fine(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress("\ufeff文,b\n漏油,1\n".encode()))
    assert [row.values for row in readers.read(path)] == [{"文": "漏油", "b": "1"}]


def test_ragged_rows_come_with_a_fault_and_do_not_stop_the_file(tmp_path):
    path = written(tmp_path, "a,b\n1\n1,2,3\n1,2\n")
    faults = [row.fault for row in readers.read(path)]
    assert faults == ["the row has 1 cells, the header has 2", "the row has 3 cells, the header has 2", ""]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("", "a.csv", "The file is empty"),
        ("\n\n", "a.csv", "The file is empty"),
        ("a,a\n1,2\n", "a.csv", "twice: a"),
        ("文\n漏油\n".encode("gb18030"), "a.csv", "line 1: this is not UTF-8 text"),
        (b"a,b\n1,2\n" + b"x" * 9000 + b"\xff,3\n", "a.csv", "line 3: this is not UTF-8 text"),
        ('a,b\n"1,2\n', "a.csv", "line 2: a quotation mark"),
        (gzip.compress(b"a,b\n1,2\n" * 9000)[:-40], "a.csv.gz", "damaged or cut short"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(tmp_path, content, name, said):
    path = written(tmp_path, content, name)
    with pytest.raises(FileRefused) as refused:
        list(readers.read(path))
    assert said in str(refused.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileRefused, match="There is no file"):
        list(readers.read(tmp_path / "none.csv"))


def test_another_encoding_is_read_when_it_is_named(tmp_path):
    path = written(tmp_path, "文\n漏油\n".encode("gb18030"))
    assert [row.values for row in readers.read(path, readers.Layout(encoding="gb18030"))] == [{"文": "漏油"}]


def test_a_sheet_gives_the_same_rows_as_a_csv_of_it(tmp_path):
    book = openpyxl.Workbook()
    for cells in (
        ["when", "text", "n"],
        [datetime(2019, 1, 9, 8, 5, 2), "漏油", 3.0],
        [None, None, None],
        ["x", None, 1],
    ):
        book.active.append(cells)
    book.save(tmp_path / "a.xlsx")
    rows = list(readers.read(tmp_path / "a.xlsx"))
    assert rows[0].values == {"when": "2019-01-09 08:05:02", "text": "漏油", "n": "3"}
    assert [row.line for row in rows] == [2, 4]
