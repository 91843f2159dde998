import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import CannotStart, paths


def test_a_short_path_keeps_its_socket_beside_the_data(tmp_path):
    folder = tmp_path / "d"
    if len(os.fsencode(folder / "redis.sock")) <= paths.SOCKET_LIMIT:
        assert paths.short_socket_folder(folder, "redis.sock", None) == folder


@pytest.fixture
def short_tmp(monkeypatch) -> Iterator[Path]:
    """A stand-in for /tmp with a path short enough for sockets, which pytest's own folders have not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setattr(paths.tempfile, "gettempdir", lambda: folder)
        yield Path(folder)


def test_a_path_too_long_for_a_socket_gets_a_private_folder(tmp_path, short_tmp):
    deep = tmp_path / ("很深的文件夹" * 8)
    short = paths.short_socket_folder(deep, "redis.sock", None)
    assert short.parent == short_tmp
    assert len(os.fsencode(short / "redis.sock")) <= paths.SOCKET_LIMIT
    assert short.stat().st_mode & 0o777 == 0o700
    assert paths.short_socket_folder(deep, "redis.sock", None) == short
    assert paths.short_socket_folder(deep.with_name("x" * 120), "redis.sock", None) != short
    paths.remove_short_socket_folder(short, deep)
    assert not short.exists()


def test_a_double_quote_in_the_path_is_avoided(tmp_path, short_tmp):
    assert paths.short_socket_folder(tmp_path / 'a"b', "s", None).parent == short_tmp


def test_somebody_elses_folder_in_tmp_is_not_trusted(tmp_path, short_tmp):
    deep = tmp_path / ("x" * 120)
    short = paths.short_socket_folder(deep, "s", None)
    short.rmdir()
    (short_tmp / "trap").mkdir()
    short.symlink_to(short_tmp / "trap")
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        paths.short_socket_folder(deep, "s", None)


def test_everything_in_the_data_folder_is_private(tmp_path):
    data = tmp_path / "new" / "data"
    paths.prepare_data_folder(data)
    assert data.stat().st_mode & 0o066 == 0
    assert all((data / name).stat().st_mode & 0o077 == 0 for name in paths.PRIVATE_FOLDERS)


def test_a_nearly_full_disk_is_said_before_anything_is_written_to_it(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "NEEDED_BYTES", 10**18)
    with pytest.raises(CannotStart, match=r"less than 1000000000000 MB free.*DATA_DIR="):
        paths.prepare_data_folder(tmp_path / "data")


def test_root_runs_postgres_as_the_owner_of_existing_data(tmp_path, monkeypatch):
    cluster = tmp_path / "cluster"
    cluster.mkdir()
    (cluster / "PG_VERSION").write_text("18\n")
    owner = pwd.getpwuid(os.geteuid())
    if owner.pw_uid == 0:
        owner = pwd.getpwnam("nobody")
        os.chown(cluster, owner.pw_uid, owner.pw_gid)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert paths.postgres_user(tmp_path / "none").pw_uid != 0
    assert paths.postgres_user(cluster) == owner


def test_everybody_else_runs_postgres_as_themselves(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert paths.postgres_user(tmp_path) is None


def test_a_data_folder_below_a_file_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "data"):
        with pytest.raises(CannotStart, match="cannot be a folder, because a file stands in the way"):
            paths.prepare_data_folder(folder)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_data_folder_whose_name_is_too_long_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(CannotStart, match="cannot be used"):
        paths.prepare_data_folder(tmp_path / ("x" * 300))
