"""The composer: to the customer, inside, from the customer; nothing typed is lost, nothing is sent twice."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from complaints.choices import Status
from complaints.conversation import undo_send
from complaints.evidence import filestore
from complaints.models import Complaint, Message, ReplyTemplate, WaitingReply
from tests.cases import at_stage, logged
from tests.pages import Desk

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at + timedelta(hours=1), tick=False):
        yield


@pytest.fixture
def complaint(cast, at):
    return at_stage(cast, Status.ASSIGNED, at)


@pytest.fixture
def say(complaint, at):
    """say(person, kind=…, body=…) posts the composer of the complaint; returns the response.

    A reply to the customer is sent as soon as it is written, unless `waits`.
    """

    def say(person, about=complaint, waits=False, **typed):
        client = Client()
        client.force_login(person)
        response = client.post(reverse("complaints:say", args=[about.reference]), {"kind": "public"} | typed)
        if not waits:
            undo_send.send_due(at + timedelta(hours=2))
        return response

    return say


def undo(person, complaint, reply_pk, **typed):
    client = Client()
    client.force_login(person)
    return client.post(reverse("complaints:undo_reply", args=[complaint.reference, reply_pk]), typed)


def later(complaint):
    return complaint.received_at + timedelta(days=1)


def page_of(person, complaint) -> str:
    client = Client()
    client.force_login(person)
    return client.get(reverse("complaints:case", args=[complaint.reference])).content.decode()


def test_a_message_to_the_customer_is_public_and_signed_by_its_author(cast, complaint, say, at):
    response = say(cast.handler, body="We measure on Thursday at 10:00.")
    assert response.status_code == 302
    assert response["Location"].startswith(f"/complaints/{complaint.reference}/#waiting-")
    message = complaint.messages.get()
    assert (message.kind, message.author, message.channel) == ("public", cast.handler, "")
    assert message.at == at + timedelta(hours=1, seconds=10)


def test_an_internal_note_stays_inside(cast, complaint, say):
    say(cast.handler, kind="internal", body="Seal intact.", wait_for_customer="on")
    assert complaint.messages.get().kind == Message.Kind.INTERNAL
    assert Complaint.objects.get(pk=complaint.pk).waiting_since is None


def test_what_the_customer_said_elsewhere_keeps_its_channel_and_who_noted_it(cast, complaint, say):
    say(cast.frontline, kind="inbound", body="He wants an answer today.", channel="walk_in")
    message = complaint.messages.get()
    assert (message.kind, message.channel, message.author) == ("inbound", "walk_in", cast.frontline)


def test_waiting_for_the_answer_begins_with_the_message_and_ends_with_the_answer(cast, complaint, say, at):
    say(cast.handler, body="Which receipt do you mean?", wait_for_customer="on")
    assert Complaint.objects.get(pk=complaint.pk).waiting_since == at + timedelta(hours=1, seconds=10)
    say(cast.handler, kind="inbound", body="The one of Tuesday.", channel="phone")
    assert Complaint.objects.get(pk=complaint.pk).waiting_since is None


@pytest.mark.parametrize("body", ["", "   \n ", "\u200b\u2060"])
def test_an_empty_text_is_refused_beside_the_field(cast, complaint, say, body):
    response = say(cast.handler, body=body)
    assert response.status_code == 422
    assert response.context["composer"].errors == {"body": ["Write something first."]}
    assert not complaint.messages.exists()


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"body": "x" * 20_001}, "body", "(you wrote 20001)"),
        ({"body": "x\0y"}, "body", "There is a character in it that cannot be stored."),
        ({"body": "Text", "kind": "shout"}, "kind", "This is not offered, or not any more."),
        ({"body": "Text", "kind": "inbound", "channel": "telepathy"}, "channel", "This is not offered"),
        ({"body": "Hello {promised}"}, "body", "Write words for {promised}"),
    ],
)
def test_nonsense_is_refused_beside_its_field_and_the_text_is_kept(cast, complaint, say, typed, field, words):
    response = say(cast.handler, **typed)
    assert response.status_code == 422
    assert response.context["composer"].errors.keys() == {field}
    assert words in response.content.decode()
    assert response.context["composer"]["body"].value() == typed["body"]
    assert not complaint.messages.exists()


def test_braces_that_are_no_variable_are_sent_as_they_are(cast, complaint, say):
    say(cast.handler, body="{{ 7*7 }} {x} %s ${y}")
    assert complaint.messages.get().body == "{{ 7*7 }} {x} %s ${y}"


def test_a_form_sent_twice_is_one_message_with_one_file(cast, complaint, say):
    for _ in range(2):
        upload = SimpleUploadedFile("certificate.pdf", PDF)
        typed = {"body": "See the certificate.", "submission_key": "k" * 32, "files": upload}
        assert say(cast.handler, **typed).status_code == 302
    assert complaint.messages.get().evidence.get().label == "certificate.pdf"


def test_another_text_under_the_same_key_is_neither_lost_nor_sent(cast, complaint, say):
    say(cast.handler, body="First.", submission_key="k" * 32)
    response = say(cast.handler, body="Second.", submission_key="k" * 32)
    assert response.status_code == 409
    composer = response.context["composer"]
    assert composer["body"].value() == "Second."
    (difference,) = response.context["shown"].refusal.stored
    assert (difference.stored, difference.typed) == ("First.", "Second.")
    assert complaint.messages.get().body == "First."
    again = {"body": "Second.", "submission_key": composer["submission_key"].value()}
    assert say(cast.handler, **again).status_code == 302
    assert complaint.messages.count() == 2


def test_the_key_of_another_complaint_does_not_swallow_a_message(cast, complaint, say, at):
    other = logged(cast, at)
    say(cast.handler, body="Same words.", submission_key="k" * 32)
    assert say(cast.handler, about=other, body="Same words.", submission_key="k" * 32).status_code == 409
    assert not other.messages.exists()


def test_a_file_that_cannot_be_taken_is_named_and_the_text_is_kept(cast, complaint, say):
    upload = SimpleUploadedFile("photo.jpg", b"PK\x03\x04 this is a zip")
    response = say(cast.handler, body="See the photo.", files=upload)
    assert response.status_code == 422
    assert "“photo.jpg” is not a photo" in response.context["composer"].errors["files"][0]
    assert response.context["composer"]["body"].value() == "See the photo."
    assert not complaint.messages.exists()


def test_a_full_disk_sends_nothing_and_keeps_the_text(cast, complaint, say, monkeypatch):
    def full(chunks):
        raise filestore.CouldNotStore

    monkeypatch.setattr(filestore, "write", full)
    response = say(cast.handler, body="See this.", files=SimpleUploadedFile("a.pdf", PDF))
    assert response.status_code == 507
    assert response.context["composer"]["body"].value() == "See this."
    assert not complaint.messages.exists()


def test_files_of_a_note_stay_inside_and_files_of_a_message_are_public(cast, complaint, say):
    say(cast.handler, kind="internal", body="Certificate.", files=SimpleUploadedFile("a.pdf", PDF))
    say(cast.handler, body="For you.", files=SimpleUploadedFile("b.pdf", PDF + b"%"))
    assert [(row.label, row.public) for row in complaint.evidence.all()] == [("a.pdf", False), ("b.pdf", True)]


def test_a_template_is_put_behind_what_was_typed_and_nothing_is_sent(cast, complaint, say):
    template = ReplyTemplate.objects.create(name="First reply", body="{salutation}, thank you.", body_zh="谢谢。")
    response = say(cast.handler, do="template", template=template.pk, body="Hello.")
    assert response.status_code == 200
    assert response.context["composer"]["body"].value() == "Hello.\n\nDear Wang Jianguo, thank you."
    assert not complaint.messages.exists()


@pytest.mark.parametrize("template", ["", "999", "abc"])
def test_a_template_that_does_not_exist_leaves_the_text_alone(cast, complaint, say, template):
    response = say(cast.handler, do="template", template=template, body="Hello.")
    assert (response.status_code, response.context["composer"]["body"].value()) == (200, "Hello.")


def test_an_archived_complaint_takes_notes_only(cast, at, say):
    archived = at_stage(cast, Status.ARCHIVED, at)
    assert say(cast.handler, about=archived, body="Hello").status_code == 422
    assert say(cast.handler, about=archived, kind="internal", body="For the file.").status_code == 302


def test_nobody_writes_to_a_customer_who_wishes_no_contact(cast, at, say):
    silent = logged(cast, at, wishes_no_contact=True)
    assert say(cast.handler, about=silent, body="Hello").status_code == 422
    assert say(cast.handler, about=silent, kind="inbound", body="He came by.").status_code == 302


def test_a_customer_of_the_form_who_wishes_no_contact_is_written_to_on_the_link(cast, at, say, client):
    silent = logged(cast, at, wishes_no_contact=True, channel="web", phone="", email="", name="")
    assert say(cast.handler, about=silent, body="We look at it").status_code == 302
    client.force_login(cast.handler)
    html = client.get(reverse("complaints:case", args=[silent.reference])).content.decode()
    assert "it stands on their link, and nothing is sent" in html


def test_the_auditor_may_not_write_and_strangers_find_nothing(cast, complaint, say):
    assert say(cast.auditor, kind="internal", body="A note").status_code == 403
    assert say(cast.stranger, kind="internal", body="A note").status_code == 404
    assert not complaint.messages.exists()


def test_reloading_the_address_of_the_composer_leads_to_the_complaint(cast, complaint, client):
    client.force_login(cast.handler)
    response = client.get(reverse("complaints:say", args=[complaint.reference]))
    assert (response.status_code, response["Location"]) == (302, f"/complaints/{complaint.reference}/")
    assert not complaint.messages.exists()


def test_a_reply_waits_at_its_place_and_its_author_may_undo_it(cast, complaint, say):
    say(cast.handler, body="We measure on Thursday.", waits=True)
    assert not complaint.messages.exists()
    mine, others = page_of(cast.handler, complaint), page_of(cast.colleague, complaint)
    assert "We measure on Thursday." in mine
    assert "Sends at 11:00:10" in mine
    assert "data-undo=" in mine
    assert "Being sent" in others
    assert "/undo/" not in others


def test_undo_puts_the_text_back_into_the_composer(cast, complaint, say):
    say(cast.handler, body="Too early.", wait_for_customer="on", waits=True)
    response = undo(cast.handler, complaint, WaitingReply.objects.get().pk)
    composer = response.context["composer"]
    assert (response.status_code, composer["body"].value()) == (200, "Too early.")
    assert composer["wait_for_customer"].value() is True
    assert "data-draft-typed" in response.content.decode()
    assert undo_send.send_due(later(complaint)) == 0
    assert not complaint.messages.exists()


def test_what_was_written_since_stands_below_the_text_that_comes_back(cast, complaint, say):
    say(cast.handler, body="First.", waits=True)
    response = undo(cast.handler, complaint, WaitingReply.objects.get().pk, typed="Second.\n")
    assert response.context["composer"]["body"].value() == "First.\n\nSecond."


def test_files_of_a_reply_that_was_undone_are_offered_once_more(cast, complaint, say):
    say(cast.handler, body="See this.", files=SimpleUploadedFile("a.pdf", PDF), waits=True)
    assert [(row.label, row.public, row.message_id) for row in complaint.evidence.all()] == [("a.pdf", False, None)]
    composer = undo(cast.handler, complaint, WaitingReply.objects.get().pk).context["composer"]
    again = composer["again"].value()
    say(cast.handler, body="See this, please.", again=again)
    message = complaint.messages.get()
    assert [(row.label, row.public) for row in message.evidence.all()] == [("a.pdf", True)]
    assert complaint.evidence.count() == 1


def test_files_of_others_cannot_be_attached_by_their_number(cast, complaint, say, at):
    other = logged(cast, at)
    say(cast.handler, about=other, kind="internal", body="Inside.", files=SimpleUploadedFile("b.pdf", PDF))
    say(cast.handler, body="Hello.", again=[other.evidence.get().pk, "9" * 30, "x"])
    assert not complaint.messages.get().evidence.exists()
    assert other.evidence.get().public is False


def test_nobody_else_undoes_a_reply_and_strangers_find_nothing(cast, complaint, say):
    say(cast.handler, body="Mine.", waits=True)
    pk = WaitingReply.objects.get().pk
    assert undo(cast.supervisor, complaint, pk).status_code == 403
    assert undo(cast.stranger, complaint, pk).status_code == 404
    assert WaitingReply.objects.exists()


def test_undo_that_comes_too_late_says_so_and_takes_nothing_back(cast, complaint, say):
    say(cast.handler, body="Gone.", waits=True)
    pk = WaitingReply.objects.get().pk
    undo_send.send_due(later(complaint))
    client = Client()
    client.force_login(cast.handler)
    address = reverse("complaints:undo_reply", args=[complaint.reference, pk])
    assert "Too late" in client.post(address, follow=True).content.decode()
    assert complaint.messages.get().body == "Gone."


def test_looking_at_the_address_of_undo_changes_nothing(cast, complaint, say, client):
    say(cast.handler, body="Waits.", waits=True)
    client.force_login(cast.handler)
    address = reverse("complaints:undo_reply", args=[complaint.reference, WaitingReply.objects.get().pk])
    assert client.get(address).status_code == 302
    assert WaitingReply.objects.exists()


def test_a_reply_that_could_not_be_sent_stands_on_the_page_with_the_reason(cast, complaint, say):
    say(cast.handler, body="We come on Friday.", waits=True)
    Complaint.objects.filter(pk=complaint.pk).update(wishes_no_contact=True)
    undo_send.send_due(later(complaint))
    html = page_of(cast.handler, complaint)
    assert "It was not sent: This customer does not want to be contacted." in html
    assert "Back into the reply box" in html
    composer = undo(cast.handler, complaint, WaitingReply.objects.get().pk).context["composer"]
    assert composer["body"].value() == "We come on Friday."


def test_ones_own_reply_that_left_meanwhile_does_not_make_ones_form_stale(cast, complaint, say):
    seen = Complaint.objects.get(pk=complaint.pk).version
    say(cast.handler, body="We measure on Thursday.", wait_for_customer="on")
    mine, theirs = Desk(cast.handler, complaint), Desk(cast.colleague, complaint)
    assert theirs.post("save_step", "resolve", solution="Pump closed off", version=seen).status_code == 409
    assert mine.post("save_step", "resolve", solution="Pump closed off", version=seen).status_code == 302


def test_a_template_with_holes_names_them_and_sending_with_one_keeps_the_text(client, cast, at):
    complaint = at_stage(cast, Status.ASSIGNED, at)
    template = ReplyTemplate.objects.create(name="Result", body="We found [what we found].", body_zh="结果：[结论]。")
    client.force_login(cast.handler)
    address = reverse("complaints:say", args=[complaint.reference])
    said = {"kind": "public", "body": "Hello [sic]", "submission_key": "holes-1"}
    shown = client.post(address, said | {"do": "template", "template": template.pk}).content.decode()
    assert 'data-holes="[&quot;[what we found]&quot;]"' in shown
    assert '<span class="hole">[what we found]</span>' in shown
    refused = client.post(address, said | {"body": "Hello [sic]\n\nWe found [what we found]."})
    assert refused.status_code == 422
    assert "Write words for [what we found]" in refused.content.decode()
    assert "Hello [sic]\n\nWe found [what we found]." in refused.content.decode()
    assert not WaitingReply.objects.exists()
