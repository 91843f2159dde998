"""Files that a rolled-back transaction left: found, named, and removed on request; nothing else is touched."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from complaints.case.actors import CUSTOMER
from complaints.evidence import attaching, filestore
from complaints.management.commands import remove_stray_files
from complaints.models import Evidence
from tests.cases import logged
from tests.complaints import samples


@pytest.fixture
def store(settings) -> Path:
    return settings.MEDIA_ROOT


@pytest.fixture
def kept(cast, at) -> set[str]:
    """The names of a photo and its preview that a complaint has, two days old."""
    names = attach(logged(cast, at), at)
    age(*names)
    return names


def attach(complaint, at) -> set[str]:
    photo = attaching.examine(SimpleUploadedFile("photo.jpg", samples.jpeg()))
    (row,) = attaching.attach(complaint, [photo], actor=CUSTOMER, at=at)
    return {row.file.name, row.preview.name}


def age(*names: str, hours: float = 48):
    moment = (timezone.now() - timedelta(hours=hours)).timestamp()
    for name in names:
        os.utime(filestore.path_of(name), (moment, moment), follow_symlinks=False)


def stray(*, content: bytes = b"x" * 1234, hours: float = 48) -> str:
    name = filestore.write([content]).name
    age(name, hours=hours)
    return name


def on_disk(store) -> set[str]:
    return {str(path.relative_to(store)) for path in store.rglob("*") if not path.is_dir()}


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("remove_stray_files", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_what_a_rolled_back_transaction_left_is_listed_and_stays_until_it_is_asked_for(cast, at, store, kept):
    other = logged(cast, at)
    with transaction.atomic():
        left = attach(other, at)
        transaction.set_rollback(True)
    age(*left)
    said = run()
    assert on_disk(store) == kept | left
    assert all(name in said for name in left)
    assert not any(name in said for name in kept)
    assert "2 stray files" in said
    assert "Nothing was removed: add --delete." in said

    assert "removed." in run("--delete")
    assert on_disk(store) == kept
    assert run("--delete") == "0 stray files, 0 bytes.\n"


def test_names_and_sizes_are_told_with_their_sum(kept):
    first, second = stray(), stray(content=b"y")
    lines = run().splitlines()
    assert sorted(lines[:2]) == sorted([f"{first} 1,234 bytes", f"{second} 1 bytes"])
    assert lines[2].startswith("2 stray files, 1,235 bytes.")


@pytest.mark.parametrize(("arguments", "hours", "goes"), [
    ([], 23.9, False), ([], 24.1, True),
    (["--older-than-hours=2"], 1.9, False), (["--older-than-hours=2"], 2.1, True),
])  # fmt: skip
def test_what_is_newer_than_the_limit_is_never_touched(store, kept, arguments, hours, goes):
    name = stray(hours=hours)
    run("--delete", *arguments)
    assert on_disk(store) == kept | (set() if goes else {name})


def test_a_file_that_was_never_finished_is_one_too(store, kept):
    name = stray()
    half = Path(f"{filestore.path_of(name)}.part")
    filestore.path_of(name).rename(half)
    run("--delete")
    assert on_disk(store) == kept


def test_what_the_desk_did_not_make_and_what_lies_outside_stay(store, kept, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    foreign = [store / "README", store / "ab" / "notes.txt", store / "xyz" / ("a" * 32), outside / ("b" * 32)]
    for path in foreign:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
        age(str(path))
    folder = next(f"{n:02x}" for n in range(256) if not (store / f"{n:02x}").exists())
    links = [store / folder, store / "ab" / ("c" * 32)]
    links[0].symlink_to(outside)
    links[1].symlink_to(foreign[-1])
    age(str(links[1]))
    before = on_disk(store)
    assert run("--delete") == "0 stray files, 0 bytes.\n"
    assert on_disk(store) == before
    assert all(path.exists() for path in foreign + links)


def test_many_files_are_looked_up_in_chunks(store, kept, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(remove_stray_files, "CHUNK", 2)
    for _each in range(3):
        stray()
    # Whether there is any evidence, then five files, two at a time: evidence, or of a form that is not sent yet.
    with django_assert_num_queries(1 + 3 * 2):
        run("--delete")
    assert on_disk(store) == kept


def test_a_store_that_is_not_there_yet_is_empty(db):
    assert run() == "0 stray files, 0 bytes.\n"


def test_a_database_without_any_evidence_is_taken_for_the_wrong_one(db, store):
    name = stray()
    with pytest.raises(CommandError, match="Is it the right one"):
        run("--delete")
    assert on_disk(store) == {name}
    assert name in run()


@pytest.mark.parametrize("hours", ["0", "-5", "99999999999"])
def test_an_age_that_makes_no_sense_is_refused(db, hours):
    with pytest.raises(CommandError, match="must be between 1 and"):
        run(f"--older-than-hours={hours}")


def test_one_that_cannot_be_removed_is_named_and_the_others_go(store, kept, monkeypatch):
    stuck, other = stray(), stray()
    unlink = Path.unlink

    def refuses(path, **kwargs):
        if str(path).endswith(stuck):
            raise PermissionError(13, "Permission denied")
        unlink(path, **kwargs)

    monkeypatch.setattr(Path, "unlink", refuses)
    with pytest.raises(CommandError, match="1 could not be removed"):
        run("--delete")
    assert on_disk(store) == kept | {stuck}
    assert other not in on_disk(store)


def test_evidence_can_still_be_read_afterwards(kept):
    stray()
    run("--delete")
    row = Evidence.objects.get()
    assert filestore.path_of(row.file.name).stat().st_size == row.size
