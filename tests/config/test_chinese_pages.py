"""Every page in Chinese, from the sign-in to the customer's rating: no English is left standing on any of them."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.models import Complaint
from complaints.steps import options
from complaints.steps.forms import FORMS
from complaints.writing import reply_templates
from followups.callbacks import callbacks
from followups.models import Callback, Notice, Promise
from followups.notices import texts
from tests.cases import logged
from tests.complaints.customer.customer_link import ANSWERS, token_of
from tests.config import chinese
from tests.config.chinese_cases import DAY, HOUR, NAMES, eventful, read, signed_in, staged, unanswered

pytestmark = pytest.mark.django_db
ROLES = ("frontline", "handler", "supervisor", "reviewer", "auditor")


@pytest.fixture
def now(at):
    """A moment that does not change: words of other days are the matter of tests.ui.test_wording."""
    return at


@pytest.fixture(autouse=True)
def _everybody_speaks_chinese(cast, monkeypatch):
    chinese.speak(cast, monkeypatch)


@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "account_reset_password_done"])
def test_the_pages_for_signing_in(name):
    read(signed_in().get(reverse(name)))


def test_a_refused_sign_in():
    read(signed_in().post(reverse("account_login"), {"login": "", "password": ""}))
    read(signed_in().post(reverse("account_login"), {"login": "nobody", "password": "x"}))


@pytest.mark.parametrize("name", ["accounts:preferences", "account_change_password", "account_logout"])
def test_the_pages_of_ones_own_account(cast, name):
    read(signed_in(cast.handler).get(reverse(name)))


def test_a_refused_password(cast):
    typed = {"oldpassword": "x", "password1": "short", "password2": "other"}
    read(signed_in(cast.handler).post(reverse("account_change_password"), typed))


@pytest.mark.parametrize("view", ["mine", "team", "unassigned", "today", "overdue", "waiting", "all"])
def test_the_queue_empty_and_filled(cast, now, view):
    client, address = signed_in(cast.supervisor), reverse("complaints:queue")
    read(client.get(address, {"view": view}))
    eventful(cast, now)
    unanswered(cast, now)
    staged(cast, Status.ARCHIVED, now - DAY)
    read(client.get(address, {"view": view}))


def test_the_queue_narrowed_and_misled(cast, now):
    staged(cast, Status.ASSIGNED, now)
    client, address = signed_in(cast.supervisor), reverse("complaints:queue")
    sites = [cast.hexi.pk, cast.weiyang.pk, cast.qujiang.pk]
    narrowed = {"view": "all", "site": sites, "severity": ["urgent", "danger"], "received_from": "2026-11-01"}
    read(client.get(address, narrowed))
    read(client.get(address, {"view": "?", "sort": "?", "stage": "?", "received_to": "31.2.", "q": "!"}))
    read(client.get(address, {"q": "李", "after": "x"}))


def test_somebody_without_a_role_on_complaints_sees_why_the_queue_is_empty(cast):
    read(signed_in(cast.administrator).get(reverse("complaints:queue")))


def test_logging_a_complaint(cast, now):
    client, address = signed_in(cast.frontline), reverse("complaints:log")
    read(client.get(address))
    read(client.post(address, {}), 422)
    wrong = {"phone": "-", "email": "x", "occurred_at": "2999-01-01T00:00", "channel": "other", "site": "0"}
    read(client.post(address, wrong), 422)
    staged(cast, Status.ASSIGNED, now)
    told = {"phone": "139 0000 4417", "site": cast.hexi.pk, "narrative": "139 0000 4417"}
    for lookup in ("log_customer", "log_known"):
        known = client.post(reverse(f"complaints:{lookup}"), told)
        assert chinese.english_on(known.content.decode()) == []


def test_adding_to_a_complaint_that_is_logged_already(cast, now):
    client, complaint = signed_in(cast.frontline), logged(cast, now - HOUR, **chinese.LOGGED)
    address = reverse("complaints:log_same", args=[complaint.reference])
    told = {"phone": "139 0000 4417", "narrative": complaint.narrative}
    known = client.post(reverse("complaints:log_known"), told).content.decode()
    assert address in known
    assert chinese.english_on(known) == []
    read(client.post(address, {"phone": "138 1111 2222", "named_people": [cast.handler.pk]}), 422)
    said = told | {"channel": "phone", "submission_key": "0b8e2c5e-5f0f-4c5e-9a53-6a1ab5b3d2f1", "danger": "on"}
    said |= {"desired_outcome": "退还多付的钱", "place": "4号枪", "occurred_at": "2026-11-17T19:05"}
    read(client.post(address, said, follow=True))
    read(client.post(address, said | {"narrative": "还是没有人来。"}), 409)


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("status", Status.values)
def test_a_complaint_at_each_stage_for_each_role(cast, now, status, who):
    complaint = staged(cast, status, now - HOUR)
    seen = Complaint.objects.visible_to(getattr(cast, who)).filter(pk=complaint.pk).exists()
    client, address = signed_in(getattr(cast, who)), reverse("complaints:case", args=[complaint.reference])
    read(client.get(address), 200 if seen else 404)


@pytest.mark.parametrize("who", ROLES)
def test_a_complaint_to_which_everything_happened(cast, now, who):
    complaint = eventful(cast, now)
    client = signed_in(getattr(cast, who))
    status = 404 if who == "reviewer" else 200
    for name in ("case", "history", "print"):
        read(client.get(reverse(f"complaints:{name}", args=[complaint.reference])), status)
    for other in unanswered(cast, now):
        seen = Complaint.objects.visible_to(getattr(cast, who)).filter(pk=other.pk).exists()
        read(client.get(reverse("complaints:case", args=[other.reference])), 200 if seen else 404)


@pytest.mark.parametrize("status", Status.values)
def test_each_step_shown_alone_and_sent_empty(cast, now, status):
    complaint = staged(cast, status, now - HOUR)
    client = signed_in(cast.supervisor)
    for action in FORMS:
        address = reverse("complaints:step", args=[complaint.reference, action])
        shown = client.get(address, follow=True)
        read(shown)
        Complaint.objects.filter(pk=complaint.pk).update(handler=cast.colleague)
        for version in (complaint.version, 0):
            sent = client.post(address, {"version": version, "reason": "说明", "solution": "说明"}, follow=True)
            read(sent, sent.status_code)


@pytest.mark.parametrize("name", ["complaints:severity", "complaints:propose_invalid", "followups:escalate"])
def test_the_small_pages_of_a_complaint(cast, now, name):
    complaint = staged(cast, Status.ASSIGNED, now)
    address = reverse(name, args=[complaint.reference])
    client = signed_in(cast.handler)
    read(client.get(address))
    read(client.post(address, {}), 422)


@pytest.mark.parametrize("name", ["say", "offer", "add_evidence"])
def test_what_is_sent_empty_from_a_complaint(cast, now, name):
    complaint = staged(cast, Status.ASSIGNED, now)
    read(signed_in(cast.handler).post(reverse(f"complaints:{name}", args=[complaint.reference]), {}), 422)


def test_the_pages_of_promises(cast, now):
    complaint = eventful(cast, now)
    client = signed_in(cast.supervisor)
    open_one = complaint.promises.filter(state=Promise.State.OPEN, kind="reply").get()
    read(client.get(reverse("followups:make_promise", args=[complaint.reference])))
    read(client.post(reverse("followups:make_promise", args=[complaint.reference]), {}), 422)
    for name in ("keep_promise", "move_promise", "withdraw_promise"):
        read(client.get(reverse(f"followups:{name}", args=[open_one.pk])))
    read(client.post(reverse("followups:move_promise", args=[open_one.pk]), {"due_at": "x"}), 422)


def test_the_board_empty_and_filled(cast, now):
    client, address = signed_in(cast.supervisor), reverse("followups:board")
    read(client.get(address))
    complaint = eventful(cast, now)
    unanswered(cast, now)
    options.offer(complaint.pk, words="退还800元", amount=Decimal(800), actor=Actor.staff(cast.handler), at=now)
    Notice.objects.update(state=Notice.State.DEAD)
    read(client.get(address))


def test_the_callbacks(cast, now):
    client, address = signed_in(cast.handler), reverse("followups:callbacks")
    read(client.get(address))
    complaint = staged(cast, Status.RESOLVED, now - HOUR)
    callback = Callback.objects.get(complaint=complaint)
    page = reverse("followups:callback", args=[callback.pk])
    read(client.get(page))
    read(client.post(reverse("followups:callback_outcome", args=[callback.pk]), {"outcome": "reached"}), 422)
    for outcome, phone in (("no_answer", None), ("wrong_number", "029 0000 5512"), ("wrong_number", "")):
        callbacks.record_attempt(callback.pk, outcome=outcome, phone=phone, actor=Actor.staff(cast.handler), at=now)
        read(client.get(page))
        read(client.get(address))
        read(client.get(reverse("complaints:case", args=[complaint.reference])))


def test_the_messages_that_were_not_delivered(cast, now):
    client, address = signed_in(cast.supervisor), reverse("followups:notices")
    read(client.get(address))
    staged(cast, Status.ASSIGNED, now)
    Notice.objects.update(state=Notice.State.DEAD, attempts=5)
    read(client.get(address))


@pytest.mark.parametrize("status", Status.values)
def test_the_customers_page_at_each_stage(cast, now, status):
    page_of(staged(cast, status, now - HOUR))


def test_the_customers_page_of_what_waits_and_what_ended(cast, now):
    for complaint in [eventful(cast, now), *unanswered(cast, now)]:
        page_of(complaint)


def page_of(complaint):
    """The customer's page, each answer sent empty, and each thanks."""
    client, token = signed_in(), token_of(complaint)
    read(client.get(reverse("complaints:public_status", args=[token])))
    for name in ANSWERS:
        read(client.get(reverse("complaints:public_done", args=[token, name])))
        answer = client.post(reverse(f"complaints:public_{name}", args=[token]), {"seen": "x"}, follow=True)
        read(answer, answer.status_code)


