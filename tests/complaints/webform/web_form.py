"""The customer's form as a browser sends it."""

import hashlib
import uuid
from itertools import count

from complaints.models import Complaint
from complaints.webform import proof
from tests.cases import NARRATIVE

GENERAL = "/new/"


def at(site) -> str:
    """The address of the site's form."""
    return f"/new/{site.site_code}/"


def typed(**given) -> dict:
    """What a browser sends when the form is filled in as far as it must be; a field that is None is not sent."""
    fields = {
        "narrative": NARRATIVE,
        "kind": "complaint",
        "how": "phone",
        "phone": "139 0000 4417",
        "language": "en",
        "submission_key": str(uuid.uuid4()),
        "form_key": str(uuid.uuid4()),
        "homepage": "",
    } | given
    return {name: value for name, value in fields.items() if value is not None}


def solved(challenge: str) -> str:
    """The answer that a script finds."""
    hashes = ((n, hashlib.sha256(f"{challenge}.{n}".encode()).digest()) for n in count())
    return next(str(n) for n, digest in hashes if int.from_bytes(digest[:4], "big") >> (32 - proof.BITS) == 0)


def proven() -> dict:
    """The fields that a script adds."""
    challenge = proof.challenge()
    return {"challenge": challenge, "answer": solved(challenge)}


def sent(client, address: str, **given):
    """The answer to a form that was filled in like this, and the complaint that it made (None: none)."""
    known = set(Complaint.objects.values_list("pk", flat=True))
    answer = client.post(address, typed(**given))
    return answer, Complaint.objects.exclude(pk__in=known).first()
