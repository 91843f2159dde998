from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import translation

from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Kind, Status
from complaints.conversation import messages
from complaints.customer import fetch, page as customer_page, representatives
from complaints.evidence import attaching
from complaints.models import Complaint, Message
from complaints.steps import lifecycle, options
from followups.page import own_copy
from tests.cases import NARRATIVE, at_stage, logged
from tests.complaints.customer.customer_link import photo, token_of
from tests.every_row import everything
from tests.papers import sizes_of, texts_of

HOUR = timedelta(hours=1)


def got(visitor, link, name="public_copy_pdf"):
    return visitor.get(reverse(f"followups:{name}", args=[token_of(link)]))


def text_of(pdf: bytes) -> str:
    """All of it in one line: where a line ends on paper says nothing."""
    return " ".join(" ".join(texts_of(pdf)).split())


def made(complaint, now, language="en") -> bytes:
    with translation.override(language):
        return own_copy.of(customer_page.build(fetch.fetch(complaint.token_hash), now), now)


def rich(cast, now, **given) -> Complaint:
    """A case with something of everything."""
    complaint = at_stage(
        cast, Status.ASSIGNED, now, name="Wang Jianguo", phone="139 0000 4417", email="wang@customer.example", **given
    )
    staff = Actor.staff(cast.handler)
    options.offer(complaint.pk, words="Money back for all visits", amount=Decimal(0), actor=staff, at=now)
    messages.customer_says(complaint.pk, body="收据在这里，请查收。", at=now)
    messages.say(complaint.pk, kind=Message.Kind.PUBLIC, body="We come on Thursday.", actor=staff, at=now)
    messages.say(complaint.pk, kind=Message.Kind.INTERNAL, body="CANARY-note", actor=staff, at=now)
    attaching.attach(complaint, [attaching.examine(photo("pump.jpg"))], actor=CUSTOMER, at=now, public=True)
    said = {"name": "Wang Xiaoyan", "relation": "family", "may": "read", "consent": "She may see it all"}
    somebody = representatives.add(complaint.pk, said, at=now)
    representatives.end(complaint.pk, somebody.pk, at=now + HOUR)
    return complaint


def test_it_holds_all_that_is_theirs_and_nothing_of_ours(visitor, cast, now):
    complaint = rich(cast, now)
    complaint.named_people.add(cast.colleague)
    about = got(visitor, complaint, "public_copy")
    assert "What is in it" in about.text
    assert reverse("followups:public_copy_pdf", args=[token_of(complaint)]) in about.text
    response = got(visitor, complaint)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{complaint.reference}.pdf"'
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    text = text_of(response.content)
    for theirs in (
        complaint.reference,
        "Wang Jianguo",
        "139 0000 4417",
        "wang@customer.example",
        " ".join(NARRATIVE.split()),
        "收据在这里，请查收。",
        "We come on Thursday.",
        "Money back for all visits",
        "Tell you the result",
        "pump.jpg",
        "Wang Xiaoyan (Family, Only read)",
        "She may see it all",
    ):
        assert theirs in text, theirs
    for never in ("CANARY", cast.colleague.name, cast.handler.username, token_of(complaint)):
        assert never not in text, never


def test_it_is_in_the_language_of_the_page_on_a4(cast, now):
    pdf = made(rich(cast, now), now, "zh-hans")
    assert set(sizes_of(pdf)) == {(210, 297)}
    text = text_of(pdf)
    assert "我们对您的承诺" in text
    assert "What we promised you" not in text


def test_what_was_judged_is_in_it(cast, now):
    complaint = at_stage(cast, Status.RESOLVED, now)
    said = {"solved": False, "rating": 2, "words": "It leaks again", "channel": "link"}
    lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=now + HOUR, data=said)
    text = text_of(made(complaint, now + HOUR))
    assert "No, it is still a problem Satisfied: 2 of 5 It leaks again" in text
    assert "Round 1" in text


def test_what_we_wrote_about_a_latent_complaint_is_not_theirs(cast, now):
    assert "What you told us" not in text_of(made(logged(cast, now, kind=Kind.LATENT), now))


def test_getting_it_changes_nothing(visitor, cast, now):
    complaint = rich(cast, now)
    before = everything()
    for name in ("public_copy", "public_copy_pdf"):
        address = reverse(f"followups:{name}", args=[token_of(complaint)])
        assert visitor.get(address).status_code == visitor.head(address).status_code == 200
        assert visitor.post(address).status_code == 405
    assert everything() == before


def test_it_is_for_the_customer_alone(visitor, client, cast, now):
    complaint = logged(cast, now)
    said = {"name": "Wang Xiaoyan", "relation": "family", "may": "answer", "consent": "Yes"}
    somebody = representatives.add(complaint.pk, said, at=now)
    complaint.named_people.add(cast.handler)
    client.force_login(cast.handler)
    for name in ("public_copy", "public_copy_pdf"):
        assert got(visitor, somebody, name).url == reverse("complaints:public_status", args=[token_of(somebody)])
        assert got(client, complaint, name).status_code == 404


def test_it_is_not_made_without_end(visitor, cast, now):
    complaint = logged(cast, now)
    assert [got(visitor, complaint).status_code for _time in range(7)] == [200] * 6 + [429]


def test_of_a_conversation_without_end_the_newest_is_in_it_and_what_is_left_out_is_said(cast, now, monkeypatch):
    monkeypatch.setattr(own_copy, "MOST_LETTERS", 3_000)
    complaint = logged(cast, now)
    for number in range(5):
        body = f"Message {number}: " + "nobody called. " * 60
        messages.customer_says(complaint.pk, body=body, at=now + number * HOUR)
    text = text_of(made(complaint, now + 9 * HOUR))
    assert "older messages are only on your page." in text
    assert "Message 4" in text
    assert "Message 0" not in text
