"""One function a fault. What a fault begins and must end later, it puts on the scene's timetable."""

import heapq
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.chaos import crew as parts
from tests.chaos.crew import Crew
from tests.chaos.servers import Servers
from tests.chaos.sink import Sink

# A part that is gone stays away for so long: longer than the guard waits before it takes over.
GONE_S = 8.0
REDIS_AWAY_S = 6.0
SINK_TROUBLE_S = 4.0
# Longer than a lease of the outbox (followups.delivery.delivery.LEASE).
FREEZE_S = 65.0

TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE usename = 'desk_app' AND pid <> pg_backend_pid() AND random() < 0.3
"""


@dataclass
class Scene:
    """Everything that faults touch, what they counted, and what is still to come (monotonic seconds)."""

    servers: Servers
    crew: Crew
    sink: Sink
    dice: random.Random
    counts: Counter = field(default_factory=Counter)
    timetable: list = field(default_factory=list)
    order: itertools.count = field(default_factory=itertools.count)

    def at(self, moment: float, act: Callable[[], None]):
        """Put `act` on the timetable."""
        heapq.heappush(self.timetable, (moment, next(self.order), act))

    def later(self, seconds: float, act: Callable[[], None]):
        self.at(time.monotonic() + seconds, act)

    def look(self):
        """Do what the timetable says, and keep the crew running."""
        while self.timetable and self.timetable[0][0] <= time.monotonic():
            heapq.heappop(self.timetable)[2]()
        self.crew.look()

    def plan(self, names: tuple[str, ...], begin: float, spread_s: float):
        """Put each named fault on the timetable, once at least, at random moments of the storm."""
        for name in names:
            fault = FAULTS[name]
            times = max(1, round(fault.each_90_s * spread_s / 90))
            for _time in range(times):
                share = self.dice.random() * (0.2 if fault.early else 1.0)
                self.at(begin + share * spread_s, lambda name=name: self.happen(name))

    def happen(self, name: str):
        self.counts[name] += 1
        FAULTS[name].act(self)


def kill_sweeper(scene: Scene):
    _kill_one(scene, parts.SWEEPERS)


def kill_worker(scene: Scene):
    _kill_one(scene, parts.WORKERS)


def kill_beat(scene: Scene):
    _kill_one(scene, parts.BEATS)


def beats_gone(scene: Scene):
    for name in parts.BEATS:
        scene.crew.kill(name, for_s=GONE_S)


def workers_gone(scene: Scene):
    for name in (*parts.SWEEPERS, *parts.WORKERS):
        scene.crew.kill(name, for_s=GONE_S)


def flush_redis(scene: Scene):
    scene.servers.flush_redis()


def redis_gone(scene: Scene):
    scene.servers.stop_redis()
    scene.later(REDIS_AWAY_S, scene.servers.redis.start)


def terminate_connections(scene: Scene):
    """A third of the desk's database sessions end in the middle of whatever they do."""
    connection = scene.servers.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(TERMINATE)
            scene.counts["sessions_terminated"] += cursor.fetchone()[0]
    finally:
        connection.close()


def crash_postgres(scene: Scene):
    scene.servers.crash_postgres()


def freeze_sweeper(scene: Scene):
    _freeze_one(scene, parts.SWEEPERS)


def freeze_worker(scene: Scene):
    _freeze_one(scene, parts.WORKERS)


def sink_refuses(scene: Scene):
    _trouble(scene, "refuse")


def sink_is_busy(scene: Scene):
    _trouble(scene, "busy")


def sink_stalls(scene: Scene):
    """Takes the message and never answers: the sender gives up and does not know."""
    _trouble(scene, "silent")


def sink_drops(scene: Scene):
    """Takes the message and drops the connection instead of answering."""
    _trouble(scene, "drop")


def _kill_one(scene: Scene, names: tuple[str, ...]):
    name = scene.crew.choose(names, scene.dice)
    if name is None:
        return
    # A child alone is the commoner accident (out of memory); beat has none.
    if names != parts.BEATS and scene.dice.random() < 0.6:
        scene.crew.kill_child(name, scene.dice)
    else:
        scene.crew.kill(name)


def _freeze_one(scene: Scene, names: tuple[str, ...]):
    name = scene.crew.choose(names, scene.dice)
    if name is not None:
        scene.crew.freeze(name)
        scene.later(FREEZE_S, lambda: scene.crew.thaw(name))


def _trouble(scene: Scene, mode: str):
    scene.sink.turn(mode)
    scene.later(SINK_TROUBLE_S, lambda: scene.sink.turn("ok"))


@dataclass(frozen=True)
class Fault:
    """How often it happens in a storm of 90 seconds; an early one must end before calm is waited for."""

    act: Callable[[Scene], None]
    each_90_s: int
    early: bool = False


FAULTS = {
    "kill_sweeper": Fault(kill_sweeper, 12),
    "kill_worker": Fault(kill_worker, 6),
    "kill_beat": Fault(kill_beat, 3),
    "beats_gone": Fault(beats_gone, 1),
    "workers_gone": Fault(workers_gone, 1),
    "flush_redis": Fault(flush_redis, 15),
    "redis_gone": Fault(redis_gone, 2),
    "terminate_connections": Fault(terminate_connections, 6),
    "crash_postgres": Fault(crash_postgres, 2),
    "freeze_sweeper": Fault(freeze_sweeper, 1, early=True),
    "freeze_worker": Fault(freeze_worker, 1, early=True),
    "sink_refuses": Fault(sink_refuses, 2),
    "sink_is_busy": Fault(sink_is_busy, 1),
    "sink_stalls": Fault(sink_stalls, 1),
    "sink_drops": Fault(sink_drops, 2),
}
# One part of the engine is missing and nothing else happens: the guarantee is stricter then.
ONE_PART_GONE = frozenset({"kill_beat", "beats_gone", "workers_gone", "redis_gone", "flush_redis", "kill_sweeper"})
