"""The code of a site: what the address of its complaint form ends with, on posters and cards (issue 12).

A site gets one by its own saving (Team.save). It says nothing of the site and cannot be guessed; when a poster is
abused it is renewed, and nothing that was printed before leads to the site any more.
"""

import json

from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import organisation, random_codes
from accounts.models import Person, Team


def site_of(code: str) -> Team | None:
    """The site with this code, open or closed (`active`); None where there is none.

    Case, width, spaces and hyphens do not count. One query, none for what cannot be a code.
    """
    written = random_codes.as_written(code)
    return Team.objects.filter(site_code=written, kind=Team.Kind.SITE).first() if written else None


def renew(team: Team, *, by: Person) -> str:
    """Give the site another code and return it; the old one is dead at once. `team` has it too.

    Who did it stands in the log of the administration, with the old code. Raises ValidationError for a team that is
    no site.
    """
    with transaction.atomic():
        organisation.lock()
        # As it is now: somebody may have renewed it, or made it something else, since it was loaded.
        stored = Team.objects.get(pk=team.pk)
        if stored.kind != Team.Kind.SITE:
            raise ValidationError(_("Only a site has a code."))
        team.site_code = Team.unused_code()
        Team.objects.filter(pk=team.pk).update(site_code=team.site_code)
        said = [{"deleted": {"name": "site code", "object": stored.site_code or ""}}]
        LogEntry.objects.log_actions(
            by.pk, Team.objects.filter(pk=team.pk), CHANGE, change_message=json.dumps(said), single_object=True
        )
    return team.site_code
