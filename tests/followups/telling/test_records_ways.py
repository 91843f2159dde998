"""The customer's way: chosen when a complaint is logged, changed later; what waits goes by the one of today."""

from datetime import timedelta

import pytest

from complaints.case.actors import Actor
from complaints.errors import GateRefused
from complaints.models import Complaint, Customer
from complaints.steps import facts
from followups import clock
from followups.delivery import delivery
from followups.models import Notice, Promise, SmsTemplate
from followups.models.promise import PromiseKind
from followups.promises import duties
from followups.telling import letters, saying
from tests.cases import at_stage, logged
from tests.complaints.intake.log_form import refusals, sent
from tests.complaints.workspace.test_views_facts import address, typed
from tests.followups.due import history_is_whole
from tests.followups.sms_sink import SmsSink

State = Notice.State
MINUTE = timedelta(minutes=1)
EMAIL = "wang@customer.example"


@pytest.fixture
def sink(settings):
    with SmsSink() as sink:
        settings.SMS, settings.SMS_QUIET_HOURS = sink.account, None
        yield sink


def told(complaint) -> list[tuple[str, str, str]]:
    rows = Notice.objects.filter(complaint=complaint, to_customer=True).exclude(state=State.SHOWN).order_by("pk")
    return list(rows.values_list("channel", "state", "address"))


def correct(cast, complaint, **data) -> Complaint:
    return facts.correct(complaint.pk, actor=Actor.staff(cast.frontline), at=clock.now() + MINUTE, data=data)


class TestChosen:
    @pytest.mark.parametrize(
        ("way", "row"),
        [
            ("", ("email", "queued", EMAIL)),
            ("email", ("email", "queued", EMAIL)),
            ("sms", ("sms", "queued", "+8613900004417")),
            ("call", ("call", "to_say", "139 0000 4417")),
            # No postal address is known.
            ("letter", ("email", "queued", EMAIL)),
        ],
    )
    def test_the_acknowledgement_goes_by_it(self, cast, now, sink, way, row):
        complaint = logged(cast, now, way=way)
        assert told(complaint) == [row]
        assert complaint.promises.filter(kind=PromiseKind.TELL).exists() is (way == "call")
        assert duties.audit() == []

    def test_who_wants_letters_is_written_one_though_a_mail_would_arrive(self, cast, now, sink):
        complaint = logged(cast, now, way="letter", postal_address="1 High Street, 710000 Xi'an")
        assert told(complaint) == [("call", "to_say", "139 0000 4417")]
        ((letter,), _printed) = letters.waiting(cast.frontline)
        assert letter.complaint == complaint
        assert saying.call_list(cast.frontline, most=5) == []

    def test_nobody_is_called_for_what_is_only_confirmed_in_writing(self, cast, now, sink, settings):
        settings.SMS = sink.account | {"provider": "aliyun"}
        SmsTemplate.objects.create(event="customer_acknowledged", language="en", template_id="1", text="${reference}")
        complaint = at_stage(cast, "assigned", now, email="")
        said = set(Notice.objects.filter(complaint=complaint, to_customer=True).values_list("event", "channel"))
        assert ("customer_acknowledged", "sms") in said
        assert "customer_handler" not in {event for event, _channel in said}

    def test_without_a_provider_who_chose_texts_gets_mail(self, cast, now):
        assert told(logged(cast, now, way="sms")) == [("email", "queued", EMAIL)]

    def test_what_is_not_registered_goes_by_the_next_way(self, cast, now, sink, settings):
        settings.SMS = sink.account | {"provider": "aliyun"}
        assert told(logged(cast, now, way="sms")) == [("email", "queued", EMAIL)]
        assert told(logged(cast, now, way="sms", email=""))[0][0] == "call"
        SmsTemplate.objects.create(event="customer_acknowledged", language="en", template_id="1", text="${reference}")
        assert told(logged(cast, now, way="sms"))[0][0] == "sms"

    def test_a_text_unregistered_meanwhile_is_not_sent_and_is_not_the_numbers_fault(self, cast, now, sink, settings):
        complaint = logged(cast, now, way="sms")
        settings.SMS = sink.account | {"provider": "tencent"}
        delivery.run(budget_seconds=10)
        assert [row[:2] for row in told(complaint)] == [("sms", "dead"), ("email", "queued")]
        assert Customer.objects.get().sms_failed_at is None


