"""It is the same: what was typed to log a complaint goes into one of the same customer that is logged already."""

import html
import io
import uuid
from datetime import timedelta
from unittest import mock

import pytest
import time_machine
from django.urls import reverse

from complaints.case.actors import Actor
from complaints.choices import Channel, Severity
from complaints.conversation import messages
from complaints.errors import GateRefused
from complaints.evidence import filestore
from complaints.intake import receiving
from complaints.models import Complaint, Evidence, Message
from followups.models import Escalation
from tests.cases import NARRATIVE, at_stage, logged
from tests.complaints.intake.log_form import LOG, photo, typed
from tests.flat import flat

KNOWN = "/complaints/new/known/"
BUTTON = "It is the same: add to that one"
AGAIN = "The pump still says 52 litres, nobody has measured it."
OF_ANOTHER = "only what they say is added to it"


@pytest.fixture(autouse=True)
def clock(at):
    """The clock of the desk, an hour after `at`; tests move it on."""
    with time_machine.travel(at + timedelta(hours=1), tick=False) as clock:
        yield clock


@pytest.fixture
def complaint(cast, at):
    return logged(cast, at)


@pytest.fixture
def add(client, cast, complaint):
    """add(narrative="…") presses the button of the complaint on a filled-in form; returns the answer."""

    def add(person=None, to=complaint, **given):
        client.force_login(person or cast.frontline)
        return client.post(address_of(to), typed(cast, **{"narrative": AGAIN, "channel": "phone"} | given))

    return add


def address_of(complaint) -> str:
    return reverse("complaints:log_same", args=[complaint.reference])


def errors_of(response, status=422) -> dict[str, list[str]]:
    """The refusals of the form by field, with nothing said and everything typed kept."""
    assert response.status_code == status
    assert not Message.objects.exists()
    assert AGAIN in html.unescape(response.content.decode())
    return {name: list(texts) for name, texts in response.context["form"].errors.items()}


class TestTheButton:
    @pytest.fixture
    def offered(self, client, cast, complaint):
        """offered(person, phone="…") → whether the look-up offers to add to the complaint."""

        def offered(person, **given):
            client.force_login(person)
            told = {"narrative": NARRATIVE, "site": cast.hexi.pk, "phone": "139 0000 4417"} | given
            page = client.post(KNOWN, told).content.decode()
            assert complaint.reference in page
            return f'formaction="{address_of(complaint)}"' in page and BUTTON in page

        return offered

    def test_it_is_offered_for_a_case_of_the_same_customer(self, cast, offered):
        assert offered(cast.frontline, phone="13900004417")

    @pytest.mark.parametrize("phone", ["", "139", "138 1111 2222"])
    def test_it_is_not_offered_for_anybody_elses(self, cast, offered, phone):
        assert not offered(cast.frontline, phone=phone)

    def test_it_is_not_offered_to_who_reads_but_may_not_write(self, cast, offered):
        cast.neighbour.memberships.create(team=cast.hexi, role="auditor")
        assert not offered(cast.neighbour)

    def test_each_button_says_to_which_case_it_adds(self, cast, at, client, complaint):
        other = logged(cast, at, narrative=f"Again: {NARRATIVE}")
        client.force_login(cast.frontline)
        page = flat(client.post(KNOWN, {"narrative": NARRATIVE, "phone": "139 0000 4417"}).content.decode())
        for case in (complaint, other):
            assert f'{BUTTON}<span class="visually-hidden">({case.reference})</span>' in page

    def test_enter_presses_the_button_that_logs(self, cast, client):
        """The first button of a form is the one that Enter presses; those of the look-up come later."""
        client.force_login(cast.frontline)
        page = flat(client.get(LOG).content.decode())
        form = page[page.index(f'<form method="post" action="{LOG}"') :]
        first = form.index('<button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true">')
        assert form.index("<button") == first < form.index('id="known"')


