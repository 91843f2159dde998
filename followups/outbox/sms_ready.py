"""Whether and when a text message may go out: its text registered where that is asked for, and not at night."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.worktime.calendars import zone_of
from complaints.models import Complaint
from followups.models import SmsTemplate

# They do not wait for the morning: who complains or asks at night is awake, and a promise breaks the minute it is due.
AT_ONCE = frozenset({"customer_acknowledged", "customer_promise_broken", "customer_link"})
# Providers of mainland China, who send registered texts only.
REGISTERED_ONLY = ("aliyun", "tencent")


def template_of(event: str, language: str) -> SmsTemplate | None:
    """The registered text of a kind of notice, if there is one."""
    return SmsTemplate.objects.filter(event=event, language=language).first()


def can_say(event: str, language: str) -> bool:
    """Whether the provider takes this kind of message in this language; False without a provider."""
    if not settings.SMS:
        return False
    return settings.SMS["provider"] not in REGISTERED_ONLY or template_of(event, language) is not None


def waits_until(event: str, complaint: Complaint, at: datetime) -> datetime | None:
    """When the quiet hours end in which `at` (aware) lies, in the time zone of the case's team; None to send now."""
    if settings.SMS_QUIET_HOURS is None:
        return None
    begins, ends, everything = settings.SMS_QUIET_HOURS
    if event in AT_ONCE and not everything:
        return None
    return end_of_quiet(at, begins, ends, zone_of(complaint.team))


def end_of_quiet(at: datetime, begins: int, ends: int, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours from `begins` to `ends` (minutes of the day in `zone`) end, in UTC; None outside them."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    over_midnight = begins > ends
    is_quiet = minute >= begins or minute < ends if over_midnight else begins <= minute < ends
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and minute >= begins else 0)
    return datetime(day.year, day.month, day.day, ends // 60, ends % 60, tzinfo=zone).astimezone(UTC)
