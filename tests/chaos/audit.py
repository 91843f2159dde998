"""What became of it all, read with plain SQL and from the mail server's log: none of the desk's code has a say."""

import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path

from tests.chaos.sink import Sink

# The commit that wrote the event is the moment of handling; the history is append-only, so xmin stays.
BROKEN = """
WITH broken AS (
    SELECT (data->>'promise')::bigint AS id, count(*) AS times, min(pg_xact_commit_timestamp(xmin)) AS at
    FROM complaints_complaintevent WHERE kind = 'promise_broken' GROUP BY 1
), raised AS (
    SELECT promise_id AS id, count(*) AS times FROM followups_escalation WHERE reason = 'overdue' GROUP BY 1
), told AS (
    SELECT (data->>'promise')::bigint AS id, count(*) AS times
    FROM complaints_complaintevent WHERE kind = 'escalated' GROUP BY 1
), all_of_it AS (
    SELECT p.id, p.state, p.due_at, b.at, x.promise_id IS NOT NULL AS sick, coalesce(x.chronic, false) AS chronic,
        coalesce(b.times, 0) AS broken, coalesce(r.times, 0) AS raised, coalesce(t.times, 0) AS told
    FROM followups_promise p LEFT JOIN broken b USING (id) LEFT JOIN raised r USING (id) LEFT JOIN told t USING (id)
        LEFT JOIN chaos.poison x ON x.promise_id = p.id
)
"""
LOST = """
SELECT count(*) FROM all_of_it WHERE NOT chronic AND (
    (state = 'open' AND due_at <= clock_timestamp())
    OR (state = 'broken' AND (broken = 0 OR raised = 0 OR told = 0))
)
"""
DOUBLED = """
SELECT count(*) FROM all_of_it
WHERE broken > 1 OR raised > 1 OR told > 1 OR (state <> 'broken' AND broken + raised + told > 0)
"""
DOUBLE_STEPS = """
SELECT count(*) FROM (
    SELECT 1 FROM complaints_complaintevent
    WHERE kind IN ('promise_warned', 'promise_moved', 'promise_kept', 'promise_withdrawn')
    GROUP BY kind, data->>'promise', data->>'cycle' HAVING count(*) > 1
) AS twice
"""
EARLY = "SELECT count(*) FROM all_of_it WHERE at < due_at"
LATENESS = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY late), percentile_cont(0.99) WITHIN GROUP (ORDER BY late), max(late)
FROM (SELECT extract(epoch FROM at - due_at)::float8 AS late FROM all_of_it WHERE at IS NOT NULL AND NOT sick) AS z
"""
# A row that always fails stays open, says why, and has no effects.
# One that a person kept or withdrew before it fell due never had to break.
POISON_ASTRAY = """
SELECT count(*) FROM all_of_it JOIN followups_promise AS p USING (id) WHERE chronic AND NOT (
    (
        p.state IN ('kept', 'withdrawn')
        OR p.state = 'open' AND p.failures > 0 AND p.last_error <> '' AND p.not_before IS NOT NULL
    )
    AND broken + raised + told = 0
)
"""
# Who must be told of a broken promise: the customer, by mail or else in a call; the supervisors who sign; and the
# handler unless among them: people of the desk in their pages, even without an address.
NOTICES_MISSING = """
, expected AS (
    SELECT 'promise:' || p.id || ':' || p.cycle || ':broken:customer' AS key
    FROM followups_promise p JOIN complaints_complaint c ON c.id = p.complaint_id
        JOIN complaints_customer u ON u.id = c.customer_id
    WHERE p.state = 'broken' AND p.to_customer AND u.email || u.phone <> ''
    UNION ALL
    SELECT 'promise:' || p.id || ':' || p.cycle || ':broken:person:' || h.id
    FROM followups_promise p JOIN complaints_complaint c ON c.id = p.complaint_id
        JOIN accounts_person h ON h.id = c.handler_id
    WHERE p.state = 'broken'
    UNION ALL
    SELECT 'escalation:' || e.id || ':0:0:person:' || s.id
    FROM followups_escalation e JOIN accounts_membership m ON m.team_id = e.team_id AND m.role = 'supervisor'
        JOIN accounts_person s ON s.id = m.person_id
    WHERE e.level = 0
)
SELECT count(*) FROM expected LEFT JOIN followups_notice AS n USING (key) WHERE n.id IS NULL
"""
HISTORY_BROKEN = """
WITH chained AS (
    SELECT complaint_id, number, hash, previous_hash,
        lag(hash, 1, '') OVER w AS before, row_number() OVER w AS place
    FROM complaints_complaintevent WINDOW w AS (PARTITION BY complaint_id ORDER BY number)
), ends AS (
    SELECT complaint_id, count(*) AS events, max(hash) FILTER (WHERE last) AS head,
        bool_or(place <> number OR previous_hash <> before) AS torn
    FROM (SELECT *, number = max(number) OVER (PARTITION BY complaint_id) AS last FROM chained) AS z GROUP BY 1
)
SELECT count(*) FROM complaints_complaint AS c LEFT JOIN ends ON ends.complaint_id = c.id
WHERE ends.events IS DISTINCT FROM c.event_count OR ends.head IS DISTINCT FROM c.last_event_hash OR ends.torn
"""
# A case that is not archived, and nothing of ours with a date: neither an open promise that falls due one day nor a
# signature that is asked for. Or what is to be said to a customer, and no call with a date.
ORPHANS = """
SELECT count(*) FROM complaints_complaint AS c
LEFT JOIN (SELECT complaint_id, min(act_at) AS falls_due FROM followups_promise WHERE state = 'open' GROUP BY 1) AS p
    ON p.complaint_id = c.id
