"""Moments that people name for a promise: read in the right zone, refused in words when impossible."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.worktime import calendars
from complaints.models import Complaint

FURTHEST = timedelta(days=5 * 365 + 1)
# A promise made by hand is warned of when half its time is over, but not earlier than this.
WARNED_AHEAD = timedelta(hours=2)


def moment_of(due_at: datetime, *, complaint: Complaint, at: datetime) -> tuple[datetime, str]:
    """The promised moment in UTC, and what is wrong with it, in words ("" when nothing is)."""
    zone = zone_of(complaint) if due_at.utcoffset() is None else due_at.tzinfo
    wall = due_at.replace(tzinfo=None)
    moment = due_at.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != wall:
        return moment, _("That night the clocks go forward: this time of day does not exist.")
    if moment <= complaint.received_at:
        return moment, _("That is before the complaint was received.")
    if moment <= at:
        return moment, _("That moment is over already.")
    if moment > at + FURTHEST:
        return moment, _("That is more than five years ahead.")
    return moment, ""


def warning_before(due_at: datetime, at: datetime) -> datetime:
    """When the owner of a promise made at `at` by hand is warned."""
    return due_at - min(WARNED_AHEAD, (due_at - at) / 2)


def zone_of(complaint: Complaint) -> ZoneInfo:
    """The time zone in which the complaint's team reads a clock."""
    return calendars.zone_of(complaint.team)
