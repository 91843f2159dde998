"""A customer's page, opened and answered as a browser would."""

from datetime import datetime
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints.case.actors import Actor
from complaints.choices import Outcome, Status
from complaints.customer import file_leaves, links
from complaints.models import Complaint, Option
from complaints.steps import lifecycle, options, verification
from tests.cases import at_stage, logged, verification_data
from tests.cast import Cast
from tests.complaints import samples

ANSWERS = ("reply", "confirm", "choose", "rate", "reopen")


def token_of(complaint) -> str:
    return links.unseal(complaint.token_sealed)


FILES = ("public_evidence", "public_preview")


def leave_of(complaint) -> str:
    """Leave for the files that the page of the complaint shows."""
    complaint.token = token_of(complaint)
    return file_leaves.leave_of(complaint)


def page(visitor, complaint, name="public_status", *args, **headers):
    if name in FILES:
        return visitor.get(reverse(f"complaints:{name}", args=[leave_of(complaint), *args]), headers=headers)
    return visitor.get(reverse(f"complaints:{name}", args=[token_of(complaint), *args]), headers=headers)


def answer(visitor, complaint, name, **data):
    return visitor.post(reverse(f"complaints:public_{name}", args=[token_of(complaint)]), data)


def done(complaint, name) -> str:
    return reverse("complaints:public_done", args=[token_of(complaint), name])


def fresh(complaint) -> Complaint:
    return Complaint.objects.get(pk=complaint.pk)


def drain(response) -> bytes:
    """What a browser would read; files are closed by it."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def photo(name="photo.jpg", content=None):
    return SimpleUploadedFile(name, content or samples.jpeg())


def awaiting_confirmation(cast: Cast, at: datetime) -> Complaint:
    complaint = logged(cast, at)
    data = verification_data(at) | {"confirmed_how": "link"}
    return verification.save_progress(complaint.pk, actor=Actor.staff(cast.handler), at=at, data=data)


def with_options(cast: Cast, at: datetime, count=2) -> list[Option]:
    complaint = at_stage(cast, Status.ASSIGNED, at)
    return [
        options.offer(complaint.pk, words=f"Offer {number}", amount=Decimal(0), actor=Actor.staff(cast.handler), at=at)
        for number in range(1, count + 1)
    ]


def closed_as_duplicate(cast: Cast, at: datetime) -> tuple[Complaint, Complaint]:
    original, complaint = logged(cast, at, name="Somebody Else", phone="138 1111 2222"), logged(cast, at)
    data = {"outcome": Outcome.DUPLICATE, "reason": "the same visit", "duplicate_of": original}
    complaint = lifecycle.perform(complaint.pk, "close_early", actor=Actor.staff(cast.supervisor), at=at, data=data)
    return complaint, original
