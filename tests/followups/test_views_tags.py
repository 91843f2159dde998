"""What the complaint's page shows of promises, escalations and callbacks, to staff and to the customer."""

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from django.utils.html import strip_tags

from accounts.models import Person
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.conversation import messages
from complaints.customer import page as customer_page
from complaints.models import Complaint
from complaints.visibility import roles_on
from followups.callbacks import callbacks
from followups.escalation import escalations
from followups.models import Promise
from followups.promises import promises
from followups.promises.actions import actions_for
from tests.cases import at_stage, logged

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def render(tag: str, complaint: Complaint, person: Person | None, at) -> str:
    """The tag's output on a page of `person` at `at`; a fresh instance, as a view would have fetched it."""
    request = RequestFactory().get("/here/")
    request.user = person
    fresh = Complaint.objects.select_related("team", "handler", "customer").get(pk=complaint.pk)
    of = "page" if tag.startswith("public") else "complaint"
    page = Template("{% load followups %}" + "{% " + tag + " " + of + " %}")
    known = {"request": request, "complaint": fresh, "now": at, "user": person}
    return page.render(Context(known | {"page": customer_page.build(fresh, at)}))


def promised(cast, complaint, at, words="The technician comes", hours=5, **given) -> Promise:
    fields = {
        "kind": "visit",
        "words": words,
        "due_at": at + hours * HOUR,
        "actor": Actor.staff(cast.handler),
        "at": at,
    }
    return promises.make(complaint.pk, **fields | given)


@pytest.fixture
def complaint(cast, at) -> Complaint:
    return at_stage(cast, Status.ASSIGNED, at)


# The card --------------------------------------------------------------------------------------


def test_the_card_shows_what_is_open_first_and_by_whom(cast, complaint, at):
    promised(cast, complaint, at + HOUR)

    card = render("promises_card", complaint, cast.handler, at + HOUR)

    assert card.index("The technician comes") < card.index("First contact")
    assert "Wed 18 Nov, 16:00, by Li Min" in strip_tags(card)
    assert "kept Wed 18 Nov" in card


def test_the_card_offers_a_form_and_actions_to_those_who_work_on_the_case(cast, complaint, at):
    promise = promised(cast, complaint, at + HOUR)

    card = render("promises_card", complaint, cast.handler, at + HOUR)

    for action in ("keep", "move", "withdraw"):
        assert f"/promises/{promise.pk}/{action}/" in card
    assert "Promise it" in card


def test_every_date_says_how_it_came_about(cast, complaint, at):
    moved = promised(cast, complaint, at + HOUR)
    given = {"actor": Actor.staff(cast.handler), "at": at + HOUR}
    promises.move(moved.pk, due_at=at + DAY, reason="The part is late", **given)

    card = render("promises_card", complaint, cast.handler, at + HOUR)

    assert card.count("How this date came about") == 4
    assert "day and night, from Wed 18 Nov, 10:00" in card
    assert "The part is late" in card


@pytest.mark.parametrize("who", ["auditor", "director"])
def test_readers_are_offered_nothing(cast, complaint, at, who):
    promised(cast, complaint, at + HOUR)

    card = render("promises_card", complaint, getattr(cast, who), at + HOUR)

    assert ("<form" in card) == (who == "director")


def test_an_archived_case_is_read_only(cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)

    assert "<form" not in render("promises_card", complaint, cast.supervisor, at + HOUR)


def test_what_does_not_count_any_more_is_folded_away(cast, complaint, at):
    promise = promised(cast, complaint, at + HOUR)
    promises.withdraw(promise.pk, reason="Not needed", actor=Actor.staff(cast.handler), at=at + HOUR)

    card = render("promises_card", complaint, cast.handler, at + HOUR)

    assert card.index("any more") < card.index("The technician comes")


def test_words_of_staff_stay_text(cast, complaint, at):
    promised(cast, complaint, at + HOUR, words="<b>bold</b> promise")

    for tag in ("promises_card", "public_promises", "public_next"):
        assert "<b>bold</b>" not in render(tag, complaint, cast.handler, at + HOUR)


