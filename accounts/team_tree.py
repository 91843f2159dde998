"""Where a team may stand: one company on top, regions above sites, no two of one name beside each other.

The same rules are constraints and a trigger of the table (migration 0005); here they have words.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.organisation import same_name

COMPANY, REGION = "company", "region"
# A region holds sites and departments, never the other way round.
ABOVE_A_REGION = (COMPANY, REGION)
# The path has room for so many levels, however large the ids are.
MOST_LEVELS = 9


def refuse_misplaced(team) -> None:
    """Raises ValidationError, by field, when `team` (a Team with its new values) cannot stand where it would.

    Reads the rows around it anew: under organisation.lock() the answer stays true until the transaction ends.
    """
    teams = type(team)._base_manager
    above = teams.filter(pk=team.parent_id).first() if team.parent_id else None
    before = teams.filter(pk=team.pk).first() if team.pk else None
    problems: dict[str, str] = {}
    if team.kind == COMPANY:
        problems = _of_a_company(team, teams)
    elif above is None:
        problems["parent"] = _("Choose what it belongs to: only the company stands on top.")
    elif before is not None and before.path and above.path.startswith(before.path):
        problems["parent"] = _("A team cannot stand under itself.")
    elif team.kind == REGION and above.kind not in ABOVE_A_REGION:
        problems["parent"] = _("A region belongs to the company or to another region.")
    elif above.depth + 1 + _levels_below(before, teams) >= MOST_LEVELS:
        problems["parent"] = _("That is too deep: there are at most %(most)d levels.") % {"most": MOST_LEVELS}
    if team.kind not in ABOVE_A_REGION and team.pk and teams.filter(parent=team.pk, kind=REGION).exists():
        problems["kind"] = _("Regions stand under it. Move them first.")
    problems |= _of_its_names(team, teams)
    if problems:
        raise ValidationError(problems)


def _of_a_company(team, teams) -> dict[str, str]:
    if team.parent_id:
        return {"parent": _("The company stands on top: leave this empty.")}
    if teams.filter(kind=COMPANY).exclude(pk=team.pk).exists():
        return {"kind": _("There is a company already, and there is only one: choose a region, or another kind.")}
    return {}


def _levels_below(before, teams) -> int:
    """How many levels hang under the team as it is stored."""
    if before is None or not before.path:
        return 0
    deepest = teams.filter(path__startswith=before.path).order_by("-depth").values_list("depth", flat=True).first()
    return deepest - before.depth


def _of_its_names(team, teams) -> dict[str, str]:
    """What is read in either language has to be unlike what is read beside it."""
    beside = list(teams.filter(parent=team.parent_id).exclude(pk=team.pk).only("name", "name_zh"))
    for field, language in (("name", "en"), ("name_zh", "zh")):
        wanted = same_name(team.label_in(language))
        if any(same_name(other.label_in(language)) == wanted for other in beside):
            # Without a Chinese name the English one is read in Chinese too.
            field = field if getattr(team, field) else "name"
            return {field: _("There is a team of this name here already.")}
    return {}
