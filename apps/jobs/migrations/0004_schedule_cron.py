from datetime import UTC, timedelta

from django.db import migrations, models


def keep_the_time_of_day(apps, schema_editor):
    """What came every day comes daily at the minute at which it would have come next."""
    for schedule in apps.get_model("jobs", "Schedule").objects.iterator():
        turn = schedule.next_run_at.astimezone(UTC)
        schedule.cron, schedule.time_zone = f"{turn.minute} {turn.hour} * * *", "UTC"
        schedule.save(update_fields=["cron", "time_zone"])


def come_every_day(apps, schema_editor):
    apps.get_model("jobs", "Schedule").objects.update(every=timedelta(days=1))


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0003_engines'),
    ]

    operations = [
        migrations.AddField(
            model_name='schedule',
            name='cron',
            field=models.CharField(default='', max_length=100),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='schedule',
            name='time_zone',
            field=models.CharField(default='UTC', max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='schedule',
            name='spread',
            field=models.DurationField(default=timedelta(0), help_text='Over how long such work is spread'),
        ),
        migrations.AlterField(
            model_name='schedule',
            name='every',
            field=models.DurationField(default=timedelta(days=1)),
        ),
        migrations.RunPython(keep_the_time_of_day, come_every_day, elidable=True),
        migrations.RemoveField(
            model_name='schedule',
            name='every',
        ),
    ]
