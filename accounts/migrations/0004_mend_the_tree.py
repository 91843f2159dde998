"""Teams that stand where none can, and absences entered twice, are put right before the database refuses them.

Nothing is deleted but the second of two equal absences: a second company becomes a region, what belongs to nothing
belongs to the company, a region under a site goes to the nearest region above, and the second of two teams of one name
gets a number.
"""

import unicodedata

from django.db import migrations

MAY_HOLD_REGIONS = ("company", "region")


def same(name):
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def mend_teams(apps, schema_editor):
    teams = list(apps.get_model("accounts", "Team").objects.order_by("pk"))
    if not teams:
        return
    by_pk = {team.pk: team for team in teams}
    roots = [team for team in teams if team.parent_id is None]
    # A tree that is nothing but a circle has no root: it is opened at its oldest team.
    company = next((team for team in roots if team.kind == "company"), roots[0] if roots else teams[0])
    company.kind, company.parent_id = "company", None
    for team in teams:
        if team is company:
            continue
        if team.kind == "company":
            team.kind = "region"
        if team.parent_id is None or not reaches(team, company, by_pk):
            team.parent_id = company.pk
    for team in teams:
        while team.kind == "region" and by_pk[team.parent_id].kind not in MAY_HOLD_REGIONS:
            team.parent_id = by_pk[team.parent_id].parent_id
    for team in teams:
        rename(team, [other for other in teams if other.pk < team.pk and other.parent_id == team.parent_id])
        above = [team.pk]
        while (parent := by_pk[above[-1]].parent_id) is not None:
            above.append(parent)
        team.path = "".join(f"{pk}." for pk in reversed(above))
        team.depth = len(above) - 1
        team.save()


def reaches(team, company, by_pk):
    """Whether the teams above lead to the company, and not round in a circle."""
    seen = set()
    while team is not company:
        if team.pk in seen or team.parent_id is None:
            return False
        seen.add(team.pk)
        team = by_pk[team.parent_id]
    return True


def rename(team, beside):
    english = {same(other.name) for other in beside}
    chinese = {same(other.name_zh or other.name) for other in beside}
    name, name_zh, number = team.name, team.name_zh, 1
    while same(team.name) in english or same(team.name_zh or team.name) in chinese:
        number += 1
        team.name = f"{name[:110]} ({number})"
        team.name_zh = f"{name_zh[:110]} ({number})" if name_zh else ""


def forget_absences_entered_twice(apps, schema_editor):
    absences = apps.get_model("accounts", "Absence")
    seen = set()
    # The newest has the deputy that was chosen last.
    for absence in absences.objects.order_by("-pk"):
        key = (absence.person_id, absence.begins_at, absence.ends_at)
        if key in seen:
            absence.delete()
        seen.add(key)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_how_people_are_told")]

    operations = [
        migrations.RunPython(mend_teams, migrations.RunPython.noop),
        migrations.RunPython(forget_absences_entered_twice, migrations.RunPython.noop),
    ]
