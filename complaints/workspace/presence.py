"""Who has the page of a complaint open: kept in Redis for seconds, never in the database.

An emptied or absent Redis only means that nobody is shown.
"""

import json
import logging
from dataclasses import dataclass
from datetime import datetime

import redis
from django.conf import settings

from accounts.models import Person
from complaints.models import Complaint
from ui.caches import remembered

log = logging.getLogger(__name__)

# A page beats every 20 seconds; who was not heard of for so long has gone.
GONE_AFTER_S = 45


@dataclass(frozen=True)
class Here:
    """Somebody who has the page open. `writing`: their reply box holds a text."""

    person: Person
    writing: bool


@remembered(2)
def _server(url: str) -> redis.Redis:
    # A dead server may not cost a page more than this.
    return redis.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25)


def beat(complaint: Complaint, person: Person, *, at: datetime, writing: bool = False):
    """Say that `person`, who may see the complaint, has its page open at `at`."""
    said = {"at": at.timestamp(), "name": person.name, "name_zh": person.name_zh, "writing": writing}
    key = _key(complaint)
    try:
        with _server(settings.REDIS_URL).pipeline() as pipe:
            pipe.hset(key, str(person.pk), json.dumps(said))
            pipe.expire(key, GONE_AFTER_S)
            pipe.execute()
    except redis.RedisError:
        log.warning("Redis does not answer: nobody is shown who reads the same complaint")


def others(complaint: Complaint, person: Person, *, at: datetime) -> list[Here]:
    """Everybody but `person` who had the page of the complaint open within the last seconds, by name."""
    try:
        beats = _server(settings.REDIS_URL).hgetall(_key(complaint))
    except redis.RedisError:
        return []
    found = []
    for pk, said in ((int(pk), json.loads(said)) for pk, said in beats.items()):
        if pk != person.pk and at.timestamp() - said["at"] < GONE_AFTER_S:
            found.append(Here(Person(pk=pk, name=said["name"], name_zh=said["name_zh"]), said["writing"]))
    return sorted(found, key=lambda here: here.person.label)


def _key(complaint: Complaint) -> str:
    """Named by something random: desks that share a Redis do not meet in it."""
    return f"presence:{complaint.token_hash[:32]}"
