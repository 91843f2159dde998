"""Leave to get the files of one page: signed, without the customer's token, and over when the page is.

An address of a file that is copied, shared or kept in a browser's history leads to nothing a while later, and never to
the page. It is over at once when the link is: taken back, replaced, or its time is over.
"""

from django.core.signing import BadSignature, TimestampSigner
from django.utils import timezone

from complaints.customer import link_life, links
from complaints.models import Complaint

# As long as somebody looks at a page and plays a film on it, in seconds; the page makes new ones.
LASTS = 2 * 3600
MARK = 16


def leave_of(complaint: Complaint) -> str:
    """Leave for the files of a complaint that was fetched by its link, the customer's or a representative's."""
    return _signer().sign(f"{complaint.pk}.{links.token_hash(complaint.token)[:MARK]}")


def complaint_with(leave: str) -> Complaint | None:
    """The complaint whose files it gives; None for one that is over, forged, or of a link that is dead."""
    try:
        pk, _dot, mark = _signer().unsign(leave, max_age=LASTS).partition(".")
    except BadSignature:
        return None
    complaint = Complaint.objects.filter(pk=pk).first()
    if complaint is None or link_life.is_over(complaint.pk, timezone.now()):
        return None
    own = complaint.token_hash.startswith(mark)
    return complaint if own or complaint.representatives.filter(ended_at=None, token_hash__startswith=mark) else None


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="complaints.customer.file_leaves")
