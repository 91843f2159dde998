import io
import shutil

import polib
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config import catalogue

needs_gettext = pytest.mark.skipif(not shutil.which("xgettext"), reason="GNU gettext is not on this machine")


def entry(**fields) -> polib.POEntry:
    return polib.POEntry(**{"msgid": "Sign in", "msgstr": "登录", **fields})


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, None),
        ({"msgstr": ""}, "not translated"),
        ({"flags": ["fuzzy"]}, "only guessed at"),
        ({"obsolete": True}, "no longer used"),
        ({"msgid": "%(n)s cases", "msgstr": "案件"}, "other placeholders"),
        ({"msgid": "%(n)s cases", "msgstr": "%(m)s件"}, "other placeholders"),
        ({"msgid": "{n} of {all}", "msgstr": "{all}中的{n}"}, None),
        ({"msgid_plural": "%(n)s cases", "msgid": "one case", "msgstr_plural": {0: "%(n)s件"}}, None),
        ({"msgid_plural": "%(n)s cases", "msgid": "one case", "msgstr_plural": {0: ""}}, "not translated"),
        ({"msgid_plural": "%(n)s cases", "msgid": "one case", "msgstr_plural": {0: "几件"}}, "other placeholders"),
        ({"msgstr": "请先登录,再试一次"}, "Western punctuation"),
        ({"msgstr": "已登录 (本机)"}, "Western punctuation"),
        ({"msgstr": "已登录."}, "Western punctuation"),
        ({"msgid": "%(a)s: %(b)s", "msgstr": "%(a)s: %(b)s"}, "Western punctuation"),
        ({"msgstr": "9:30前，例如186.50、1,440分钟，C-2026-000123"}, None),
        ({"msgstr": '<a class="num" href="/?a,b">登录</a>：“是”'}, None),
    ],
)
def test_each_fault_of_a_translation_is_named(fields, problem):
    found = list(catalogue.problems_of(entry(**fields)))
    assert len(found) == (1 if problem else 0)
    assert problem is None or problem in found[0]


@pytest.fixture
def project(tmp_path):
    """A checkout with one text in a template, one in Python, and a catalogue that has both."""
    for folder in catalogue.SOURCES:
        (tmp_path / folder).mkdir()
    (tmp_path / "templates" / "a.html").write_text("{% load i18n %}{% translate 'Queue' %}", encoding="utf-8")
    (tmp_path / "accounts" / "a.py").write_text("from x import gettext as _\n_('Person')\n", encoding="utf-8")
    (tmp_path / catalogue.CATALOGUE).parent.mkdir(parents=True)
    po = polib.POFile()
    po.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=1; plural=0;"}
    po.append(polib.POEntry(msgid="Queue", msgstr="待办"))
    po.append(polib.POEntry(msgid="Person", msgstr="人员"))
    po.save(str(tmp_path / catalogue.CATALOGUE))
    catalogue.compile_catalogue(tmp_path)
    return tmp_path


def check(project, settings) -> str:
    settings.BASE_DIR = project
    output = io.StringIO()
    call_command("check_translations", stdout=output)
    return output.getvalue()


@needs_gettext
def test_a_complete_catalogue_passes(project, settings):
    assert "Every text is translated" in check(project, settings)


@needs_gettext
def test_a_new_text_is_found(project, settings):
    (project / "complaints" / "b.py").write_text("from x import gettext as _\n_('Extension')\n", encoding="utf-8")
    with pytest.raises(CommandError, match="1 problems"):
        check(project, settings)


@needs_gettext
def test_a_text_that_went_away_is_found(project, settings):
    (project / "accounts" / "a.py").write_text("", encoding="utf-8")
    with pytest.raises(CommandError, match="1 problems"):
        check(project, settings)


@needs_gettext
def test_a_catalogue_that_was_not_compiled_again_is_found(project, settings):
    po = polib.pofile(str(project / catalogue.CATALOGUE))
    po.find("Queue").msgstr = "队列"
    po.save()
    with pytest.raises(CommandError, match="1 problems"):
        check(project, settings)


@needs_gettext
def test_updating_brings_new_texts_into_the_catalogue(project, settings):
    settings.BASE_DIR = project
    (project / "complaints" / "b.py").write_text("from x import gettext as _\n_('Extension')\n", encoding="utf-8")
    call_command("update_translations", stdout=io.StringIO())
    assert polib.pofile(str(project / catalogue.CATALOGUE)).find("Extension").msgstr == ""


def test_without_gettext_the_check_fails_and_says_how_to_get_it(project, settings, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(CommandError, match="apt install gettext"):
        check(project, settings)


def test_the_compiled_catalogue_is_the_committed_one():
    committed = settings.BASE_DIR / catalogue.CATALOGUE
    assert committed.with_suffix(".mo").read_bytes() == polib.pofile(str(committed)).to_binary()