class TestAdding:
    def test_the_words_are_the_customers_on_the_way_they_came(self, cast, complaint, add):
        response = add()
        assert response.headers["Location"] == f"/complaints/{complaint.reference}/#talk"
        message = complaint.messages.get()
        assert (message.kind, message.channel, message.author) == ("inbound", "phone", cast.frontline)
        assert message.body == AGAIN
        assert Complaint.objects.count() == 1

    def test_the_case_says_that_it_was_added(self, client, complaint, add):
        page = client.get(add().headers["Location"]).content.decode()
        assert f"Added to {complaint.reference} as the customer’s words." in page
        assert AGAIN in page

    def test_what_they_want_when_and_where_goes_with_it_in_the_language_of_the_customer(self, cast, complaint, add):
        cast.frontline.language = "zh-hans"
        cast.frontline.save(update_fields=["language"])
        add(desired_outcome="Pay it back", place="Pump 4", occurred_at="2026-11-17T19:05")
        lines = [AGAIN, "What I want: Pay it back", "When: Tuesday 17 November, 19:05", "Where: Pump 4"]
        assert complaint.messages.get().body == "\n".join(lines)

    def test_the_files_go_with_it_for_the_customer_to_see(self, complaint, add):
        add(evidence=[photo()])
        evidence = Evidence.objects.get()
        assert (evidence.complaint, evidence.message, evidence.public) == (complaint, complaint.messages.get(), True)

    def test_another_way_is_named(self, complaint, add):
        assert errors_of(add(channel="other")) == {"other_channel": ["Choose which other way"]}
        add(channel="other", other_channel="letter")
        assert complaint.messages.get().channel == Channel.LETTER

    def test_danger_is_told_as_of_a_new_complaint(self, cast, complaint, add):
        add(danger="on")
        complaint.refresh_from_db()
        assert complaint.severity == Severity.DANGER
        assert complaint.escalations.get().reason == Escalation.Reason.SEVERITY
        changed = complaint.events.get(kind="severity_changed")
        assert changed.data["reason"] == "The customer says that somebody could get hurt."

    def test_without_danger_the_severity_stays(self, complaint, add):
        add()
        assert Complaint.objects.get().severity == Severity.NORMAL

    def test_it_ends_waiting_for_the_customer(self, cast, at, complaint, add):
        asked = {"kind": "public", "body": "Which pump was it?", "wait_for_customer": True}
        messages.say(complaint.pk, **asked, actor=Actor.staff(cast.handler), at=at)
        add()
        complaint.refresh_from_db()
        assert complaint.waiting_since is None
        assert complaint.events.filter(kind="waiting_ended").exists()

    def test_the_third_reminder_goes_to_the_top(self, complaint, add, clock):
        for number in (1, 2):
            add()
            assert Complaint.objects.get().reminders == number
            assert not complaint.escalations.exists()
            clock.shift(timedelta(hours=2))
        add()
        assert Complaint.objects.get().reminders == 3
        assert complaint.escalations.get().reason == Escalation.Reason.REPEAT

    def test_the_draft_may_be_forgotten_once_it_is_accepted(self, cast, add):
        name = f"{cast.frontline.pk}:log:new"
        assert add(draft=name).cookies["draft_accepted"].value == name


class TestTwice:
    def test_the_same_form_sent_twice_is_one_message_with_its_file_once(self, complaint, add):
        key = str(uuid.uuid4())
        for _time in range(2):
            response = add(submission_key=key, evidence=[photo()])
            assert response.status_code == 302
        assert complaint.messages.count() == Evidence.objects.count() == 1

    def test_another_text_under_the_same_key_is_not_lost(self, complaint, add):
        key = str(uuid.uuid4())
        add(submission_key=key)
        response = add(submission_key=key, narrative="And the till was closed.")
        assert response.status_code == 409
        page = html.unescape(response.content.decode())
        assert f"What this form held first is in {complaint.reference}." in page
        assert "And the till was closed." in page
        renewed = str(response.context["form"]["submission_key"].value())
        assert renewed != key
        add(submission_key=renewed, narrative="And the till was closed.")
        assert [message.body for message in complaint.messages.all()] == [AGAIN, "And the till was closed."]

    def test_a_form_that_went_into_one_case_does_not_go_silently_into_another(self, cast, at, complaint, add):
        key, other = str(uuid.uuid4()), logged(cast, at)
        add(submission_key=key)
        assert add(to=other, submission_key=key).status_code == 409
        assert not other.messages.exists()

    def test_nobody_meets_what_another_added_with_the_same_key(self, cast, complaint, add):
        key = str(uuid.uuid4())
        add(submission_key=key)
        add(cast.handler, submission_key=key)
        assert {message.author for message in complaint.messages.all()} == {cast.frontline, cast.handler}


