"""Correcting facts: who may, what is refused, one event with old and new, and everything that follows."""

from datetime import timedelta

import pytest

from accounts.models import Role
from complaints.case.actors import Actor
from complaints.choices import Kind, Status
from complaints.conversation import undo_send
from complaints.errors import ChangedMeanwhile, GateRefused, NotAllowedNow, NotPermitted
from complaints.models import Complaint, Customer, WaitingReply
from complaints.search.find import matching, query_of
from complaints.steps import facts
from complaints.visibility import roles_on
from followups.delivery import delivery
from followups.escalation import naming
from followups.models import Notice, Promise, Verifier
from followups.notices import bell, mails
from tests.cases import at_stage, logged
from tests.cast import person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def correct(cast, complaint, at, who="handler", version=None, **data) -> Complaint:
    actor = Actor.staff(getattr(cast, who))
    return facts.correct(complaint.pk, actor=actor, at=at, data=data, version=version)


def corrected(complaint) -> list[dict]:
    return [event.data for event in complaint.events.filter(kind="facts_corrected")]


def refused(cast, complaint, at, who="handler", **data) -> set[str]:
    with pytest.raises(GateRefused) as refusal:
        correct(cast, complaint, at, who, **data)
    assert not corrected(complaint), "a refused correction stores nothing"
    return {missing.field for missing in refusal.value.missing}


def found(cast, words) -> set[str]:
    rows = matching(Complaint.objects.all(), query_of(words), cast.director)
    return set(rows.values_list("reference", flat=True))


def test_every_fact_can_be_corrected_in_one_event_with_old_and_new(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at - HOUR)
    happened = complaint.occurred_at
    correct(
        cast,
        complaint,
        at,
        name="Wang Jianhua",
        title="mr",
        phone="029 0000 5512",
        email="jianhua@customer.example",
        call_hours="after 18:00",
        language="zh-hans",
        kind=Kind.SUGGESTION,
        site=cast.weiyang,
        place="Pump 2",
        occurred_at=happened - HOUR,
        named_people=[cast.colleague],
        reason="From his licence",
    )
    complaint = Complaint.objects.select_related("customer").get(pk=complaint.pk)
    customer = complaint.customer
    assert (customer.name, customer.title, customer.phone) == ("Wang Jianhua", "mr", "029 0000 5512")
    assert (customer.phone_key, customer.email) == ("+862900005512", "jianhua@customer.example")
    assert (customer.call_hours, customer.language, complaint.language) == ("after 18:00", "zh-hans", "zh-hans")
    assert (complaint.kind, complaint.site, complaint.place) == ("suggestion", cast.weiyang, "Pump 2")
    assert complaint.occurred_at == happened - HOUR
    assert list(complaint.named_people.all()) == [cast.colleague]
    (said,) = corrected(complaint)
    assert said["reason"] == "From his licence"
    assert said["changes"]["phone"] == {"old": "139 0000 4417", "new": "029 0000 5512"}
    assert said["changes"]["named_people"] == {"old": [], "new": [cast.colleague.pk]}
    assert said["changes"]["site"]["old"] == {"name": "Hexi Road station", "name_zh": "河西路加油站"}
    assert not complaint.events.get(kind="facts_corrected").public
    assert complaint.narrative == logged(cast, at).narrative, "the customer's words stay"


def test_the_same_correction_sent_twice_is_one_and_no_change_is_none(cast, at):
    complaint = logged(cast, at)
    seen = complaint.version
    for _ in range(2):
        correct(cast, complaint, at, "frontline", version=seen, phone="029 0000 5512", name="Wang Jianguo")
    assert len(corrected(complaint)) == 1
    correct(cast, complaint, at, place="", occurred_at=None, named_people=[])
    assert len(corrected(complaint)) == 1


def test_a_moment_kept_to_the_second_is_not_corrected_by_being_shown(cast, at):
    complaint = logged(cast, at, occurred_at=at - HOUR + timedelta(seconds=42))
    correct(cast, complaint, at, occurred_at=at - HOUR)
    assert not corrected(complaint)