@pytest.mark.parametrize("model", sorted(model._meta.label_lower for model in admin.site._registry))
def test_the_labels_of_the_administration(cast, model):
    name = f"admin:{model.replace('.', '_')}"
    # The one row of rules opens by itself; all else is looked at as a new row.
    address = reverse(f"{name}_changelist" if model == "accounts.deskrules" else f"{name}_add")
    answer = signed_in(cast.administrator).get(address, follow=True)
    assert answer.status_code == 200
    assert chinese.english_on(answer.content.decode(), (*NAMES, *reply_templates.VARIABLES, *texts.HOLES)) == []


def test_finding_ones_complaint():
    client, address = signed_in(), reverse("complaints:public_find")
    read(client.get(address))
    read(client.post(address, {}), 422)
    read(client.post(address, {"reference": "C-2026-999999", "digits": "44"}), 422)
    read(client.get(reverse("complaints:public_sent")))


def test_the_pages_of_errors(cast, now):
    nowhere = reverse("complaints:public_status", args=["x" * 32])
    read(signed_in().get(nowhere), 404)
    read(signed_in(cast.handler).get("/nowhere/"), 404)
    read(signed_in(cast.auditor).get(reverse("followups:callbacks")), 403)
    read(signed_in().get("/account/login/?q=%00"), 400)
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "zh-hans"})
    read(strict.post(reverse("account_login"), {"login": "li.min", "reason": "我写了很长的一段说明文字"}), 403)