class TestRefusals:
    def test_without_words_nothing_is_added(self, add):
        response = add(narrative="\u200b")
        assert response.status_code == 422
        assert list(response.context["form"].errors) == ["narrative"]
        assert not Message.objects.exists()

    def test_what_only_a_new_complaint_needs_is_not_asked_for(self, complaint, add):
        assert add(email="half@", language="", site="", title="?").status_code == 302
        assert complaint.messages.get().body == AGAIN

    @pytest.mark.parametrize("phone", ["", "138 1111 2222", "12315"])
    def test_words_of_another_customer_are_not_shown_to_this_one(self, add, phone):
        (refusal,) = errors_of(add(phone=phone))["phone"]
        assert OF_ANOTHER in refusal

    def test_whoever_calls_the_verb_is_asked_the_same(self, cast, complaint, at):
        said = {"body": AGAIN, "channel": "phone", "actor": Actor.staff(cast.frontline), "at": at}
        with pytest.raises(GateRefused) as refused:
            receiving.tell_again(complaint.pk, phone_key="8613811112222", named=[cast.handler.pk], **said)
        assert [missing.field for missing in refused.value.missing] == ["phone", "named_people"]
        assert not Message.objects.exists()
        assert receiving.tell_again(complaint.pk, phone_key=complaint.customer.phone_key, **said).body == AGAIN

    def test_a_case_without_a_customer_is_nobodys_to_add_to(self, cast, at, add):
        silent = logged(cast, at, name="", phone="", email="", wishes_no_contact=True)
        assert OF_ANOTHER in errors_of(add(to=silent, phone=""))["phone"][0]

    def test_a_number_without_digits_is_said_once(self, add):
        assert errors_of(add(phone="at the counter")) == {"phone": ["There is no digit in this phone number."]}

    def test_an_employee_named_in_it_is_not_shown_it(self, cast, complaint, add):
        assert list(errors_of(add(named_people=[str(cast.handler.pk)]))) == ["named_people"]
        complaint.named_people.add(cast.handler)
        assert add(named_people=[str(cast.handler.pk)]).status_code == 302

    def test_all_of_it_together_is_no_longer_than_a_message(self, complaint, add):
        longest = "x" * 20_000
        response = add(narrative=longest, place="Pump 4")
        assert list(response.context["form"].errors) == ["narrative"]
        assert add(narrative=longest).status_code == 302

    def test_a_wrong_file_is_named_and_keeps_the_words(self, add):
        fake = io.BytesIO(b"PK\x03\x04 not a photo")
        fake.name = "photo.jpg"
        response = add(evidence=[fake])
        assert "“photo.jpg” is not a photo" in errors_of(response)["evidence"][0]
        assert "choose them again" in response.content.decode()

    def test_a_full_disk_adds_nothing_and_loses_no_text(self, add):
        with mock.patch.object(filestore, "write", side_effect=filestore.CouldNotStore):
            response = add(evidence=[photo()], danger="on")
        assert list(errors_of(response, 507)) == ["evidence"]
        assert Complaint.objects.get().severity == Severity.NORMAL

    def test_one_that_was_archived_meanwhile_keeps_what_was_typed(self, cast, at, add):
        closed = at_stage(cast, "archived", at)
        assert "archived" in errors_of(add(to=closed), 409)["__all__"][0]

    def test_after_a_refusal_the_other_button_still_logs(self, add):
        page = flat(add(phone="").content.decode())
        assert f'<form method="post" action="{LOG}"' in page

    def test_what_one_may_not_see_is_not_found(self, cast, add):
        assert add(cast.stranger).status_code == 404
        assert not Message.objects.exists()

    def test_who_may_read_but_not_write_is_refused(self, cast, add):
        cast.neighbour.memberships.create(team=cast.hexi, role="auditor")
        assert add(cast.neighbour).status_code == 403
        assert not Message.objects.exists()

    def test_the_site_decides_whether_the_frontline_may_write(self, cast, complaint, add):
        complaint.team = complaint.site = cast.qujiang
        complaint.logged_by = cast.stranger
        complaint.save(update_fields=["team", "site", "logged_by"])
        assert add().status_code == 404
        assert add(cast.stranger).status_code == 302

    @pytest.mark.parametrize("person", ["auditor", "reviewer", "administrator"])
    def test_who_does_not_log_adds_nothing(self, cast, add, person):
        assert add(getattr(cast, person)).status_code == 403

    def test_a_reload_leads_to_the_form_and_changes_nothing(self, cast, client, complaint):
        client.force_login(cast.frontline)
        assert client.get(address_of(complaint)).headers["Location"] == LOG
        assert client.put(address_of(complaint)).status_code == 405
        assert not Message.objects.exists()