@pytest.mark.parametrize(
    ("given", "role", "offered"),
    [
        ({"words": "We come"}, "handler", {"keep", "move", "withdraw"}),
        ({"words": "We come", "moves": 2}, "handler", {"keep"}),
        ({"words": "We come", "moves": 2}, "supervisor", {"keep", "move", "withdraw"}),
        ({"kind": "first_contact", "policy_id": 1}, "handler", {"move"}),
        ({"kind": "resolution", "policy_id": 1}, "handler", {"move"}),
        ({"kind": "resolution", "policy_id": 1}, "supervisor", {"move", "withdraw"}),
        ({"kind": "callback"}, "supervisor", set()),
        ({"kind": "callback", "words": "I ring you"}, "frontline", {"keep", "move", "withdraw"}),
        ({"words": "We come", "state": "broken"}, "supervisor", set()),
        ({"words": "We come"}, "auditor", set()),
    ],
)
def test_what_may_be_done_by_hand_follows_from_kind_role_and_state(given, role, offered):
    assert actions_for(Promise(**{"kind": "visit"} | given), {role}) == offered


# Escalations and the callback ----------------------------------------------------------------------


def test_an_unsigned_escalation_is_a_banner_which_supervisors_sign(cast, complaint, at):
    escalations.escalate_by_hand(
        complaint.pk, note="He shouts", tried="Talked to him", actor=Actor.staff(cast.handler), at=at + HOUR
    )

    to_sign = render("escalations_banner", complaint, cast.supervisor, at + HOUR)
    to_read = render("escalations_banner", complaint, cast.handler, at + HOUR)

    assert "He shouts" in to_sign
    assert "Sign for it" in to_sign
    assert "He shouts" in to_read
    assert "Sign for it" not in to_read


def test_a_signed_escalation_is_no_banner(cast, complaint, at):
    raised = escalations.escalate_by_hand(
        complaint.pk, note="He shouts", tried="Talked to him", actor=Actor.staff(cast.handler), at=at + HOUR
    )
    escalations.sign(raised.pk, note="", actor=Actor.staff(cast.supervisor), at=at + HOUR)

    assert render("escalations_banner", complaint, cast.supervisor, at + HOUR).strip() == ""


def test_the_callback_is_one_line_with_a_way_to_call(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)

    assert "Call now" in render("callback_line", complaint, cast.handler, at + HOUR)
    assert "Call now" not in render("callback_line", complaint, cast.auditor, at + HOUR)


def test_the_line_says_what_came_of_the_last_call(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at)
    given = {"actor": Actor.staff(cast.handler), "at": at + HOUR}
    callbacks.record_attempt(complaint.callbacks.get().pk, outcome="no_answer", **given)
    assert "Last call: No answer" in render("callback_line", complaint, cast.handler, at + HOUR)

    callbacks.record_attempt(complaint.callbacks.get().pk, outcome="refused", **given)
    assert "Does not want to talk" in render("callback_line", complaint, cast.handler, at + HOUR)


def test_before_a_result_there_is_no_line(cast, complaint, at):
    assert render("callback_line", complaint, cast.handler, at + HOUR).strip() == ""


# The customer's page ---------------------------------------------------------------------------------


def test_the_answer_box_says_what_by_when_and_who(cast, complaint, at):
    box = render("public_next", complaint, None, at + HOUR)

    assert "What happens next" in box
    assert "Thursday 19 November, by 10:00" in box
    assert "Li Min tells you the result." in box
    assert "That is in" in box or "That is tomorrow" in box


def test_the_answer_box_names_the_promise_that_is_due_first_in_its_own_words(cast, complaint, at):
    promised(cast, complaint, at + HOUR)

    box = render("public_next", complaint, None, at + HOUR)

    assert "Today, Wednesday 18 November, by 16:00" in box
    assert "The technician comes. Li Min looks after it." in box


def test_before_anybody_looks_after_it_the_team_is_named(cast, at):
    box = render("public_next", logged(cast, at), None, at)

    assert "Hexi Road station gets in touch with you." in box


def test_a_promise_that_is_late_is_apologised_for_even_before_a_worker_came_by(cast, complaint, at):
    box = render("public_next", complaint, None, at + 2 * DAY)

    assert "We are late with this, and we are sorry." in box
    assert "Li Min tells you the result." in box
    assert "19 November" not in box


def test_once_archived_nothing_comes_next(cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at)

    assert render("public_next", complaint, None, at + HOUR).strip() == ""


def test_while_we_wait_for_the_customer_the_page_speaks(cast, complaint, at):
    messages.say(
        complaint.pk,
        kind="public",
        body="Please send the receipt.",
        actor=Actor.staff(cast.handler),
        at=at + HOUR,
        wait_for_customer=True,
    )

    box = render("public_next", complaint, None, at + HOUR)
    promise_list = render("public_promises", complaint, None, at + HOUR)

    assert "tells you the result" not in box
    assert "The clock stands still until you answer us." in promise_list


