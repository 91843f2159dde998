"""Loads the demo: the organisation, its people, and the stories, line by line in the order of time."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.held import reading_once
from complaints.models import Complaint
from demo import autopilot, organisation, people, post
from demo.context import Scene, Stage
from demo.material import Material, gather
from demo.moments import Clock
from demo.stories import KEY, LOGS, in_order
from demo.verbs import VERBS
from followups.models import Notice

# What people were told longer ago than this they have seen.
STILL_UNSEEN = timedelta(hours=12)


def load(at: datetime, material: Material | None = None) -> int:
    """Make what is missing of the demo, all or nothing; returns how many complaints were new.

    `at` (aware) is the moment that the stories lead up to. Loading again changes nothing: the organisation
    is found by its names, the people by their user names; the stories are played once, because they lead
    into each other. `material` is gathered where it was not before.
    """
    material = material or gather()
    with transaction.atomic():
        place = organisation.build()
        everybody = people.build(place.teams, material.password)
        stage = Stage(place, everybody, Clock(at, ZoneInfo(settings.TIME_ZONE)), material.photos)
        if _is_played():
            return 0
        # No story changes the organisation, and no verb may fail.
        with reading_once(), _without_savepoints():
            _play(material.stories, stage)
        _mark_as_sent(stage)
        _mark_as_seen(stage)
    return len(stage.ids)


@contextmanager
def _without_savepoints():
    """Within one transaction that is all or nothing there is nowhere to go back to: two statements less a verb.

    A verb that fails inside and is caught nevertheless makes the whole transaction fail, loudly.
    """
    features = connection.features
    before, features.uses_savepoints = features.uses_savepoints, False
    try:
        yield
    finally:
        features.uses_savepoints = before


def _is_played() -> bool:
    return Complaint.objects.filter(submission_key__startswith=KEY.format("")).exists()


def _play(stories: list[dict], stage: Stage):
    lines = in_order(stories, stage.clock)
    signs = {line.story["key"]: line.at for line in lines if line.verb == "signs"}
    signed: dict[int, datetime] = {}
    for line in lines:
        autopilot.until(line.at, stage, signed_in_the_story=signed)
        try:
            VERBS[line.verb](Scene(stage, line))
        except Exception as error:
            error.add_note(f"In the story {line.story['key']}, at {line.at}: {line.who} {line.verb}")
            raise
        if line.verb == LOGS and line.story["key"] in signs:
            signed[stage.ids[line.story["key"]]] = signs[line.story["key"]]
    autopilot.until(stage.clock.now, stage, signed_in_the_story=signed)


def _mark_as_sent(stage: Stage):
    """Notices of the stories were sent when they were due, save those of the last hour: a worker sends these."""
    waiting = Notice.objects.filter(complaint__in=stage.ids.values(), state=Notice.State.QUEUED)
    waiting.annotate(moment=Greatest("created_at", "not_before")).filter(
        moment__lt=stage.clock.now - post.STILL_MAILED
    ).update(state=Notice.State.SENT, attempts=1, sent_at=Greatest(F("created_at"), F("not_before")))


def _mark_as_seen(stage: Stage):
    told = Notice.objects.filter(complaint__in=stage.ids.values(), person__isnull=False)
    told.filter(created_at__lt=stage.clock.now - STILL_UNSEEN).update(seen_at=F("created_at"))