def test_what_was_changed_meanwhile_is_not_written_over(cast, at):
    complaint = logged(cast, at)
    correct(cast, complaint, at, "frontline", version=complaint.version, phone="029 0000 5512")
    with pytest.raises(ChangedMeanwhile):
        correct(cast, complaint, at, version=complaint.version, phone="139 0000 7716")
    assert Customer.objects.get().phone == "029 0000 5512"


@pytest.mark.parametrize("who", ["auditor", "reviewer"])
def test_who_only_reads_corrects_nothing(cast, at, who):
    complaint = at_stage(cast, Status.RESOLVED, at - HOUR)
    with pytest.raises(NotPermitted):
        correct(cast, complaint, at, who, name="Other")


def test_logging_asks_for_a_way_to_answer_and_so_does_correcting(cast, at):
    complaint = logged(cast, at, email="")
    assert refused(cast, complaint, at, phone="") == {"phone"}
    assert refused(cast, complaint, at, phone="none") == {"phone"}
    assert refused(cast, complaint, at, email="wang.example") == {"email"}
    correct(cast, complaint, at, phone="", wishes_no_contact=True)
    assert Complaint.objects.get(pk=complaint.pk).wishes_no_contact


def test_other_facts_of_a_case_without_a_way_to_answer_can_be_corrected(cast, at):
    complaint = logged(cast, at)
    Customer.objects.update(phone="", phone_key="", email="")
    correct(cast, complaint, at, place="Pump 2")
    assert len(corrected(complaint)) == 1


def test_values_that_make_no_sense_are_all_named_at_once(cast, at):
    complaint = logged(cast, at)
    wrong = {"kind": "praise", "title": "dr", "language": "fr", "occurred_at": at + HOUR, "site": cast.west}
    assert refused(cast, complaint, at, **wrong) == wrong.keys()


def test_nobody_names_themselves_out_of_a_case_and_names_go_only_by_a_supervisor(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at - HOUR)
    assert refused(cast, complaint, at, named_people=[cast.handler]) == {"named_people"}
    correct(cast, complaint, at, named_people=[cast.colleague])
    with pytest.raises(GateRefused):
        correct(cast, complaint, at, named_people=[])
    correct(cast, complaint, at, "supervisor", named_people=[])
    assert Complaint.objects.visible_to(cast.colleague).filter(pk=complaint.pk).exists()


def test_the_kind_is_settled_once_the_result_is_told(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at - HOUR)
    assert refused(cast, complaint, at, kind=Kind.SUGGESTION) == {"kind"}


def test_of_a_closed_case_only_the_contact_can_be_corrected(cast, at):
    complaint = at_stage(cast, Status.ARCHIVED, at - HOUR)
    with pytest.raises(NotAllowedNow):
        correct(cast, complaint, at, place="Pump 2", phone="029 0000 5512")
    assert not corrected(complaint)
    correct(cast, complaint, at, phone="029 0000 5512", wishes_no_contact=True)
    assert len(corrected(complaint)) == 1


# What follows ------------------------------------------------------------------------------


def test_search_finds_the_new_number_and_no_more_the_old_one(cast, at):
    complaint = logged(cast, at)
    assert found(cast, "13900004417") == {complaint.reference}
    correct(cast, complaint, at, phone="029 0000 5512", name="Chen Guilan")
    assert found(cast, "13900004417") == set()
    assert found(cast, "02900005512") == found(cast, "Guilan") == {complaint.reference}


def test_a_contact_that_an_import_shared_stays_as_the_other_case_was_told(cast, at):
    complaint, other = logged(cast, at), logged(cast, at, phone="139 0000 9999")
    shared = complaint.customer
    Complaint.objects.filter(pk=other.pk).update(customer=shared)
    correct(cast, complaint, at, phone="029 0000 5512")
    complaint, other = (Complaint.objects.select_related("customer").get(pk=row.pk) for row in (complaint, other))
    assert (other.customer, other.customer.phone) == (shared, "139 0000 4417")
    assert (complaint.customer.phone, complaint.customer.same_as) == ("029 0000 5512", shared)
    assert (complaint.customer.name, complaint.customer.email) == (shared.name, shared.email)


