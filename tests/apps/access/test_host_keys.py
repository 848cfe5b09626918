"""By which keys ssh servers are known."""

from __future__ import annotations

import subprocess

import pytest
from django.test import Client
from django.urls import reverse

from apps.access import host_keys
from apps.access.models import HostKey
from apps.accounts.models import User
from apps.jobs.models import Job
from apps.repositories import address
from apps.repositories.models import Repository, State
from tests.apps.access.conftest import watch

# As the forges publish them.
PUBLISHED = {
    "github.com": ["+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU", "p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM"],
    "ssh.github.com": ["+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU", "p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM"],
    "gitlab.com": ["eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8", "HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw"],
    "bitbucket.org": ["ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM", "FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0"],
    "codeberg.org": ["mIlxA9k46MmM6qdJOdMnAQpzGxF4WIVVL+fj+wZbw0g"],
    "ssh.dev.azure.com": ["ohD8VZEXGWo6Ez8GSEJQ9WpafgLFsOfLOtGGQCQo6Og"],
}
KEYS = host_keys.shipped()["github.com"] + host_keys.shipped()["gitlab.com"]
OURS = address.parse("git@git.example.org:a/b", [])


@pytest.mark.parametrize("host", PUBLISHED)
def test_the_large_forges_are_known_by_the_keys_that_they_publish(host: str) -> None:
    fingerprints = [host_keys.fingerprint(key) for key in host_keys.shipped()[host]]
    assert fingerprints == [f"SHA256:{each}" for each in PUBLISHED[host]]


def test_fingerprints_are_those_of_ssh_keygen() -> None:
    said = subprocess.run(["ssh-keygen", "-lf", str(host_keys.SHIPPED)], capture_output=True, text=True, check=True)
    assert {line.split()[1] for line in said.stdout.splitlines()} == {
        host_keys.fingerprint(key) for keys in host_keys.shipped().values() for key in keys
    }


@pytest.mark.parametrize("text", [KEYS[0], f"github.com {KEYS[0]}", f"{KEYS[0]} root@host ", f"[h]:22 {KEYS[1]}"])
def test_a_key_in_any_form_that_people_have_it_in(text: str) -> None:
    assert host_keys.parse(text) in KEYS[:2]


OTHER_KIND, TWO = KEYS[0].replace("ssh-ed25519", "ssh-rsa"), "\n".join(KEYS[:2])


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 AAAA", OTHER_KIND, TWO, "ssh-dss " + "A" * 80])
def test_what_is_no_key(text: str) -> None:
    assert host_keys.parse(text) is None


@pytest.mark.django_db
def test_a_key_counts_once_it_is_confirmed(admin_user: User) -> None:
    host_keys.note("git.example.org", KEYS[:2])
    assert host_keys.known(OURS) == ()
    host_keys.confirm(HostKey.objects.get(key=KEYS[0]), admin_user)
    assert host_keys.known(OURS) == (KEYS[0],)
    assert host_keys.known(address.parse("ssh://git@git.example.org:2222/a/b", [])) == ()


@pytest.mark.django_db
def test_a_confirmed_key_takes_the_place_of_the_former_one_of_its_kind(admin_user: User) -> None:
    github = address.parse("git@github.com:a/b", [])
    host_keys.note("github.com", KEYS[2:])
    host_keys.confirm(HostKey.objects.get(key=KEYS[2]), admin_user)
    assert host_keys.known(github) == (KEYS[2], KEYS[1])
    host_keys.note("github.com", KEYS[:1])
    host_keys.confirm(HostKey.objects.get(key=KEYS[0]), admin_user)
    assert host_keys.known(github) == (KEYS[0], KEYS[1])


@pytest.mark.django_db
def test_a_server_that_shows_ever_new_keys_does_not_fill_the_table() -> None:
    host_keys.note("git.example.org", (f"ssh-ed25519 {number}" for number in range(100)))
    assert HostKey.objects.count() == host_keys.MOST_OFFERED


@pytest.fixture
def waiting(lead: User) -> Repository:
    repository = watch("ssh://git@127.0.0.1:2222/a/b.git", lead)
    Job.objects.all().delete()
    repository.enter(State.HOST_KEY)
    host_keys.note("127.0.0.1:2222", KEYS[:1])
    return repository


def test_an_administrator_confirms_it_and_what_waited_is_audited(admin_client: Client, waiting: Repository) -> None:
    key = HostKey.objects.get()
    data = {"action": "confirm", "_selected_action": [key.pk]}
    page = admin_client.post(reverse("admin:access_hostkey_changelist"), data, follow=True)
    assert "1 confirmed" in page.content.decode()
    key.refresh_from_db()
    assert key.confirmed_by == User.objects.get(username="admin")
    assert Job.objects.get().subject == str(waiting.pk)


def test_an_administrator_adds_one_that_no_server_has_shown(admin_client: Client) -> None:
    add = reverse("admin:access_hostkey_add")
    page = admin_client.post(add, {"server": "git.example.org", "key": "ssh-ed25519 AAAA"})
    assert "no key of an ssh server" in page.content.decode()
    admin_client.post(add, {"server": "Git.example.org ", "key": f"git.example.org {KEYS[0]}"})
    assert host_keys.known(OURS) == (KEYS[0],)
    assert HostKey.objects.get().fingerprint == f"SHA256:{PUBLISHED['github.com'][0]}"
