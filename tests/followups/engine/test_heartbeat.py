from datetime import timedelta

import pytest

from followups import clock
from followups.engine import heartbeat
from followups.models import Heartbeat


@pytest.mark.django_db
def test_there_is_no_age_before_the_first_beat():
    assert heartbeat.age("sweep") is None


@pytest.mark.django_db
def test_it_is_a_row_by_the_databases_clock_with_who_did_it():
    heartbeat.beat("sweep")
    assert 0 <= heartbeat.age("sweep") < 5
    row = Heartbeat.objects.get()
    assert row.name == "sweep"
    assert ":" in row.by


@pytest.mark.django_db
def test_a_fresh_one_is_left_alone_and_an_old_one_renewed():
    heartbeat.beat("sweep")
    first = Heartbeat.objects.get().at
    heartbeat.beat("sweep")
    assert Heartbeat.objects.get().at == first
    Heartbeat.objects.update(at=clock.now() - timedelta(seconds=30))
    assert heartbeat.age("sweep") >= 30
    heartbeat.beat("sweep")
    assert heartbeat.age("sweep") < 5
