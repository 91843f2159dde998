"""People who keep, move and withdraw promises at the last moment, while the sweep takes them."""

import json
import random
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from accounts.models import Person
from complaints.case.actors import Actor
from complaints.errors import Refused
from followups.models import Promise
from followups.promises import promises

THREADS = 2
PAUSE_S = 0.2
# They go for what has just fallen due or does so within three seconds: the sweep is there at the same time.
BEHIND, AHEAD = timedelta(seconds=0.2), timedelta(seconds=3)
DONE, REFUSED, UNKNOWN = "done", "refused", "unknown"


class Acting(threading.Thread):
    """One thread that acts until `end` and writes down what it was told became of each act."""

    def __init__(self, number: int, seed: int, end: datetime, log):
        super().__init__(name=f"people{number}")
        self.dice, self.end, self.log = random.Random(f"{seed}:{number}"), end, log
        self.actor = None

    def run(self):
        while timezone.now() < self.end:
            try:
                self.act_once()
            except (DatabaseError, InterfaceError):
                connection.close()
            time.sleep(PAUSE_S * self.dice.uniform(0.5, 1.5))
        connection.close()

    def act_once(self):
        """Choose a promise that is about to be due and do something with it."""
        if self.actor is None:
            self.actor = Actor.staff(Person.objects.get(username="director"))
        at = timezone.now()
        near = Promise.objects.filter(state="open", kind="visit", failures=0, due_at__range=(at - BEHIND, at + AHEAD))
        ids = list(near.order_by("due_at").values_list("pk", flat=True)[:500])
        if not ids:
            return
        pk = self.dice.choice(ids)
        verb = self.dice.choice(["keep", "move", "move", "withdraw"])
        try:
            result = self.do(verb, pk, at)
        except (DatabaseError, InterfaceError):
            # It may or may not have been stored: nobody told us.
            self.write(verb, pk, UNKNOWN)
            raise
        self.write(verb, pk, result)

    def do(self, verb: str, pk: int, at: datetime) -> str:
        try:
            if verb == "keep":
                promises.keep(pk, actor=self.actor, at=at)
            elif verb == "withdraw":
                promises.withdraw(pk, reason="The customer has no time", actor=self.actor, at=at)
            else:
                due_at = at + timedelta(seconds=self.dice.uniform(2, 8))
                if due_at > self.end:
                    return REFUSED
                promises.move(pk, due_at=due_at, reason="A part is missing", actor=self.actor, at=at)
        except Refused:
            return REFUSED
        return DONE

    def write(self, verb: str, pk: int, result: str):
        self.log.write(json.dumps({"verb": verb, "promise": pk, "result": result}) + "\n")
        self.log.flush()


def act(*, seed: int, end: str, log: str) -> str:
    """Act until `end` (ISO), one line a deed in the file `log`."""
    with Path(log).open("a", encoding="utf-8") as lines:
        threads = [Acting(number, seed, datetime.fromisoformat(end), lines) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return "done"