class TestChangedLater:
    def test_what_waits_goes_the_new_way(self, cast, now, sink):
        complaint = logged(cast, now)
        correct(cast, complaint, way="sms")
        assert told(complaint) == [("sms", "queued", "+8613900004417")]
        correct(cast, complaint, way="email")
        assert told(complaint) == [("email", "queued", EMAIL)]
        assert history_is_whole(Complaint.objects.get(pk=complaint.pk))

    def test_to_be_called_it_is_a_call_with_a_date_and_back_again_none(self, cast, now, sink):
        complaint = logged(cast, now)
        correct(cast, complaint, way="call")
        assert told(complaint) == [("call", "to_say", "139 0000 4417")]
        call = complaint.promises.get(kind=PromiseKind.TELL, state=Promise.State.OPEN)
        assert call.due_at > clock.now()
        correct(cast, complaint, way="sms")
        assert told(complaint) == [("sms", "queued", "+8613900004417")]
        call.refresh_from_db()
        assert call.state == Promise.State.WITHDRAWN
        assert duties.audit() == []

    def test_a_number_for_text_messages_makes_a_call_a_text(self, cast, now, sink):
        complaint = logged(cast, now, phone="029 8888 0000", email="")
        assert told(complaint) == [("call", "to_say", "029 8888 0000")]
        correct(cast, complaint, phone="138 1111 2222")
        assert told(complaint) == [("sms", "queued", "+8613811112222")]

    def test_another_number_is_tried_again(self, cast, now, sink):
        complaint = logged(cast, now, email="")
        Customer.objects.update(sms_failed_at=now)
        correct(cast, complaint, phone="138 1111 2222")
        assert Customer.objects.get().sms_failed_at is None

    def test_what_a_worker_holds_is_left_to_it(self, cast, now, sink):
        complaint = logged(cast, now, way="sms")
        delivery._claim("sms")
        correct(cast, complaint, way="email")
        assert told(complaint) == [("sms", "claimed", "+8613900004417")]

    def test_the_history_says_which_way(self, cast, now, sink, client):
        complaint = logged(cast, now)
        correct(cast, complaint, way="sms")
        client.force_login(cast.frontline)
        history = client.get(f"/complaints/{complaint.reference}/history/").content.decode()
        assert "How to tell them: Whatever works → Text message" in history

    def test_a_way_that_is_none_is_refused(self, cast, now):
        complaint = logged(cast, now)
        with pytest.raises(GateRefused) as refused:
            correct(cast, complaint, way="pigeon")
        assert [missing.field for missing in refused.value.missing] == ["way"]


class TestForms:
    def test_the_form_of_a_new_complaint_offers_what_this_desk_can_do(self, client, cast, now, settings):
        client.force_login(cast.frontline)
        page = client.get("/complaints/new/").content.decode()
        assert 'name="way" value="email"' in page
        assert 'name="way" value="sms"' not in page
        assert 'name="way" value="letter"' in page
        settings.SMS = {"provider": "json"}
        assert 'name="way" value="sms"' in client.get("/complaints/new/").content.decode()

    def test_it_is_kept_with_the_customer_and_shown(self, client, cast, now, sink):
        assert sent(client, cast, way="sms", phone="139 0000 4417").status_code == 302
        complaint = Complaint.objects.get()
        assert complaint.customer.way == "sms"
        page = client.get(f"/complaints/{complaint.reference}/").content.decode()
        assert "Text message" in page

    def test_a_way_that_this_desk_does_not_have_is_refused(self, client, cast, now):
        assert "way" in refusals(sent(client, cast, way="sms"))

    def test_one_that_was_chosen_elsewhere_may_stay_when_other_facts_are_corrected(self, client, cast, now):
        complaint = logged(cast, now, way="sms")
        client.force_login(cast.frontline)
        assert 'name="way" value="sms"' in client.get(address(complaint)).content.decode()
        assert client.post(address(complaint), typed(complaint, name="Wang")).status_code == 302
        assert Customer.objects.get(pk=complaint.customer_id).way == "sms"
