"""How many complaints may come from one network and for one site, so that a flood drowns nobody (issue 12).

Who is over a limit is told so, and whom to call; nothing is dropped. While Redis does not answer nothing is counted:
a customer who is turned away is worse than a flood. Nothing that a request says is part of a key.
"""

from django.utils.translation import gettext as _

from accounts.models import Team
from accounts.throttle import allow
from complaints.errors import Refused

HOUR = 3600
# Whole families, shops and mobile carriers share an address.
FROM_A_NETWORK, FROM_A_NETWORK_UNPROVEN = 20, 6
FOR_A_SITE, FOR_A_SITE_UNPROVEN = 200, 60
# Danger is counted by itself: it is not held up by what came before.
DANGERS_FROM_A_NETWORK = 6
# Files are uploaded one by one, before the form; a form has ten at most.
FILES_FROM_A_NETWORK = 120


class TooMany(Refused):
    """Sent more often than people do."""

    status = 429


def may_send(network: str, site: Team | None, *, is_proven: bool, is_danger: bool) -> bool:
    """Count one complaint from `network` (accounts.throttle.client_network) and say whether it is taken.

    `is_proven`: its browser worked for it (complaints.webform.proof); without a script nobody can, and less is taken.
    """
    if is_danger:
        return allow("danger from", network, limit=DANGERS_FROM_A_NETWORK, seconds=HOUR)
    kind = "proven" if is_proven else "unproven"
    from_network = FROM_A_NETWORK if is_proven else FROM_A_NETWORK_UNPROVEN
    if not allow(f"complaint {kind} from", network, limit=from_network, seconds=HOUR):
        return False
    for_site = FOR_A_SITE if is_proven else FOR_A_SITE_UNPROVEN
    where = str(site.pk) if site is not None else "no site"
    return allow(f"complaint {kind} for", where, limit=for_site, seconds=HOUR)


def refuse_files(network: str) -> None:
    """Count one file from `network`. Raises TooMany, in words for the customer."""
    if not allow("file from", network, limit=FILES_FROM_A_NETWORK, seconds=HOUR):
        raise TooMany(_("Too many files from this connection. Send the form without it, or wait an hour."))