def test_the_same_person_stays_the_same_person(cast, at):
    first = logged(cast, at)
    complaint = logged(cast, at, name="Wang Wu", same_as=None)
    Customer.objects.filter(pk=complaint.customer_id).update(same_as=first.customer_id)
    correct(cast, complaint, at, phone="029 0000 5512")
    assert Customer.objects.get(pk=complaint.customer_id).same_as_id == first.customer_id


def test_a_case_without_a_trace_of_its_customer_gets_one(cast, at):
    complaint = logged(cast, at, name="", phone="", email="", wishes_no_contact=True)
    assert complaint.customer is None
    correct(cast, complaint, at, phone="029 0000 5512", language="zh-hans", wishes_no_contact=False)
    customer = Complaint.objects.get(pk=complaint.pk).customer
    assert (customer.phone, customer.language) == ("029 0000 5512", "zh-hans")


def test_before_anybody_took_it_the_case_goes_with_its_site_and_stays_with_its_team_after(cast, at):
    complaint = logged(cast, at)
    taken = at_stage(cast, Status.ASSIGNED, at - HOUR)
    for case in (complaint, taken):
        correct(cast, case, at, site=cast.weiyang)
    assert Complaint.objects.get(pk=complaint.pk).team == cast.weiyang
    assert corrected(complaint)[0]["team"] == cast.weiyang.pk
    assert Complaint.objects.get(pk=taken.pk).team == cast.hexi
    assert not Complaint.objects.visible_to(cast.stranger).filter(pk=complaint.pk).exists()
    assert Complaint.objects.visible_to(cast.neighbour).filter(pk=complaint.pk).exists()


def test_who_is_named_loses_the_case_at_once_and_the_supervisor_is_told(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at - HOUR)
    correct(cast, complaint, at, "frontline", named_people=[cast.handler])
    complaint = Complaint.objects.get(pk=complaint.pk)
    assert complaint.handler is None
    assert not roles_on(cast.handler, complaint)
    assert not Complaint.objects.visible_to(cast.handler).filter(pk=complaint.pk).exists()
    kinds = list(complaint.events.order_by("-number").values_list("kind", flat=True)[:2])
    assert kinds == ["handler_left", "facts_corrected"]
    told = Notice.objects.get(event="left_behind")
    assert (told.person, told.data["because"]) == (cast.supervisor, "named")
    assert complaint.handovers == 0


def test_the_supervisor_reads_who_is_named_and_where_the_case_is(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at - HOUR)
    correct(cast, complaint, at, "frontline", named_people=[cast.handler])
    told = Notice.objects.get(event="left_behind")
    mail = mails.compose(told, now=at)
    assert f"{cast.handler.label} is named in this complaint and has no part in it any more." in mail.body
    assert mail.subject == "A complaint is in the queue of Hexi Road station again"
    (line,) = bell.lines([told], cast.supervisor, at)
    assert f"{cast.handler.label} is named in this" in line.words


def test_a_reply_of_theirs_that_waits_is_not_sent(cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at - HOUR)
    undo_send.reply(complaint.pk, body="It is nothing", actor=Actor.staff(cast.handler), at=at)
    correct(cast, complaint, at, "frontline", named_people=[cast.handler])
    undo_send.send_due(at + HOUR)
    assert not complaint.messages.filter(body="It is nothing").exists()
    assert WaitingReply.objects.get().refused


def test_notices_to_them_are_dropped_when_their_turn_comes(cast, now, mailoutbox):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    Notice.objects.update(not_before=now - HOUR)
    waits = Notice.objects.filter(person=cast.handler, state=Notice.State.QUEUED)
    assert waits.exists()
    correct(cast, complaint, now, "frontline", named_people=[cast.handler])
    delivery.run(budget_seconds=20)
    assert not waits.exists()
    assert set(Notice.objects.filter(person=cast.handler).values_list("state", "dropped_because")) == {
        (Notice.State.DROPPED, Notice.Dropped.UNSEEN)
    }
    assert cast.handler.email not in {address for mail in mailoutbox for address in mail.to}


