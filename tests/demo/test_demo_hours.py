"""Whenever the demo is loaded, it has everything that its visitors, the gallery, the keys and axe look for."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from complaints.choices import Status
from complaints.models import Complaint
from demo import play
from followups.models import Callback, Escalation, Notice, Promise
from tests.e2e import gallery_places
from tests.stopped import stopped

SHANGHAI = ZoneInfo("Asia/Shanghai")
SATURDAY_AT_FIVE = datetime(2026, 12, 26, 5, 0, tzinfo=SHANGHAI)
MONDAY_AT_TEN = datetime(2026, 12, 28, 10, 0, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


def is_complete_when_loaded(at: datetime):
    play.load(at)
    assert all(gallery_places.prepare().values())
    assert set(Complaint.objects.values_list("status", flat=True)) == set(Status.values)
    unsigned = Escalation.objects.filter(signed_at=None)
    assert not unsigned.filter(sign_by__lte=at).exists()
    for_the_top = unsigned.filter(reason=Escalation.Reason.REPEAT)
    assert any(one.complaint.promises.filter(state="open", due_at__gt=at).exists() for one in for_the_top)
    assert Promise.objects.filter(state="open", due_at__gt=at, due_at__lt=at + 4 * HOUR).count() >= 4
    assert Promise.objects.filter(paused_since__isnull=False).exists()
    assert Callback.objects.filter(state="open", next_at__lte=at).exists()
    assert 0 < Notice.objects.filter(state=Notice.State.QUEUED).count() < 40


@pytest.mark.parametrize("at", [SATURDAY_AT_FIVE, MONDAY_AT_TEN], ids=str)
def test_it_is_complete_at_night_and_after_a_weekend(at):
    with stopped(at):
        is_complete_when_loaded(at)


def test_it_is_complete_now(now):
    is_complete_when_loaded(now)
