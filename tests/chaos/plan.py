"""What a run of the chaos harness is asked for, read strictly from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass

from config.env import read_int
from tests.chaos import faults

ALL, NONE = "all", "none"
DRAINED, HANDLED = "drained", "handled"
# What is left of a lease of the outbox after a worker died, and half a minute (RELIABILITY, 1.5).
CALM_S = 90


class WrongPlan(ValueError):
    """A variable holds something that makes no run; the sentence says what would."""


@dataclass(frozen=True)
class Plan:
    """One run: `count` promises fall due over `spread_s` seconds while the named faults happen.

    `mails` is the share of customers and staff with an address, in percent. A run ends when everything is
    `until` "handled" (promises) or "drained" (and every message at its end too).
    """

    count: int
    seed: int
    spread_s: int
    calm_s: int
    mails: int
    faults: tuple[str, ...]
    until: str

    @property
    def latest_s(self) -> float:
        """How late a promise may be handled: the guarantee that belongs to these faults (RELIABILITY, 1.4)."""
        return 6.0 if self.faults and set(self.faults) <= faults.ONE_PART_GONE else 10.0


def read_plan(env: Mapping[str, str]) -> Plan:
    """Read N, SEED, DURATION, SPREAD, MAILS, FAULTS ("all", "none" or names) and UNTIL.

    Half of DURATION (seconds) is storm, the rest calm. Raises WrongPlan or ImproperlyConfigured.
    """
    duration = read_int(env, "DURATION", 180, least=4, most=86_400)
    asked = env.get("FAULTS", "").strip() or ALL
    names = tuple(faults.FAULTS) if asked == ALL else tuple(name.strip() for name in asked.split(","))
    if asked == NONE:
        names = ()
    unknown = [name for name in names if name not in faults.FAULTS]
    if unknown:
        raise WrongPlan(f"FAULTS must be all, none or some of {', '.join(faults.FAULTS)}, not {', '.join(unknown)}.")
    until = env.get("UNTIL", "").strip() or DRAINED
    if until not in (DRAINED, HANDLED):
        raise WrongPlan(f'UNTIL must be "{DRAINED}" or "{HANDLED}", not "{until}".')
    return Plan(
        count=read_int(env, "N", 20_000, least=20, most=1_000_000),
        seed=read_int(env, "SEED", 1, least=0, most=2**31),
        spread_s=read_int(env, "SPREAD", duration // 2, least=1, most=86_400),
        calm_s=max(CALM_S, duration // 2),
        mails=read_int(env, "MAILS", 10, least=0, most=100),
        faults=names,
        until=until,
    )
