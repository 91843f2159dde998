"""What a mail is made of: its MIME tree, its headers, and that its two parts say the same."""

from datetime import timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.customer import links
from complaints.evidence import attaching
from followups import clock
from followups.delivery import delivery
from followups.models import Notice
from followups.notices import mails
from followups.outbox import notices
from tests.cases import at_stage, logged
from tests.complaints.samples import pdf

HOUR = timedelta(hours=1)


class Read(HTMLParser):
    """Text, tags, and addresses of an HTML part."""

    def __init__(self, html: str):
        super().__init__()
        self.text, self.tags, self.links, self.loaded, self._quiet = [], [], [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        given = dict(attrs)
        self._quiet += tag in ("style", "title")
        if tag == "a":
            self.links.append(given["href"])
        self.loaded += [given[name] for name in ("src", "background", "srcset") if name in given]

    def handle_endtag(self, tag):
        self._quiet -= tag in ("style", "title")

    def handle_data(self, data):
        if not self._quiet:
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def sent(notice: Notice, at):
    """The mail of `notice` as a mail program reads it."""
    return message_from_bytes(mails.compose(notice, now=at).message().as_bytes(), policy=policy.default)


def first_to_customer(complaint) -> Notice:
    return Notice.objects.filter(complaint=complaint, to_customer=True).earliest("id")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_mail_is_plain_text_first_and_the_same_words_in_html(language, cast, at):
    complaint = logged(cast, at, language=language)
    tree = sent(first_to_customer(complaint), at)
    assert tree.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in tree.iter_parts()] == ["text/plain", "text/html"]
    text, html = (part.get_content() for part in tree.iter_parts())
    read = Read(html)
    for line in filter(None, text.splitlines()):
        if "/c/" not in line:
            assert line.removeprefix("- ") in read.words
    assert f'<html lang="{language.replace("hans", "Hans")}">' in html
    assert read.links == [links.public_url(complaint)]
    assert read.loaded == []
    assert not {"img", "script", "link", "form", "iframe"} & set(read.tags)
    assert "prefers-color-scheme: dark" in html
    assert "http" not in html.replace(links.public_url(complaint), "")


def test_what_comes_next_by_when_stands_in_a_box(cast, at):
    complaint = logged(cast, at)
    html = sent(first_to_customer(complaint), at).get_body(("html",)).get_content()
    box = html[html.index('class="box"') : html.index("</td></tr></table>")]
    assert "What happens next:" in box
    assert "<li" in box
    assert "Hexi Road station looks after it." in box
    assert "We are sorry that something went wrong" not in box


def test_whatever_people_wrote_stays_text_in_the_html_part(cast, at):
    complaint = at_stage(cast, "assigned", at)
    nasty = '<script>alert(1)</script>\n"quoted" & <b>bold</b>\nhttps://evil.example/c/x\n\n{{ handler }}'
    messages.say(complaint.pk, kind="public", body=nasty, actor=Actor.staff(cast.handler), at=at + HOUR)
    text, html = (part.get_content() for part in sent(Notice.objects.get(event="customer_message"), at).iter_parts())
    assert "<script>alert(1)</script>" in text
    assert "<script" not in html
    assert "&lt;b&gt;bold&lt;/b&gt;" in html
    assert Read(html).links == [links.public_url(complaint)]


def test_the_mails_of_a_case_are_one_thread_for_each_recipient(cast, at):
    complaint, other = logged(cast, at), logged(cast, at, phone="139 0000 4420")
    for hours, body in ((1, "First"), (2, "Second")):
        messages.say(complaint.pk, kind="public", body=body, actor=Actor.staff(cast.handler), at=at + hours * HOUR)
    began = mails.message_id(first_to_customer(complaint))
    first, *later = [
        sent(row, at) for row in Notice.objects.filter(complaint=complaint, to_customer=True).order_by("id")
    ]
    assert (first["Message-ID"], first["In-Reply-To"], first["References"]) == (began, None, None)
    assert len(later) == 2
    for message in later:
        assert (message["In-Reply-To"], message["References"]) == (began, began)
    assert sent(first_to_customer(other), at)["References"] is None
    assert all(complaint.reference in message["Subject"] for message in (first, *later))


def test_mails_to_staff_thread_by_person_and_never_under_the_customers(cast, at):
    complaint = at_stage(cast, "assigned", at)
    for event in ("reply_received", "promise_warned"):
        data = {"kind": "visit", "words": "", "due_at": (at + HOUR).isoformat()}
        notices.tell_person(cast.handler, event, complaint=complaint, key=event, data=data, at=at + HOUR)
    assigned = Notice.objects.get(person=cast.handler, event="assigned")
    for event in ("reply_received", "promise_warned"):
        message = sent(Notice.objects.get(event=event), at)
        assert message["In-Reply-To"] == mails.message_id(assigned)
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_what_was_only_shown_or_never_arrived_begins_no_thread(cast, at):
    complaint = logged(cast, at)
    messages.say(complaint.pk, kind="public", body="Hello", actor=Actor.staff(cast.handler), at=at + HOUR)
    Notice.objects.filter(event="customer_acknowledged").update(state=Notice.State.DEAD)
    assert sent(Notice.objects.get(event="customer_message"), at)["References"] is None


def test_answers_go_to_the_mailbox_that_is_set(cast, at, settings):
    notice = first_to_customer(logged(cast, at))
    assert sent(notice, at)["Reply-To"] == settings.DEFAULT_FROM_EMAIL
    settings.REPLY_TO_EMAIL = "投诉 <answers@desk.example>"
    assert sent(notice, at)["Reply-To"].addresses[0].addr_spec == "answers@desk.example"


def test_a_reply_with_files_names_them_and_says_where_they_are(cast, at):
    complaint = at_stage(cast, "assigned", at)
    actor = Actor.staff(cast.handler)
    message = messages.say(complaint.pk, kind="public", body="Here it is", actor=actor, at=at + HOUR)
    files = [attaching.examine(SimpleUploadedFile(name, pdf() + name.encode())) for name in ("a & b.pdf", "c.pdf")]
    attaching.attach(complaint, files, actor=actor, at=at + HOUR, message=message, public=True)
    text, html = (part.get_content() for part in sent(Notice.objects.get(event="customer_message"), at).iter_parts())
    assert "2 files come with it; you find them on the page below:\n- a & b.pdf\n- c.pdf\n" in text
    assert "<li" in html
    assert "a &amp; b.pdf" in html


def test_what_left_is_kept_with_its_words_but_without_the_key(cast, at):
    complaint = logged(cast, at)
    messages.say(complaint.pk, kind="public", body="A person wrote this", actor=Actor.staff(cast.handler), at=at)
    Notice.objects.exclude(to_customer=True).delete()
    Notice.objects.update(not_before=clock.now())
    delivery.run(budget_seconds=5)
    acknowledged, written = Notice.objects.filter(complaint=complaint, to_customer=True).order_by("id")
    assert len(mail.outbox) == 2
    assert acknowledged.subject == f"We have your complaint: {complaint.reference}"
    assert "Thank you for telling us." in acknowledged.words
    assert links.public_url(complaint).rstrip("/").rsplit("/", 1)[1] not in acknowledged.words
    assert (written.subject, written.words) == ("", "")
