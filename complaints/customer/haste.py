"""How much may be sent from a customer's page in a while: more than people send is refused, in words."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.throttle import allow, client_network
from complaints.errors import Refused
from complaints.models import Complaint


class TooMany(Refused):
    """Sent more often than a person would."""

    status = 429


def refuse_haste(request: HttpRequest, complaint: Complaint):
    """Raises TooMany when a link or an address sends more than people do."""
    calm = allow("answer", complaint.token_hash, limit=20, seconds=600) and allow(
        "answer from", client_network(request), limit=60, seconds=600
    )
    if not calm:
        raise TooMany(_("That was a lot at once. Wait ten minutes, then send it again: your text is still here."))