def test_a_verifier_who_is_named_verifies_it_no_more(cast, at):
    complaint = logged(cast, at)
    naming.name_verifier(complaint.pk, person=cast.colleague, actor=Actor.staff(cast.supervisor), at=at)
    correct(cast, complaint, at, named_people=[cast.colleague])
    assert not Verifier.objects.exists()
    assert Notice.objects.filter(event="left_behind", person=cast.supervisor).exists()


def test_a_supervisor_who_is_named_signs_no_more_and_the_next_above_is_asked(cast, at):
    complaint = logged(cast, at, severity="danger")
    assert not Notice.objects.filter(event="escalated", person=cast.director).exists()
    correct(cast, complaint, at, named_people=[cast.supervisor])
    assert Notice.objects.filter(event="escalated", person=cast.director).exists()


def test_the_next_message_goes_to_the_new_address_in_the_new_language(cast, now, mailoutbox):
    complaint = logged(cast, now)
    Notice.objects.update(not_before=now - HOUR)
    correct(cast, complaint, now, email="right@customer.example", language="zh-hans")
    delivery.run(budget_seconds=20)
    (mail,) = [mail for mail in mailoutbox if mail.to != [cast.supervisor.email]]
    assert mail.to == ["right@customer.example"]
    assert "投诉" in mail.subject


def test_an_address_that_comes_later_gets_reference_and_link_once(cast, at):
    complaint = logged(cast, at, email="")
    assert Notice.objects.get(to_customer=True).state == Notice.State.TO_SAY
    for address in ("wang@customer.example", "wang2@customer.example"):
        correct(cast, complaint, at, email=address)
    assert Notice.objects.filter(event="customer_acknowledged").count() == 1


def test_promises_follow_whether_somebody_can_be_reached(cast, at):
    complaint = logged(cast, at)
    first = Promise.objects.get(complaint=complaint, kind="first_contact")
    correct(cast, complaint, at, wishes_no_contact=True)
    first.refresh_from_db()
    assert first.state == Promise.State.WITHDRAWN
    unknown = logged(cast, at, name="", phone="", email="", wishes_no_contact=True)
    assert not unknown.promises.filter(kind="first_contact").exists()
    correct(cast, unknown, at, phone="029 0000 5512", wishes_no_contact=False)
    assert unknown.promises.filter(kind="first_contact", state=Promise.State.OPEN).exists()


def test_a_call_is_owed_once_the_customer_can_be_called_and_not_when_they_do_not_want_it(cast, at):
    complaint = at_stage(cast, Status.RESOLVED, at - HOUR)
    correct(cast, complaint, at, wishes_no_contact=True)
    assert complaint.callbacks.get().state == "withdrawn"
    unknown = at_stage(cast, Status.RESOLVED, at - HOUR, name="", phone="", email="", wishes_no_contact=True)
    correct(cast, unknown, at, phone="029 0000 5512", wishes_no_contact=False)
    assert unknown.callbacks.get().state == "open"


def test_the_third_complaint_of_the_new_number_goes_to_the_top(cast, at):
    for _ in range(2):
        logged(cast, at, phone="029 0000 5512")
    complaint = logged(cast, at)
    assert not complaint.escalations.filter(reason="repeat").exists()
    for _ in range(2):
        correct(cast, complaint, at, phone="029-0000 5512", call_hours="evenings")
    assert complaint.escalations.filter(reason="repeat").count() == 1


def test_somebody_named_twice_over_keeps_the_case_from_their_deputies_too(cast, at):
    deputy = person("deputy.one", (Role.HANDLER, cast.hexi))
    complaint = at_stage(cast, Status.ASSIGNED, at - HOUR)
    correct(cast, complaint, at, "frontline", named_people=[cast.handler, deputy])
    for who in (cast.handler, deputy):
        assert not Complaint.objects.visible_to(who).filter(pk=complaint.pk).exists()
