"""The call desk: who may call whom, one tap or two, and what the page says when something is wrong."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.choices import Status
from complaints.models import Complaint
from followups.models import Callback, CallbackAttempt
from tests.cases import at_stage

pytestmark = pytest.mark.django_db
LIST = reverse("followups:callbacks")


def owed(cast, told_at, **given) -> Callback:
    complaint = at_stage(cast, Status.RESOLVED, told_at - timedelta(minutes=3), **given)
    return complaint.callbacks.get()


def page(callback) -> str:
    return reverse("followups:callback", args=[callback.pk])


def outcome(callback) -> str:
    return reverse("followups:callback_outcome", args=[callback.pk])


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("frontline", 200),
        ("handler", 200),
        ("supervisor", 200),
        ("auditor", 403),
        ("administrator", 403),
        ("reviewer", 403),
    ],
)
def test_the_list_is_for_those_who_call(client, cast, who, status):
    client.force_login(getattr(cast, who))

    assert client.get(LIST).status_code == status


def test_the_list_shows_the_calls_of_visible_cases_only(client, cast, now):
    owed(cast, now, name="Wang Jianguo")
    client.force_login(cast.handler)
    assert "Wang Jianguo" in client.get(LIST).content.decode()

    client.force_login(cast.stranger)
    assert "Wang Jianguo" not in client.get(LIST).content.decode()


def test_a_page_key_that_makes_no_sense_shows_the_first_page_and_says_so(client, cast, now):
    owed(cast, now)
    client.force_login(cast.handler)

    shown = client.get(LIST, {"after": "promise.1.2"})

    assert shown.status_code == 200
    assert "no longer fits" in shown.content.decode()
    assert "Wang Jianguo" in shown.content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("handler", 200), ("stranger", 404), ("auditor", 403), ("administrator", 404)]
)
def test_one_call_is_open_to_those_who_work_on_the_case(client, cast, now, who, status):
    callback = owed(cast, now)
    client.force_login(getattr(cast, who))

    assert client.get(page(callback)).status_code == status
    assert client.post(outcome(callback), {"outcome": "no_answer", "number": "1"}).status_code in (302, status)
    assert CallbackAttempt.objects.exists() == (status == 200)


@pytest.mark.parametrize("pk", [0, 999, 2**63])
def test_a_call_that_does_not_exist_is_not_found(client, cast, pk):
    client.force_login(cast.handler)

    assert client.get(reverse("followups:callback", args=[pk])).status_code == 404


def test_a_named_employee_finds_nothing(client, cast, now):
    callback = owed(cast, now, named_people=[cast.colleague])
    client.force_login(cast.colleague)

    assert client.get(page(callback)).status_code == 404
    assert "Wang" not in client.get(LIST).content.decode()


def test_the_script_speaks_the_customers_language(client, cast, now):
    callback = owed(cast, now, language="zh-hans", name="何静", title="ms")
    client.force_login(cast.handler)

    shown = client.get(page(callback)).content.decode()

    assert 'lang="zh-Hans"' in shown
    assert "Hexi Road station" not in shown.split('class="script')[1].split("</li>")[0]
    assert "李敏" in shown


def test_one_tap_notes_that_nobody_answered(client, cast, now):
    callback = owed(cast, now)
    client.force_login(cast.handler)

    answer = client.post(outcome(callback), {"outcome": "no_answer", "number": "1"}, follow=True)

    callback.refresh_from_db()
    assert callback.state == Callback.State.OPEN
    assert callback.next_at > now
    assert "Recorded: No answer. Try again" in answer.content.decode()


def test_two_taps_note_a_satisfied_customer(client, cast, now):
    callback = owed(cast, now)
    client.force_login(cast.handler)

    given = {"outcome": "reached", "number": "1", "solved": "yes", "rating": "5", "words": "Thanks"}
    answer = client.post(outcome(callback), given, follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert "Recorded: reached, satisfied." in answer.content.decode()
    assert Complaint.objects.get(pk=callback.complaint_id).status == Status.FEEDBACK


def test_after_one_call_the_next_that_is_due_today_is_open(client, cast, now):
    first, second = owed(cast, now - timedelta(days=2)), owed(cast, now - timedelta(days=1, hours=12))
    client.force_login(cast.handler)

    answer = client.post(outcome(first), {"outcome": "refused", "number": "1"})

    assert answer.url == page(second)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"outcome": "reached"}, "Ask whether the problem is solved."),
        ({"outcome": "reached", "solved": "perhaps"}, "This is not offered, or not any more."),
        ({"outcome": "reached", "solved": "yes", "rating": "6"}, "This is not offered, or not any more."),
        ({"outcome": "reached", "solved": "yes", "words": "x" * 5001}, "At most 5000 characters (you wrote 5001)"),
        (
            {"outcome": "reached", "solved": "yes", "words": "a\0b"},
            "There is a character in it that cannot be stored.",
        ),
        ({"outcome": "satisfied"}, "This is not offered, or not any more."),
        ({}, "This field is required"),
    ],
)
def test_what_is_refused_is_said_and_everything_typed_is_kept(client, cast, now, given, words):
    callback = owed(cast, now)
    client.force_login(cast.handler)

    answer = client.post(outcome(callback), {"number": "1", "words": "Kept words"} | given)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not CallbackAttempt.objects.exists()
    if given.get("outcome") == "reached" and "words" not in given:
        assert "Kept words" in answer.content.decode()


def test_sent_twice_it_is_one_attempt(client, cast, now):
    callback = owed(cast, now)
    client.force_login(cast.handler)

    for _time in range(2):
        answer = client.post(outcome(callback), {"outcome": "no_answer", "number": "1"})
        assert answer.status_code == 302

    assert CallbackAttempt.objects.count() == 1


def test_what_a_colleague_noted_meanwhile_is_said_and_the_answer_can_be_sent_again(client, cast, now):
    callback = owed(cast, now)
    client.force_login(cast.colleague)
    client.post(outcome(callback), {"outcome": "no_answer", "number": "1"})
    client.force_login(cast.handler)

    given = {"outcome": "reached", "number": "1", "solved": "yes", "words": "All is well"}
    answer = client.post(outcome(callback), given)

    assert answer.status_code == 409
    assert "changed meanwhile" in answer.content.decode()
    assert "All is well" in answer.content.decode()
    assert client.post(outcome(callback), given | {"number": "2"}).status_code == 302


def test_a_call_that_is_done_shows_what_came_of_it(client, cast, now):
    callback = owed(cast, now)
    client.force_login(cast.handler)
    client.post(outcome(callback), {"outcome": "refused", "number": "1"})

    shown = client.get(page(callback)).content.decode()

    assert "Does not want to talk" in shown
    assert "Save, next call" not in shown


def test_without_a_phone_number_the_page_offers_the_mail_address(client, cast, now):
    callback = owed(cast, now, phone="")
    client.force_login(cast.handler)

    shown = client.get(page(callback)).content.decode()

    assert "mailto:wang@customer.example" in shown
    assert "tel:" not in shown


def test_what_customers_wrote_stays_text(client, cast, now):
    callback = owed(cast, now, name="<script>alert(1)</script>")
    client.force_login(cast.handler)

    assert b"<script>alert" not in client.get(page(callback)).content


def test_reading_changes_nothing(client, cast, now):
    callback = owed(cast, now)
    before = Complaint.objects.values().get()
    client.force_login(cast.handler)

    for address in (LIST, page(callback)):
        client.get(address)
        client.head(address)
        assert client.get(outcome(callback)).status_code == 405

    assert Complaint.objects.values().get() == before


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_for_one_call_and_for_three(client, cast, now, rows, django_assert_num_queries):
    callbacks = [owed(cast, now, phone=f"139 0000 000{row}") for row in range(rows)]
    client.force_login(cast.handler)

    with django_assert_num_queries(7):
        client.get(LIST)
    with django_assert_num_queries(11):
        client.get(page(callbacks[0]))


@pytest.mark.parametrize(("hours", "warned"), [("after 18:00", False), ("when <my> shift is over", True)])
def test_a_wish_that_the_plan_could_not_follow_stands_beside_the_planned_time(client, cast, now, hours, warned):
    client.force_login(cast.handler)

    text = client.get(page(owed(cast, now, call_hours=hours))).content.decode()

    assert ("The plan could not follow this" in text) == warned
    assert ("When to call: after 18:00." in text) != warned
    assert "<my>" not in text