LEFT JOIN (SELECT complaint_id, min(sign_by) AS by FROM followups_escalation WHERE signed_at IS NULL GROUP BY 1) AS e
    ON e.complaint_id = c.id
LEFT JOIN (SELECT DISTINCT complaint_id FROM followups_notice WHERE state = 'to_say') AS n ON n.complaint_id = c.id
LEFT JOIN (SELECT DISTINCT complaint_id FROM followups_promise WHERE state = 'open' AND kind = 'tell') AS call
    ON call.complaint_id = c.id
WHERE c.status <> 'archived' AND (
    coalesce(p.falls_due, e.by) IS NULL OR n.complaint_id IS NOT NULL AND call.complaint_id IS NULL
)
"""
# What was loaded; what the desk promised since, in the place of what broke, is its own.
STATES = "SELECT state, count(*) FROM followups_promise WHERE kind = 'visit' AND follows_id IS NULL GROUP BY 1"
# Nobody in the storm chose to be mailed less: whoever has an address is mailed at once.
NOTICES = "SELECT key, state FROM followups_notice WHERE address <> '' AND channel = 'email'"
PROMISES = "SELECT id, state, moves, cycle FROM followups_promise WHERE id = ANY(%s)"


def read_promises(connection, count: int) -> dict:
    """What became of the promises, the history and the notices they were to cause; `count` were loaded."""

    def one(query: str, *, over_all: bool = True) -> tuple:
        with connection.cursor() as cursor:
            cursor.execute((BROKEN if over_all else "") + query)
            return cursor.fetchone()

    with connection.cursor() as cursor:
        cursor.execute(STATES)
        states = dict(cursor.fetchall())
    p50, p99, latest = one(LATENESS)
    return {
        "lost": one(LOST)[0] + abs(count - sum(states.values())),
        "doubled": one(DOUBLED)[0] + one(DOUBLE_STEPS, over_all=False)[0],
        "early": one(EARLY)[0],
        "p50_s": _rounded(p50),
        "p99_s": _rounded(p99),
        "max_s": _rounded(latest),
        "states": states,
        "notices_missing": one(NOTICES_MISSING)[0],
        "history_broken": one(HISTORY_BROKEN, over_all=False)[0],
        "poison_astray": one(POISON_ASTRAY)[0],
        "orphans": one(ORPHANS, over_all=False)[0],
    }


def read_mails(connection, sink: Sink, base_url_host: str) -> dict:
    """What became of the messages: in the outbox, and at the mail server, matched by Message-ID."""
    with connection.cursor() as cursor:
        cursor.execute(NOTICES)
        rows = cursor.fetchall()
    written = {message_id(key, base_url_host) for key, _state in rows}
    # What was not so any more when its turn came is not sent, and says why.
    expected = {message_id(key, base_url_host) for key, state in rows if state != "dropped"}
    copies = sink.copies()
    doubled = {name: taken for name, taken in copies.items() if len(taken) > 1}
    return {
        "notices": len(rows),
        "notices_by_state": dict(Counter(state for _key, state in rows)),
        "unfinished": sum(state not in ("sent", "dead", "unconfirmed", "dropped") for _key, state in rows),
        "mails": len(sink.log),
        "mails_missing": len(expected - set(copies)),
        "mails_unknown": len(set(copies) - written),
        "mails_doubled": len(doubled),
        # Every copy but the last went unanswered: the server hid the answer, or who asked was killed or frozen.
        "mails_doubled_unexplained": sum(any(one.was_heard for one in taken[:-1]) for taken in doubled.values()),
    }


def message_id(key: str, host: str) -> str:
    """The Message-ID that belongs to a notice, by the rule of docs/reliability.md."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{host}>"


def read_people(connection, log: Path) -> dict:
    """Whether what people were told had been done was done, and nothing else; `log` is their own record."""
    deeds = defaultdict(Counter)
    if log.exists():
        for line in log.read_text(encoding="utf-8").splitlines():
            deed = json.loads(line)
            deeds[deed["promise"]][deed["verb"], deed["result"]] += 1
    with connection.cursor() as cursor:
        cursor.execute(PROMISES, [list(deeds)])
        rows = cursor.fetchall()
    wrong = 0
    for pk, state, moves, cycle in rows:
        done = deeds[pk]
        moved = done["move", "done"]
        kept_word = moved <= moves <= moved + done["move", "unknown"] and cycle == moves + 1
        kept_word &= not done["keep", "done"] or state == "kept"
        kept_word &= not done["withdraw", "done"] or state == "withdrawn"
        kept_word &= state != "kept" or any(done["keep", result] for result in ("done", "unknown"))
        kept_word &= state != "withdrawn" or any(done["withdraw", result] for result in ("done", "unknown"))
        wrong += not kept_word
    total = sum(deeds.values(), Counter())
    acts = Counter()
    for (verb, result), times in total.items():
        acts[f"{verb}_{result}"] += times
    return {"people": dict(acts), "people_deceived": wrong}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
