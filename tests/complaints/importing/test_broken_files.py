"""Every kind of broken file ends in one sentence that says where and what to do, and stores nothing."""

import io
import os
import zipfile

import pytest
from django.core.management import CommandError, call_command
from openpyxl.chart import BarChart

from accounts.models import Team
from complaints.importing import mapping, readers, run, sheets, survey, textfiles
from complaints.importing.errors import FileRefused
from complaints.models import Complaint
from tests.complaints.importing import broken

OWN = {"columns": {"narrative": "text", "received_at": "when"}, "keep": ["n"]}


def refused(path, how=OWN) -> str:
    with pytest.raises(FileRefused) as refusal:
        run.check(path, mapping.build(how, where="own.yaml"))
    said = str(refusal.value)
    assert "\n" not in said
    assert len(said) < 400
    return said


@pytest.mark.parametrize("kind", broken.KINDS)
def test_a_broken_file_is_refused_in_one_sentence(tmp_path, kind):
    said = refused(broken.written(tmp_path, kind))
    name, _content, wanted = broken.KINDS[kind]
    assert name in said
    assert [words for words in wanted if words not in said] == []


def test_a_folder_a_pipe_and_a_file_that_is_not_there_are_named(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    assert "pipe.csv is a pipe or a device" in refused(tmp_path / "pipe.csv")
    assert f"{tmp_path.name} is a folder" in refused(tmp_path)
    assert "There is no file none.csv" in refused(tmp_path / "none.csv")
    assert "cannot be read" in refused(tmp_path / ("x" * 300))
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    assert "loop.csv cannot be read" in refused(tmp_path / "loop.csv")


def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text(broken.CSV)

    def not_yours(self, *args, **more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", not_yours)
    assert "a.csv may not be read by this user" in refused(path)


@pytest.mark.parametrize(("name", "content"), [("a.csv.gz", broken.swollen_gzip), ("a.xlsx", broken.swollen_sheet)])
def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_with_the_limit(tmp_path, monkeypatch, name, content):
    for module in (textfiles, survey):
        monkeypatch.setattr(module, "MOST_UNPACKED", 4 * 2**20)
    path = tmp_path / name
    path.write_bytes(content(5 * 2**20))
    assert path.stat().st_size < 60_000
    assert f"{name} unpacks to more than 4 MB" in refused(path)


def test_one_long_text_in_every_cell_is_refused_as_what_it_unpacks_to(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_UNPACKED", 2**20)
    path = tmp_path / "a.xlsx"
    path.write_bytes(broken.book([["when", "text", "n"], *[["2019-01-09", "x" * 30_000, 1]] * 40]))
    assert 'sheet "Sheet", row 36: the sheet holds more than 1 MB of text' in refused(path)


@pytest.mark.parametrize(("limit", "name"), [("MOST_BESIDE_ROWS", "more than 3 entries"), ("MOST_IN_ROW", "row 1")])
def test_xml_with_more_entries_than_memory_is_refused_before_it_is_built(tmp_path, monkeypatch, limit, name):
    monkeypatch.setattr(survey, limit, 3)
    path = tmp_path / "a.xlsx"
    path.write_bytes(broken.book())
    assert name in refused(path)


def test_a_bomb_by_another_name_is_found_too(tmp_path):
    renamed = broken.entity_bomb(broken.SHEET).replace(b"sheet1.xml", b"sheet1.bin")
    (tmp_path / "a.xlsx").write_bytes(renamed)
    assert "declares XML entities" in refused(tmp_path / "a.xlsx")


def test_pictures_in_a_workbook_are_no_fault(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as to, zipfile.ZipFile(io.BytesIO(broken.book())) as source:
        for name in source.namelist():
            to.writestr(name, source.read(name))
        to.writestr("xl/media/image1.png", b"\x89PNG\r\n")
    assert len(list(readers.read(tmp_path / "a.xlsx"))) == 2


def test_how_large_a_sheet_says_it_is_does_not_matter(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(broken.with_part(broken.SHEET, '<dimension ref=".*?"', '<dimension ref="A1:XFD1048576"'))
    assert [list(row.values) for row in readers.read(path)] == [["when", "text", "n"]] * 2


def test_what_a_file_is_counts_not_what_it_is_called(tmp_path):
    (tmp_path / "sheet.csv").write_bytes(broken.book())
    (tmp_path / "text.xlsx").write_text(broken.CSV)
    assert len(list(readers.read(tmp_path / "sheet.csv"))) == 2
    assert len(list(readers.read(tmp_path / "text.xlsx"))) == 1


def test_strings_in_a_list_of_their_own_are_read_as_excel_writes_them(tmp_path):
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    (tmp_path / "a.xlsx").write_bytes(broken.shared(f'<sst xmlns="{space}"><si><t>漏油</t></si></sst>'))
    assert next(readers.read(tmp_path / "a.xlsx")).values["text"] == "漏油"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (broken.cell("C3", '<c r="C3"><f>1+1</f><v></v></c>'), "C3 holds a formula without its value"),
        (broken.cell("C3", '<c r="C3" t="e"><v>#REF!</v></c>'), "C3 holds an error"),
        (broken.book(change=lambda made: made.active.merge_cells("B3:B4")), "B3:B4 are merged"),
        (broken.book([*broken.ROWS[:2], ["x", "y", 1, 2]]), "4 cells, the header has 3"),
    ],
)
def test_a_row_that_a_sheet_does_not_give_is_refused_alone(tmp_path, content, fault):
    (tmp_path / "a.xlsx").write_bytes(content)
    first, second = readers.read(tmp_path / "a.xlsx")
    assert first.fault == ""
    assert fault in second.fault


def test_a_formula_with_its_value_is_that_value(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(broken.cell("C3", '<c r="C3"><f>1+3</f><v>4</v></c>'))
    assert [row.fault for row in readers.read(tmp_path / "a.xlsx")] == ["", ""]


def test_a_date_that_no_calendar_has_refuses_its_row_without_a_warning(tmp_path):
    date_style = broken.book([*broken.ROWS], change=lambda made: setattr(made.active["C3"], "number_format", "d/m/yy"))
    (tmp_path / "a.xlsx").write_bytes(
        broken.with_part(broken.SHEET, r'(?<=<c r="C3" s="1" t="n"><v>)4', "9e99", date_style)
    )
    assert [row.values["n"] for row in readers.read(tmp_path / "a.xlsx")] == ["3", "#VALUE!"]


def test_a_forgotten_quotation_mark_is_named_with_the_lines_that_it_swallowed(tmp_path):
    (tmp_path / "a.csv").write_text('when,text,n\n2019-01-09,"x,3\n2019-01-10,y,3\n2019-01-11,"\n')
    (row,) = readers.read(tmp_path / "a.csv")
    assert row.line == 2
    assert "it goes on to line 4: is a quotation mark not closed?" in row.fault


class TestSheets:
    def made(self, tmp_path, **more):
        def two(book):
            other = book.create_sheet("Other")
            for cells in broken.ROWS[:2]:
                other.append(cells)
            book.create_chartsheet("Chart").add_chart(BarChart())
            book.active = more.get("active", 0)

        path = tmp_path / "a.xlsx"
        path.write_bytes(broken.book(change=two))
        return path

    def test_a_sheet_is_read_by_its_name(self, tmp_path):
        path = self.made(tmp_path)
        assert run.check(path, mapping.build(OWN | {"sheet": "Other"}, where="own.yaml")) == 1
        assert run.check(path, mapping.build(OWN, where="own.yaml")) == 2

    def test_a_sheet_that_is_not_there_names_those_that_are(self, tmp_path):
        assert 'no sheet "Third". It has: Sheet, Other.' in refused(self.made(tmp_path), OWN | {"sheet": "Third"})

    def test_among_several_behind_a_chart_the_sheet_must_be_named(self, tmp_path):
        assert "which sheet is meant?" in refused(self.made(tmp_path, active=2))

    def test_behind_a_chart_the_only_sheet_is_meant(self, tmp_path):
        (tmp_path / "b.xlsx").write_bytes(broken.chart_sheet())
        assert run.check(tmp_path / "b.xlsx", mapping.build(OWN, where="own.yaml")) == 2


class TestText:
    @pytest.mark.parametrize("separator", [";", "\t", "|", ","])
    def test_the_usual_separators_are_found(self, tmp_path, separator):
        (tmp_path / "a.csv").write_text(broken.CSV.replace(",", separator))
        assert next(readers.read(tmp_path / "a.csv")).values == {"when": "2019-01-09", "text": "漏油", "n": "3"}

    def test_the_columns_that_are_wanted_tell_the_separator(self, tmp_path):
        (tmp_path / "a.csv").write_text("when, where, how;text;n\n2019-01-09;x;3\n")
        how = OWN | {"columns": OWN["columns"] | {"received_at": "when, where, how"}}
        assert run.check(tmp_path / "a.csv", mapping.build(how, where="own.yaml")) == 1

    @pytest.mark.parametrize("named", ["~", "semicolon"])
    def test_another_one_is_read_when_the_mapping_names_it(self, tmp_path, named):
        (tmp_path / "a.csv").write_text(broken.CSV.replace(",", named if named == "~" else ";"))
        assert run.check(tmp_path / "a.csv", mapping.build(OWN | {"delimiter": named}, where="own.yaml")) == 1

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
    def test_the_mark_at_the_beginning_tells_the_encoding(self, tmp_path, encoding):
        (tmp_path / "a.csv").write_bytes(broken.CSV.encode(encoding))
        assert next(readers.read(tmp_path / "a.csv")).values["text"] == "漏油"

    @pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le"])
    def test_an_encoding_without_a_mark_is_read_when_it_is_named(self, tmp_path, encoding):
        (tmp_path / "a.csv").write_bytes(broken.CSV.encode(encoding))
        how = mapping.build(OWN, where="own.yaml").for_file(encoding=encoding)
        assert run.check(tmp_path / "a.csv", how) == 1

    def test_a_file_that_is_not_of_the_named_encoding_says_so(self, tmp_path):
        (tmp_path / "a.csv").write_text(broken.CSV)
        assert "this is not ascii text (byte 0xe6)" in refused(tmp_path / "a.csv", OWN | {"encoding": "ascii"})

    def test_a_very_long_cell_does_not_stop_the_file(self, tmp_path):
        (tmp_path / "a.csv").write_text(f"when,text,n\n2019-01-09,{'x' * 2**21},3\n2019-01-10,y,3\n")
        assert [len(row.values["text"]) for row in readers.read(tmp_path / "a.csv")] == [2**21, 1]


def test_nothing_of_a_file_that_breaks_at_its_end_is_stored(db, tmp_path):
    Team.objects.create(name="Jinghe Energy", kind="company")
    path = tmp_path / "a.csv"
    path.write_bytes(b"when,text,n\n" + b"2019-01-09,x,3\n" * 600 + b'2019-01-09,"x,3\n')
    (tmp_path / "own.yaml").write_text("columns: {narrative: text, received_at: when}")
    with pytest.raises(CommandError, match=r"line 602: a quotation mark .* Nothing was stored\."):
        call_command("import_complaints", str(path), "--mapping", str(tmp_path / "own.yaml"))
    assert not Complaint.objects.exists()
