"""The parts of the local start that need no servers."""

import os
import signal
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from local import (
    CannotStart,
    binaries,
    dev,
    environment,
    instance,
    postgres,
    processes,
    supervisor,
    tests,
    up,
)
from local.memory import part_of


@pytest.mark.parametrize("raw", ["0", "65536", "80a", "-1", "٨٠", "1.5"])
def test_a_port_that_is_none_is_refused(raw):
    with pytest.raises(CannotStart, match=r"PORT must be a number from 1 to 65535"):
        environment.port_number({"PORT": raw})


def test_the_port_is_8000_unless_said_otherwise():
    assert environment.port_number({}) == 8000
    assert environment.port_number({"PORT": "8001"}) == 8001


def test_a_busy_port_gets_one_sentence_with_what_to_do():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"^Port {port} is used by another program: .*PORT=8000"):
            environment.listen(port)


def test_a_free_port_is_held_from_then_on():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with environment.listen(port), pytest.raises(CannotStart):
        environment.listen(port)


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    key = environment.secret_key(tmp_path)
    assert len(key) >= 50
    assert environment.secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_demo_is_loaded_unless_refused_in_so_many_words():
    assert environment.wants_demo({}) is True
    assert environment.wants_demo({"DEMO": "False"}) is False
    with pytest.raises(CannotStart, match='DEMO must be "true" or "false", not "0"'):
        environment.wants_demo({"DEMO": "0"})


def test_a_local_start_fills_in_what_is_not_set_by_hand(tmp_path):
    found = environment.desk_environment({}, tmp_path, 8001)
    assert found["BASE_URL"] == "http://127.0.0.1:8001"
    assert found["ALLOWED_HOSTS"] == "localhost,127.0.0.1"
    assert "DEBUG" not in found
    own = environment.desk_environment({"BASE_URL": "http://desk.lan", "SECRET_KEY": "k" * 50}, tmp_path, 8001)
    assert (own["BASE_URL"], own["SECRET_KEY"]) == ("http://desk.lan", "k" * 50)


def test_only_the_preparation_knows_the_owner_of_the_database(monkeypatch):
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://from-outside")
    overlay = {"DATABASE_OWNER_URL": "postgres://owner"}
    assert environment.full_environment(overlay, owner=True)["DATABASE_OWNER_URL"] == "postgres://owner"
    assert "DATABASE_OWNER_URL" not in environment.full_environment(overlay, owner=False)


def test_a_hand_picked_program_must_exist(tmp_path):
    with pytest.raises(CannotStart, match="PG_BIN"):
        binaries.postgres_folder({"PG_BIN": str(tmp_path)})
    with pytest.raises(CannotStart, match="REDIS_BIN"):
        binaries.redis_program({"REDIS_BIN": str(tmp_path / "none")})


def test_without_any_server_the_answer_is_to_name_ones_own(monkeypatch, tmp_path):
    monkeypatch.setattr(binaries, "wheel_folder", lambda package: None)
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path)
    with pytest.raises(CannotStart, match=r"set DATABASE_URL="):
        binaries.postgres_folder({"PATH": str(tmp_path)})
    with pytest.raises(CannotStart, match="set REDIS_URL="):
        binaries.redis_program({"PATH": str(tmp_path)})


def test_the_newest_postgres_of_the_system_is_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(binaries, "wheel_folder", lambda package: None)
    monkeypatch.setattr(binaries, "DEBIAN", tmp_path)
    for version in ("9", "15", "17"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        (folder / "postgres").touch()
        (folder / "initdb").touch()
    assert binaries.postgres_folder({"PATH": ""}) == tmp_path / "17" / "bin"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ('x\nFATAL:  could not write "base/1": No space left on device', "The disk is full"),
        ("initdb: error: could not look up effective user ID 1234: user does not exist", "has no name in the system"),
        ("LOG: starting\nFATAL:  bad setting", "bad setting"),
        ("", "It said nothing."),
    ],
)
def test_a_servers_last_words_become_a_reason(output, reason):
    assert reason in postgres.why(output)


def test_a_data_folder_has_one_desk(tmp_path):
    first, second = instance.Instance(tmp_path), instance.Instance(tmp_path)
    assert first.take()
    first.tell(mode=instance.UP, url="http://127.0.0.1:8000", env={})
    assert (tmp_path / "run.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(CannotStart, match=r"already running at http://127\.0\.0\.1:8000"):
        second.take_for_desk()
    first.release()
    assert second.take()
    assert second.read() == {}
    second.release()


def test_processes_that_outlived_a_killed_desk_are_ended_and_strangers_are_not(tmp_path):
    ours = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        killed = instance.Instance(tmp_path)
        killed.take()
        killed.tell(mode=instance.UP, url="", env={}, children=[ours.pid, stranger.pid, 2**22 + 1])
        killed.lock.close()
        heir = instance.Instance(tmp_path)
        assert reap_while(ours, heir.take)
        heir.release()
        assert ours.returncode == -signal.SIGTERM
        assert stranger.poll() is None
    finally:
        for process in (ours, stranger):
            process.kill()
            process.wait()


def reap_while(process, work):
    """Do `work` while another thread reaps `process`, as init does with the orphans of a killed desk."""
    import threading

    thread = threading.Thread(target=process.wait)
    thread.start()
    result = work()
    thread.join()
    return result


def test_a_process_that_ignores_sigterm_is_killed_in_the_end():
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE, start_new_session=True)
    process.stdout.readline()
    processes.finish([process], 0.3)
    process.stdout.close()
    assert process.returncode == -signal.SIGKILL


