"""Which guarantees a run broke (RELIABILITY, 1.4), in sentences."""

from collections.abc import Iterator

from tests.chaos.plan import HANDLED, Plan

# Must be 0 whatever happens.
NEVER = {
    "lost": "promises were lost",
    "doubled": "promises were acted on twice",
    "early": "promises were acted on too early",
    "notices_missing": "notices were not written",
    "history_broken": "histories do not hold together",
    "poison_astray": "promises that cannot be handled are not waiting with their reason",
    "orphans": "open cases have no duty with a date",
    "people_deceived": "promises are not as people were told",
    "mails_unknown": "messages were sent that nobody wrote",
    "mails_doubled_unexplained": "messages were sent again although the first answer had been heard",
}
# Must be 0 once everything is drained.
IN_THE_END = {
    "unfinished": "messages have no end state",
    "mails_missing": "messages never reached the mail server",
}
P99_HEALTHY_S = 1.5


def verdict(plan: Plan, result: dict) -> list[str]:
    """The guarantees that `result` breaks; an empty list is a pass."""
    return list(_broken(plan, result))


def _broken(plan: Plan, result: dict) -> Iterator[str]:
    rules = NEVER if plan.until == HANDLED else NEVER | IN_THE_END
    for name, words in rules.items():
        if result[name]:
            yield f"{result[name]} {words}"
    if result["drained_s"] is None:
        yield f"it was not over {plan.calm_s} s after the last promise was due"
    if not plan.faults and plan.until != HANDLED and result["p99_s"] > P99_HEALTHY_S:
        yield f"1 in 100 promises was handled more than {result['p99_s']} s late, at most {P99_HEALTHY_S} s"
    if plan.until != HANDLED and result["max_s"] > plan.latest_s:
        yield f"a promise was handled {result['max_s']} s late, at most {plan.latest_s} s"
