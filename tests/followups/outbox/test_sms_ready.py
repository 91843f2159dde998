from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from accounts.models import Calendar, Team
from followups.models import SmsTemplate
from followups.outbox import sms_ready
from tests.cases import logged

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NIGHT = (21 * 60, 8 * 60)


def of(*when: int) -> datetime:
    return datetime(*when, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (of(2026, 11, 18, 20, 59), None),
        (of(2026, 11, 18, 21, 0), of(2026, 11, 19, 8, 0)),
        (of(2026, 11, 19, 0, 0), of(2026, 11, 19, 8, 0)),
        (of(2026, 11, 19, 7, 59), of(2026, 11, 19, 8, 0)),
        (of(2026, 11, 19, 8, 0), None),
        (of(2026, 12, 31, 23, 59), of(2027, 1, 1, 8, 0)),
    ],
)
def test_the_night_is_over_in_the_morning(at, until):
    assert sms_ready.end_of_quiet(at, *NIGHT, SHANGHAI) == until


def test_quiet_hours_may_lie_within_a_day():
    noon = (12 * 60, 14 * 60)
    assert sms_ready.end_of_quiet(of(2026, 11, 18, 12, 30), *noon, SHANGHAI) == of(2026, 11, 18, 14, 0)
    assert sms_ready.end_of_quiet(of(2026, 11, 18, 14, 0), *noon, SHANGHAI) is None


def test_when_the_clocks_change_the_morning_is_that_of_the_wall():
    # 28 March 2027: 02:00 is 03:00 in Berlin.
    at = datetime(2027, 3, 27, 22, 0, tzinfo=BERLIN)
    assert sms_ready.end_of_quiet(at, *NIGHT, BERLIN) == datetime(2027, 3, 28, 6, 0, tzinfo=UTC)


class TestOfACase:
    @pytest.fixture
    def complaint(self, cast, at):
        return logged(cast, at)

    def test_the_zone_is_the_teams(self, cast, at):
        # 15:00 in Shanghai, 02:00 in New York.
        moment = of(2026, 11, 18, 15, 0)
        calendar = Calendar.objects.create(name="New York", time_zone="America/New_York", always_open=True)
        Team.objects.filter(pk=cast.hexi.pk).update(calendar=calendar)
        later = sms_ready.waits_until("customer_message", logged(cast, at), moment)
        assert later == datetime(2026, 11, 18, 13, 0, tzinfo=UTC)

    @pytest.mark.parametrize("event", ["customer_acknowledged", "customer_promise_broken"])
    def test_these_do_not_wait_unless_the_rule_says_all(self, complaint, event, settings):
        night = of(2026, 11, 18, 23, 0)
        assert sms_ready.waits_until(event, complaint, night) is None
        assert sms_ready.waits_until("customer_resolved", complaint, night) == of(2026, 11, 19, 8, 0)
        settings.SMS_QUIET_HOURS = (21 * 60, 8 * 60, True)
        assert sms_ready.waits_until(event, complaint, night) == of(2026, 11, 19, 8, 0)

    def test_without_quiet_hours_nothing_waits(self, complaint, settings):
        settings.SMS_QUIET_HOURS = None
        assert sms_ready.waits_until("customer_resolved", complaint, of(2026, 11, 18, 3, 0)) is None


@pytest.mark.django_db
@pytest.mark.parametrize("provider", ["aliyun", "tencent"])
def test_providers_of_mainland_china_say_what_is_registered_and_nothing_else(settings, provider):
    settings.SMS = {"provider": provider}
    assert not sms_ready.can_say("customer_resolved", "en")
    SmsTemplate.objects.create(event="customer_resolved", language="en", template_id="1", text="Solved? ${code}")
    assert sms_ready.can_say("customer_resolved", "en")
    assert not sms_ready.can_say("customer_resolved", "zh-hans")


@pytest.mark.django_db
def test_the_generic_provider_takes_our_words_and_without_one_nothing_is_said(settings):
    assert not sms_ready.can_say("customer_resolved", "en")
    settings.SMS = {"provider": "json"}
    assert sms_ready.can_say("customer_resolved", "en")
