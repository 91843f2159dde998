from complaints.db import json_columns
from complaints.queue import counting
from ui import caches, wording
from ui.caches import remembered


def test_what_is_remembered_is_known_and_forgotten_together(monkeypatch):
    monkeypatch.setattr(caches, "_known", [])
    asked = []

    @remembered(2)
    def double(number):
        asked.append(number)
        return number * 2

    assert [double(1), double(1)] == [2, 2]
    assert asked == [1]
    assert list(caches.held().values()) == [1]
    caches.clear_all()
    assert double(1) == 2
    assert asked == [1, 1]


def test_every_cache_of_a_process_is_one_of_these():
    modules = {name.rpartition(".")[0] for name in caches.held()}
    assert {module.__name__ for module in (wording, json_columns, counting)} <= modules
