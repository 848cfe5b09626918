"""Repositories know what tells them apart, and which server they are on."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from apps.repositories import address


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Where a team has two spellings of one repository, the later keeps its address as its identity."""
    taken = set[tuple[int, str]]()
    for repository in apps.get_model("repositories", "Repository").objects.order_by("pk"):
        repository.identity = repository.url
        if not repository.url.startswith("/"):
            try:
                source = address.parse(repository.url, [])
            except address.AddressError:
                source = None
            if source is not None:
                repository.origin = source.origin
                if (repository.team_id, source.identity) not in taken:
                    repository.identity = source.identity
        taken.add((repository.team_id, repository.identity))
        repository.save(update_fields=["identity", "origin"])


class Migration(migrations.Migration):
    dependencies = [("repositories", "0001_initial")]

    operations = [
        migrations.RemoveConstraint(model_name="repository", name="repository_once_per_team"),
        migrations.AddField(
            model_name="repository",
            name="identity",
            field=models.CharField(default="", editable=False, max_length=500),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="repository",
            name="origin",
            field=models.CharField(blank=True, default="", editable=False, max_length=300),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="repository",
            name="notice",
            field=models.TextField(blank=True, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="repository", name="noticed_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="repository",
            constraint=models.UniqueConstraint(fields=("team", "identity"), name="repository_once_per_team"),
        ),
    ]
