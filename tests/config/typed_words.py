"""For every address that takes a form with words in it: who may send it, and how.

Addresses whose forms hold no words are named below, with the reason.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import undo_send
from complaints.customer.page import fingerprint
from complaints.models import Complaint
from complaints.queue import bulk, saved_views
from complaints.steps import options
from followups.escalation import escalations
from followups.models import Notice
from followups.promises import promises
from tests.cases import at_stage, logged
from tests.complaints.customer.customer_link import awaiting_confirmation, token_of
from tests.complaints.steps import appealed
from tests.complaints.webform import web_form

# What stands in the form; long, with a space, and with letters of both languages.
WORDS = "They called me twice about it, 一直没有人回电。"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

WITHOUT_WORDS = {
    "complaints:home": "leads to the queue, whatever is sent",
    "complaints:public_status": "takes no form; the link is asked for before that is said",
    "complaints:public_done": "takes no form",
    "complaints:public_evidence": "takes no form",
    "complaints:public_preview": "takes no form",
    "complaints:public_thanks": "takes no form",
    "complaints:public_qr": "takes no form",
    "complaints:public_end_representative": "a button",
    "complaints:public_files": "a file, which the page's script sends again",
    "complaints:public_find": "a reference and four digits; the form comes back",
    "complaints:public_sent": "takes no form",
    "followups:public_copy": "takes no form",
    "followups:public_copy_pdf": "takes no form",
    "complaints:issue_link": "a button",
    "complaints:choose_option": "a choice",
    "complaints:withdraw_option": "a button",
    "complaints:review_appeal": "a button",
    "complaints:add_evidence": "files, which no page can give back",
    "complaints:bulk": "ticks and a button",
    "complaints:presence": "a heartbeat",
    "followups:sms_receipts": "takes JSON of a provider",
    "complaints:log_customer": "a look-up beside the form, which stays",
    "complaints:log_known": "a look-up beside the form, which stays",
    "complaints:replace_view": "a button",
    "complaints:delete_view": "a button",
    "followups:keep_promise": "a button",
    "followups:name_verifier": "a choice",
    "followups:retry_notice": "a button",
    "followups:tell_not_reached": "buttons",
    "followups:posters": "choices",
    "followups:prepare_letters": "ticks and a button",
    "followups:letters_posted": "ticks, a date and a button",
    "followups:bell_seen": "a button",
    "followups:open_notification": "a button",
    "followups:open_many_notifications": "a button",
    "accounts:preferences": "choices",
    "accounts:absences": "moments and a choice",
    "accounts:person_absences": "moments and a choice",
    "accounts:end_absence": "a button",
    "accounts:set_language": "a choice",
    "account_login": "a password",
    "account_logout": "a button",
    "account_change_password": "a password",
    "account_reset_password": "an address",
    "account_reset_password_from_key": "a password",
}


class Desk:
    """One case and what hangs on it, made when it is asked for."""

    def __init__(self, cast, stage: Status = Status.ASSIGNED):
        self.cast = cast
        self.at: datetime = timezone.now() - 2 * HOUR
        self.handler, self.supervisor = Actor.staff(cast.handler), Actor.staff(cast.supervisor)
        self.complaint: Complaint = at_stage(cast, stage, self.at)

    @cached_property
    def promise(self):
        due = timezone.now() + 3 * DAY
        sure = frozenset({"sooner_than_policy", "outside_hours", "record"})
        return promises.make(
            self.complaint.pk,
            kind="visit",
            words="We come by",
            due_at=due,
            actor=self.supervisor,
            at=self.at,
            confirmed=sure,
        )

    @cached_property
    def option(self):
        return options.offer(
            self.complaint.pk, words="Money back", amount=Decimal(5000), actor=self.handler, at=self.at
        )

    @cached_property
    def escalation(self):
        return escalations.escalate(self.complaint, reason="customer", key="test", at=self.at)

    @cached_property
    def to_say(self):
        """What is to be said to somebody with a phone only."""
        called = logged(self.cast, self.at, phone="138 1111 2222", email="")
        return Notice.objects.get(complaint=called, state=Notice.State.TO_SAY)

    @cached_property
    def reply(self):
        return undo_send.reply(self.complaint.pk, body="We look", actor=self.handler, at=timezone.now())

    @cached_property
    def view(self):
        return saved_views.save(self.cast.handler, name="Mine", query="view=all", team_id=None, at=self.at)

    @cached_property
    def run(self):
        chosen = Complaint.objects.filter(pk=self.complaint.pk)
        return bulk.choose(self.cast.supervisor, "reassign", chosen, at=timezone.now(), data={})

    def soon(self) -> str:
        return timezone.localtime(timezone.now() + 4 * DAY).strftime("%Y-%m-%dT10:00")

    @property
    def assignee(self) -> str:
        return f"{self.cast.hexi.pk}-{self.cast.colleague.pk}"


@dataclass(frozen=True)
class Recipe:
    """`args` are those of the address, `fields` what is sent; `who` is of the cast, "" a customer.

    `of_case` says whether the form belongs to a case, so that who sees it no longer is answered 404.
    """

    route: str
    who: str
    args: Callable[[Desk], list]
    fields: Callable[[Desk], dict]
    stage: Status = Status.ASSIGNED
    of_case: bool = True

    def __str__(self):
        return self.route

    def address(self, desk: Desk) -> str:
        return reverse(self.route, args=self.args(desk))


def case(desk: Desk) -> list:
    return [desk.complaint.reference]


def nothing(desk: Desk) -> list:
    return []


def link(desk: Desk) -> list:
    return [token_of(desk.complaint)]


def row(name: str) -> Callable[[Desk], list]:
    return lambda desk: [getattr(desk, name).pk]


def typed(**fields) -> Callable[[Desk], dict]:
    return lambda desk: {name: value(desk) if callable(value) else value for name, value in fields.items()}


def version(desk: Desk) -> int:
    return Complaint.objects.values_list("version", flat=True).get(pk=desk.complaint.pk)


def words_told(desk: Desk) -> dict:
    return {"narrative": WORDS, "channel": "phone", "phone": "139 0000 4417", "language": "en"} | {
        "submission_key": "0b8e2c5e-5f0f-4c5e-9a53-6a1ab5b3d2f1"
    }


def words_on_the_form(desk: Desk) -> dict:
    return web_form.typed(narrative=WORDS)


def seen(desk: Desk) -> str:
    return fingerprint(desk.complaint.verification.restatement)


VERSION = {"version": version}
RECIPES = [
    Recipe("complaints:log", "frontline", nothing, words_told, of_case=False),
    Recipe("complaints:log_same", "frontline", case, words_told),
    Recipe("complaints:save_view", "handler", nothing, typed(name=WORDS, query="view=all"), of_case=False),
    Recipe("complaints:saved_view", "handler", row("view"), typed(name=WORDS), of_case=False),
    Recipe("complaints:bulk_run", "supervisor", row("run"), typed(reason=WORDS, assignee=lambda desk: desk.assignee),
           of_case=False),
    Recipe("complaints:step", "supervisor", lambda desk: [desk.complaint.reference, "reassign"],
           typed(reason=WORDS, assignee=lambda desk: desk.assignee, **VERSION)),
    Recipe("complaints:save_step", "handler", lambda desk: [desk.complaint.reference, "resolve"],
           typed(solution=WORDS, **VERSION)),
    Recipe("complaints:severity", "handler", case, typed(severity="danger", reason=WORDS, **VERSION)),
    Recipe("complaints:facts", "handler", case, typed(
        name="Wang", phone="029 0000 5512", language="en", kind="complaint", place=WORDS, reason=WORDS, **VERSION)),
    Recipe("complaints:propose_invalid", "handler", case, typed(reason=WORDS)),
    Recipe("complaints:say", "handler", case, typed(kind="internal", body=WORDS)),
    Recipe("complaints:undo_reply", "handler", lambda desk: [desk.complaint.reference, desk.reply.pk],
           typed(typed=WORDS)),
    Recipe("complaints:offer", "handler", case, typed(words=WORDS, amount="5")),
    Recipe("complaints:decide_option", "supervisor", row("option"), typed(approve="no", reason=WORDS)),
    Recipe("complaints:public_reply", "", link, typed(body=WORDS)),
    Recipe("complaints:public_new", "", nothing, words_on_the_form, of_case=False),
    Recipe("complaints:public_new_site", "", lambda desk: [desk.cast.hexi.site_code], words_on_the_form,
           of_case=False),
    Recipe("complaints:public_choose", "", lambda desk: [token_of(desk.option.complaint)],
           typed(option="none", why=WORDS)),
    Recipe("complaints:public_confirm", "", link, typed(words=WORDS, seen=seen), Status.RECEIVED),
    Recipe("complaints:public_rate", "", link, typed(solved="yes", words=WORDS, round="1"), Status.RESOLVED),
    Recipe("complaints:public_decide", "", lambda desk: [*link(desk), "take-back"], typed(words=WORDS)),
    Recipe("complaints:public_decide", "", lambda desk: [*link(desk), "supervisor"], typed(words=WORDS)),
    Recipe("complaints:public_decide", "", lambda desk: [*link(desk), "hours"], typed(call_hours=WORDS)),
    Recipe("complaints:public_representatives", "", link, typed(name="Wang", relation="family", may="read",
                                                                consent=WORDS)),
    Recipe("complaints:public_reopen", "", link, typed(reason=WORDS), Status.ARCHIVED),
    Recipe("complaints:public_appeal", "", link, typed(points=["1"], grounds=WORDS), Status.ARCHIVED),
    Recipe("complaints:take_appeal", "handler", case, typed(points=["1"], grounds=WORDS, channel="phone"),
           Status.ARCHIVED),
    Recipe("complaints:decide_appeal", "reviewer", case, typed(
        upheld_1="right", reason_1=WORDS, upheld_2="right", reason_2="Yes", assignee=lambda desk: desk.assignee),
        Status.ARCHIVED),
    Recipe("followups:make_promise", "supervisor", case,
           typed(kind="visit", words=WORDS, due_at=Desk.soon)),
    Recipe("followups:move_promise", "handler", row("promise"), typed(reason=WORDS, due_at=Desk.soon)),
    Recipe("followups:withdraw_promise", "handler", row("promise"), typed(reason=WORDS)),
    Recipe("followups:escalate", "handler", case, typed(reason="manual", note=WORDS, tried="Talked to them")),
    Recipe("followups:sign", "supervisor", row("escalation"), typed(note=WORDS)),
    Recipe("followups:change_person", "supervisor", row("escalation"),
           typed(reason=WORDS, assignee=lambda desk: desk.assignee)),
    Recipe("followups:change_place", "supervisor", row("escalation"), typed(words=WORDS, due_at=Desk.soon)),
    Recipe("followups:change_time", "supervisor", row("escalation"),
           typed(promise="new", words=WORDS, due_at=Desk.soon)),
    Recipe("followups:callback_outcome", "handler", lambda desk: [desk.complaint.callbacks.get().pk],
           typed(outcome="reached", solved="yes", rating="4", words=WORDS, number="1"), Status.RESOLVED),
    Recipe("followups:tell", "handler", lambda desk: [desk.to_say.complaint.reference],
           typed(said=lambda desk: desk.to_say.pk, way="phone", words=WORDS)),
]  # fmt: skip


def desk_for(recipe: Recipe, cast) -> Desk:
    """The desk on which the form of the recipe can be sent."""
    desk = Desk(cast, recipe.stage)
    if recipe.route == "complaints:public_confirm":
        desk.complaint = awaiting_confirmation(cast, desk.at)
    if recipe.route == "followups:tell":
        desk.complaint = desk.to_say.complaint
    if recipe.route == "complaints:decide_appeal":
        # Of a part of the desk: there are cases that they do not see.
        cast.reviewer.memberships.update(team=cast.west)
        desk.complaint = appealed.reviewed(cast, desk.at - DAY).complaint
    if recipe.route == "complaints:log_same":
        desk.complaint = logged(cast, desk.at)
    return desk


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Yield (name with its namespaces, pattern) of every address with a name, but for the administration's."""
    yield from _below(get_resolver().url_patterns, "")


def _below(patterns, space: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield space + pattern.name, pattern
        elif getattr(pattern, "namespace", None) != "admin":
            namespace = getattr(pattern, "namespace", None)
            yield from _below(pattern.url_patterns, space + (f"{namespace}:" if namespace else ""))