def test_a_child_dies_with_its_parent_even_when_that_is_killed(tmp_path):
    if not processes.LINUX:
        pytest.skip("the kernel of this system cannot do that; the next start cleans up")
    code = (
        "import sys, time; from pathlib import Path; from local.processes import spawn;"
        "print(spawn(['sleep', '60'], log=Path(sys.argv[1])).pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    assert "sleep" in processes.command_of(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert processes.wait_until(lambda: "sleep" not in processes.command_of(child), 5)


def test_a_log_that_grew_too_long_is_put_aside(tmp_path):
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (processes.LOG_LIMIT + 1))
    processes.spawn(["true"], log=log).wait()
    assert log.stat().st_size == 0
    assert (tmp_path / "web.old.log").stat().st_size > processes.LOG_LIMIT


def service_that(code: str, name: str = "web") -> supervisor.Service:
    return supervisor.Service(name, [sys.executable, "-c", code])


@pytest.fixture
def watch(tmp_path):
    made = []

    def make(service):
        (tmp_path / "web.log").touch()
        told = []
        keeper = supervisor.Supervisor([service], [], env=dict(os.environ), logs=tmp_path, on_change=told.append)
        made.append(keeper)
        return keeper, told

    yield make
    for keeper in made:
        keeper.stop()


def test_a_process_that_ends_is_started_again(watch, capsys):
    service = service_that("import time; time.sleep(60)")
    keeper, told = watch(service)
    keeper.start()
    service.started -= supervisor.HEALTHY_AFTER
    first = service.process
    first.kill()
    first.wait()
    keeper.look()
    assert service.process.pid != first.pid
    assert told == [[first.pid], [service.process.pid]]
    assert "web ended (status -9) and starts again at once" in capsys.readouterr().out


def test_a_process_that_cannot_start_is_tried_with_growing_pauses(watch, monkeypatch):
    service = service_that("raise SystemExit(1)")
    keeper, _told = watch(service)
    # Its zero is the start of the machine, so it is stopped before anything is measured from it.
    monkeypatch.setattr(supervisor, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    keeper.start()
    pauses = []
    for _ in range(7):
        service.process.wait()
        keeper.look()
        pauses.append(service.next_start - 1000)
        service.next_start = 0.0
        keeper.look()
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_under_faketime_python_waits_for_lengths_of_time_only():
    assert tests.moved_clock({"PYTHONPATH": "/ours"}) == {}
    moved = tests.moved_clock({"PYTHONPATH": "/ours", "FAKETIME": "+1d"})
    assert moved["FAKETIME_DONT_FAKE_MONOTONIC"] == "1"
    question = "import time; time.sleep(0.01); print(time.sleep.__module__)"
    answer = subprocess.run([sys.executable, "-c", question], env=moved, capture_output=True, text=True, timeout=60)
    assert answer.stdout == "sitecustomize\n"


def test_the_services_of_a_desk_are_those_of_the_design():
    services = {service.name: service.command for service in supervisor.desk_services(7)}
    assert list(services) == ["web", "sweeper", "worker", "beat", "guard"]
    assert "fd://7" in services["web"]
    assert services["sweeper"][services["sweeper"].index("-Q") + 1] == "sweep"
    assert services["worker"][services["worker"].index("-Q") + 1] == "desk"
    assert services["guard"][-2:] == [str(environment.ROOT / "manage.py"), "guard"]


def test_the_fingerprint_of_static_files_changes_with_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(up, "ROOT", tmp_path)
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.css").write_text("a{}")
    before = up.static_fingerprint(tmp_path)
    assert up.static_fingerprint(tmp_path) == before
    (tmp_path / "static" / "a.css").write_text("a{ }")
    assert up.static_fingerprint(tmp_path) != before


def test_memory_is_added_up_by_part():
    assert part_of(os.getpid()) == "supervisor"
    assert part_of(2**22 + 1) == "ended"


@pytest.mark.parametrize(
    ("checks", "only_behind"),
    [
        ({"ready": False, "database": "ok", "promises": "late", "sweep": "ok", "sweep_age_s": 0.5}, True),
        ({"ready": False, "database": "ok", "promises": "late", "sweep": "late"}, False),
        ({"ready": False, "database": "down", "promises": "unknown"}, False),
        ({}, False),
    ],
)
def test_what_fell_due_while_the_desk_was_off_does_not_keep_it_from_starting(checks, only_behind):
    assert up.is_only_behind(checks) is only_behind


def test_a_changed_python_file_starts_all_but_the_web_process_again(tmp_path, monkeypatch):
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "EVERY_S", 0.0)
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "verbs.py").write_text("VERBS = []")
    started = []
    desk = supervisor.Supervisor(
        [service_that("import time; time.sleep(60)", name) for name in ("web", "worker")],
        [],
        env=dict(os.environ),
        logs=tmp_path,
        on_change=started.append,
    )
    desk.start()
    try:
        watch = dev.Watch(desk, ["desk"])
        assert watch.look() == []
        (tmp_path / "desk" / "verbs.py").write_text("VERBS = ['log']")
        os.utime(tmp_path / "desk" / "verbs.py", ns=(1, 1))
        assert watch.look() == ["desk/verbs.py"]
        assert watch.look() == []
    finally:
        desk.stop()
    (web, worker), (web_now, worker_now) = started
    assert web == web_now
    assert worker != worker_now
