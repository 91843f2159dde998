"""Where the pages of the gallery are: addresses and words of the demo's cases, and what has to be there first.

Runs inside the desk (manage.py shell), because verbs make what the demo has not: a saved view, a bulk action with
refused rows, messages that could not be delivered. No complaint changes but by until when it can be appealed.
"""

import uuid
from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person, Team
from complaints.customer.links import public_path
from complaints.models import Appeal, BulkRun, Complaint, SavedView
from complaints.queue import bulk, saved_views
from followups.callbacks.callbacks import due_list
from followups.models import Escalation, Notice, PosterRun, Promise
from followups.posters import posters

STAGES = ("received", "verified", "assigned", "resolved", "feedback", "archived")


def prepare() -> dict[str, str]:
    """Make what is missing; return name → reference, address, key or words of each place."""
    at = timezone.now()
    supervisor = Person.objects.get(username="supervisor")
    seen = Complaint.objects.visible_to(supervisor)
    at_hexi = seen.filter(site__name__startswith="Hexi")
    assigned = at_hexi.filter(status="assigned")
    places = {}
    for stage in STAGES:
        longest = at_hexi.filter(status=stage).annotate(n=Count("messages")).order_by("-n", "id").first()
        _add(places, stage, longest or Complaint.objects.filter(status=stage).first())
    unconfirmed = Q(verification__confirmed_how="link", verification__confirmed_at=None)
    _add(places, "unconfirmed", Complaint.objects.filter(unconfirmed, status="received")[0])
    on_offer = Q(options__chosen_at=None, options__withdrawn_at=None, options__approved_at__isnull=False)
    _add(places, "offered", assigned.filter(on_offer)[0])
    _add(places, "approval", assigned.filter(options__needs_approval=True, options__approved_at=None)[0])
    _add(places, "reopen", Complaint.objects.filter(status="archived", outcome="solved", reopen_until__gt=at)[0])
    appealed = Appeal.objects.order_by("pk")
    for name, state in {
        "appealed": "accepted",
        "reviewed": "review",
        "upheld": "partly",
        "rejected": "rejected",
    }.items():
        _add(places, name, appealed.filter(state=state)[0].complaint)
    # Whatever other tests did to the window of each.
    closed = Complaint.objects.filter(status="archived", outcome__in=["solved", "unsolved"], appeals=None)
    last, before = closed.filter(points__number=1).order_by("-pk")[:2]
    for name, case, days in (("appealable", last, 2), ("unappealable", before, -2)):
        Complaint.objects.filter(pk=case.pk).update(appeal_until=at + timedelta(days=days))
        _add(places, name, case)
    _add(places, "duplicate", Complaint.objects.filter(outcome="duplicate")[0])
    movable = Promise.objects.filter(complaint__in=assigned, state="open", due_at__gt=at)
    escalation = Escalation.objects.filter(complaint__in=movable.values("complaint"), signed_at=None)
    known = assigned.filter(customer__phone_key__gt="").order_by("-received_at")[0]
    handler = Person.objects.get(username="handler")
    # Of somebody who never signs in here: that would end the link.
    forgetful = Person.objects.get(username="bai.lu")
    key = {"uidb36": user_pk_to_url_str(forgetful), "key": default_token_generator.make_token(forgetful)}
    asked, done = _bulk_runs(supervisor, assigned, at)
    _fail_to_deliver(at_hexi)
    return places | {
        "version_before": str(Complaint.objects.get(reference=places["assigned"]).version - 1),
        "promise": str(movable.order_by("-due_at")[0].pk),
        "escalation": str(escalation.filter(reason="repeat")[0].pk),
        "poster_run": str(_posters(supervisor, at).pk),
        "callback": str(due_list(supervisor)[0].pk),
        "person": str(handler.pk),
        "site_code": Team.objects.exclude(site_code=None).earliest("pk").site_code,
        "saved_view": str(_saved_view(supervisor, at).pk),
        "bulk_asked": str(asked.pk),
        "bulk": str(done.pk),
        "new_password": reverse("account_reset_password_from_key", kwargs=key),
        "known_words": known.narrative.split("\n")[0],
        "known_phone": known.customer.phone,
    }


def _add(places: dict[str, str], name: str, complaint: Complaint):
    places |= {name: complaint.reference, f"link_{name}": public_path(complaint)}


def _saved_view(person: Person, at) -> SavedView:
    name = "本周安全投诉 Safety this week"
    found = SavedView.objects.filter(owner=person, name=name).first()
    return found or saved_views.save(person, name=name, query="view=team&severity=danger", team_id=None, at=at)


def _posters(person: Person, at) -> PosterRun:
    """The cards of a region, made."""
    west = posters.teams_for(person).filter(kind="region").first()
    given = {"person": person, "paper": "a6", "languages": "both", "submission_key": uuid.uuid4(), "at": at}
    started = posters.start(west, **given)
    posters.work(started.pk, clock=timezone.now)
    return started


def _bulk_runs(person: Person, assigned, at) -> list[BulkRun]:
    """Two: one that waits to be filled in; one that gave some the category they have and was refused for archived."""
    asked = bulk.choose(person, BulkRun.Action.REASSIGN, assigned, at=at)
    category = assigned.filter(category__isnull=False)[0].category
    archived = Complaint.objects.visible_to(person).filter(status="archived").order_by("-pk").values("pk")[:3]
    chosen = Complaint.objects.filter(Q(category=category, pk__in=assigned) | Q(pk__in=archived))
    done = bulk.choose(person, BulkRun.Action.CATEGORY, chosen, at=at)
    bulk.start(done.pk, person=person, values={"category": category.pk, "reason": "Sorted anew"}, at=at)
    bulk.work(done.pk, clock=timezone.now)
    return [asked, done]


def _fail_to_deliver(complaints):
    """Let two messages of these complaints look as if they had not been delivered: to a customer, and to a person."""
    sent = Notice.objects.filter(complaint__in=complaints, state=Notice.State.SENT)
    failed = {
        Notice.State.DEAD: (Q(to_customer=True), "550 5.1.1 Recipient address rejected: user unknown"),
        Notice.State.UNCONFIRMED: (Q(person__isnull=False), "The connection was lost after the text was sent"),
    }
    for state, (whose, error) in failed.items():
        if not Notice.objects.filter(complaint__in=complaints, state=state).exists():
            newest = sent.filter(whose).order_by("-id").values("pk")[:1]
            Notice.objects.filter(pk__in=newest).update(state=state, attempts=5, last_error=error)
