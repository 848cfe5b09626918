from django.db import migrations, models

PRIORITIES = [(30, 'A person waits'), (20, 'Audit'), (15, 'Report'), (10, 'History')]


def move(before, after):
    def moved(apps, schema_editor):
        for name in ("Job", "Schedule"):
            apps.get_model("jobs", name).objects.filter(priority=before).update(priority=after)

    return moved


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0004_schedule_cron'),
    ]

    operations = [
        migrations.RunPython(move(0, 15), move(15, 0)),
        migrations.AlterField(
            model_name='job',
            name='priority',
            field=models.SmallIntegerField(choices=PRIORITIES, default=20),
        ),
        migrations.AlterField(
            model_name='schedule',
            name='priority',
            field=models.SmallIntegerField(choices=PRIORITIES, default=20),
        ),
    ]
