"""Every site gets a random code, with which the address of its complaint form ends."""

import secrets

from django.db import migrations, models

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
BATCH = 500


def give_codes(apps, schema_editor):
    teams = apps.get_model("accounts", "Team")
    sites = list(teams.objects.filter(kind="site", site_code=None).only("pk"))
    codes = set()
    while len(codes) < len(sites):
        codes.add("".join(secrets.choice(ALPHABET) for _place in range(LENGTH)))
    for site, code in zip(sites, codes, strict=True):
        site.site_code = code
    teams.objects.bulk_update(sites, ["site_code"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_where_a_team_may_stand")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="site_code",
            field=models.CharField(editable=False, max_length=8, null=True, unique=True, verbose_name="site code"),
        ),
        migrations.RunPython(give_codes, migrations.RunPython.noop),
    ]