def test_the_list_of_promises_is_honest(cast, complaint, at):
    Promise.objects.filter(complaint=complaint, kind="resolution", state="open").update(
        state="broken", broken_at=at + HOUR, settled_at=at + HOUR, due_at=at + HOUR
    )
    promised(cast, complaint, at + HOUR)

    page = render("public_promises", complaint, None, at + 2 * HOUR)

    assert '<li class="broken">' in page
    assert "It was due Wed 18 Nov, 11:00. We did not keep this. We are sorry." in page
    assert '<li class="kept">' in page
    assert "Get in touch with you" in page
    assert page.index("The technician comes") < page.index("We are sorry")


def test_what_was_made_good_late_says_when(cast, complaint, at):
    Promise.objects.filter(complaint=complaint, kind="resolution", state="open").update(
        state="broken", broken_at=at + HOUR, settled_at=at + HOUR, due_at=at + HOUR, kept_at=at + 3 * HOUR
    )

    assert "We did it Wed 18 Nov, 13:00." in render("public_promises", complaint, None, at + 4 * HOUR)


def test_a_promise_that_was_moved_says_why(cast, complaint, at):
    promise = promised(cast, complaint, at + HOUR)
    promises.move(
        promise.pk, due_at=at + DAY, reason="The part is late", actor=Actor.staff(cast.handler), at=at + HOUR
    )

    assert "We moved this: The part is late" in render("public_promises", complaint, None, at + HOUR)


def test_the_customer_sees_nothing_that_was_not_promised_to_them(cast, complaint, at):
    promised(cast, complaint, at + HOUR, words="Talk to the attendant", to_customer=False)
    withdrawn = promised(cast, complaint, at + HOUR, words="We call the bank")
    promises.withdraw(withdrawn.pk, reason="Internal reason", actor=Actor.staff(cast.handler), at=at + HOUR)

    shown = "".join(render(tag, complaint, None, at + HOUR) for tag in ("public_next", "public_promises"))

    for secret in ("Talk to the attendant", "We call the bank", "Internal reason", "li.min", "139", "wang@"):
        assert secret not in shown


def test_all_that_staff_see_is_one_query_whatever_is_promised(cast, at, django_assert_num_queries):
    complaint = at_stage(cast, Status.RESOLVED, at)
    staff = Actor.staff(cast.handler)
    for hours in (3, 4, 5):
        promised(cast, complaint, at + HOUR, words=f"Number {hours}", hours=hours)
    for tried in ("Called", "Wrote"):
        escalations.escalate_by_hand(complaint.pk, note="Help", tried=tried, actor=staff, at=at + HOUR)
    callback = complaint.callbacks.get()
    callbacks.record_attempt(callback.pk, outcome="no_answer", actor=staff, at=at + 2 * HOUR)
    tags = "{% escalations_banner complaint %}{% callback_line complaint %}{% promises_card complaint %}"
    page = Template("{% load followups %}" + tags)
    context = staff_page(cast.supervisor, complaint, at + 3 * HOUR)

    with django_assert_num_queries(1):
        shown = page.render(context)

    for words in ("Number 5", "Tried already: Wrote", "Last call: No answer"):
        assert words in shown


@pytest.mark.parametrize("tag", ["public_next", "public_promises"])
def test_what_the_customer_sees_is_one_query_a_part(cast, complaint, at, tag, django_assert_num_queries):
    promised(cast, complaint, at + HOUR)
    page = Template("{% load followups %}{% " + tag + " page %}")
    context = staff_page(cast.supervisor, complaint, at + HOUR)
    context["page"] = customer_page.build(context["complaint"], at + HOUR)
    # The parts ask together; the page asked already.
    del context["complaint"]._for_customer

    with django_assert_num_queries(1):
        page.render(context)


def staff_page(person, complaint, at) -> Context:
    """What a page knows once roles and named employees are read, as every page has them."""
    request = RequestFactory().get("/here/")
    request.user = person
    fresh = Complaint.objects.select_related("team", "handler", "customer").get(pk=complaint.pk)
    roles_on(person, fresh)
    return Context({"request": request, "complaint": fresh, "now": at, "user": person})


def test_the_chips_are_in_the_language_of_the_page(cast, complaint, at):
    with translation.override("zh-hans"):
        card = render("promises_card", complaint, cast.handler, at + HOUR)

    assert "李敏" in card
    assert "11月19日（周四）" in card
