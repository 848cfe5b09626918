from django.db import migrations


def make_default_team(apps, schema_editor):
    """`Team.objects.default()` as it was then: who comes by `createsuperuser` needs a team to add a repository to."""
    team = apps.get_model("accounts", "Team")
    team.objects.using(schema_editor.connection.alias).get_or_create(slug="default", defaults={"name": "Default team"})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(make_default_team, migrations.RunPython.noop)]
