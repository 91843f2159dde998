"""A signal that asks to stop is never lost, also while a process is being started."""

import subprocess
import sys
import textwrap

from django.conf import settings

BEGINNING = """
import logging, os, signal, sys
from pathlib import Path
from local import signals
from local.processes import finish, run_as
from local.steps import Steps
from local.supervisor import Service, Supervisor

signals.stop_on_signals()
forks = []

def interrupt():
    forks.append(1)
    os.kill(os.getpid(), signal.SIGTERM)
"""


def said_by(code: str) -> str:
    """Run the code in a process of its own and return what it printed."""
    program = textwrap.dedent(BEGINNING) + textwrap.dedent(code)
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=30
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_a_signal_while_python_forks_is_heard_and_the_new_process_is_noted(tmp_path):
    # The hook stands for the ones of the standard library: what a handler raises in them is dropped by Python.
    said = said_by(f"""
        logs = Path({str(tmp_path)!r})
        service = Service("sleeper", ["sleep", "60"])
        supervisor = Supervisor([service], [], env=dict(os.environ), logs=logs, on_change=lambda numbers: None)
        os.register_at_fork(after_in_parent=interrupt)
        try:
            supervisor.start()
            print("lost")
        except KeyboardInterrupt:
            print("heard", len(forks), service.process.poll())
        supervisor.stop()
        print(service.process.returncode)
    """)
    assert said.split() == ["heard", "1", "None", "-15"]


def test_a_step_that_a_signal_meets_at_its_start_is_ended():
    said = said_by("""
        os.register_at_fork(before=interrupt)
        steps = Steps(dict(os.environ, DATABASE_URL="", REDIS_URL=""))
        try:
            with steps:
                steps.begin("check")
                print("lost")
        except KeyboardInterrupt:
            print("heard", len(steps.begun), steps.begun[0].process.returncode is not None)
    """)
    assert said.split() == ["heard", "1", "True"]


def test_a_command_is_finished_before_the_signal_is_heard(tmp_path):
    mark = tmp_path / "done"
    said = said_by(f"""
        try:
            run_as(["sh", "-c", "kill -TERM $PPID; sleep 0.2; touch " + {str(mark)!r}], None)
            print("lost")
        except KeyboardInterrupt:
            print("heard")
    """)
    assert said.split() == ["heard"]
    assert mark.exists()


def test_a_signal_outside_such_a_block_is_heard_at_once_and_a_second_one_is_not():
    said = said_by("""
        try:
            with signals.not_halfway(), signals.not_halfway():
                os.kill(os.getpid(), signal.SIGTERM)
                print("on")
            print("lost")
        except KeyboardInterrupt:
            print("heard")
        os.kill(os.getpid(), signal.SIGINT)
        print("ignored")
        signals.stop_on_signals()
        try:
            os.kill(os.getpid(), signal.SIGHUP)
            print("lost")
        except KeyboardInterrupt:
            print("again")
    """)
    assert said.split() == ["on", "heard", "ignored", "again"]
