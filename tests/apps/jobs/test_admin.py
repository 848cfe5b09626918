from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.jobs import queue
from apps.jobs.models import Job, Status
from tests.apps.jobs.conftest import come_due

JOBS = "admin:jobs_job_changelist"


def act(client: Client, action: str, *jobs: Job) -> str:
    choice = {"action": action, "_selected_action": [job.pk for job in jobs]}
    return client.post(reverse(JOBS), choice, follow=True).content.decode()


def failed_job(subject: str) -> Job:
    job = queue.enqueue("chores.fail", subject)
    Job.objects.filter(pk=job.pk).update(status=Status.DEAD, error="Traceback: the milk is sour")
    return job


def test_a_job_can_be_found_and_read_but_not_written(admin_client: Client) -> None:
    job = failed_job("milk")
    assert "milk" in admin_client.get(reverse(JOBS), {"status": "dead", "q": "sour"}).content.decode()
    address = reverse("admin:jobs_job_change", args=[job.pk])
    page = admin_client.get(address).content.decode()
    assert "the milk is sour" in page
    assert 'name="_save"' not in page
    assert admin_client.post(address, {"status": "succeeded"}).status_code == 403
    assert admin_client.get(reverse("admin:jobs_job_add")).status_code == 403


def test_what_failed_can_be_tried_again_or_put_aside(admin_client: Client) -> None:
    milk, bread = failed_job("milk"), failed_job("bread")
    assert "1 of 1 queued again" in act(admin_client, "retry", milk)
    act(admin_client, "discard", bread)
    statuses = dict(Job.objects.values_list("subject", "status"))
    assert statuses == {"milk": Status.QUEUED, "bread": Status.CANCELLED}


def test_schedules_are_listed(admin_client: Client) -> None:
    come_due("chores.succeed", "milk")
    page = admin_client.get(reverse("admin:jobs_schedule_changelist")).content.decode()
    assert "milk" in page


@pytest.mark.parametrize("action", ["retry", "discard"])
def test_who_may_only_look_is_offered_no_action(client: Client, db: None, action: str) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_job"))
    client.force_login(viewer)
    job = failed_job("milk")
    act(client, action, job)
    assert Job.objects.get().status == Status.DEAD
