"""Giving a repository access, from the browser to a server that checks it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access import credentials
from apps.access.models import Credential, HostKey
from apps.accounts.models import Membership, Role, Team, User
from apps.jobs.models import Job, Status
from apps.repositories import address
from apps.repositories.models import Repository, State
from apps.scorecards.models import Standing
from tests.apps.access.conftest import TOKEN, watch
from tests.apps.repositories.origins import Origin
from tests.apps.scorecards.conftest import work
from tests.servers import https, ssh

FOR_IT, FOR_ALL = {"scope": "repository"}, {"scope": "team"}


def page(repository: Repository) -> str:
    return reverse("repository_access", args=[repository.pk])


def read(reader: Client, repository: Repository) -> str:
    return reader.get(page(repository)).content.decode()


def do_all(repository: Repository) -> Repository:
    """Let a worker do what waits."""
    work(Job.objects.latest("pk"))
    repository.refresh_from_db()
    return repository


@pytest.mark.database
def test_a_private_repository_is_given_a_token_and_audited(reader: Client, repository: Repository) -> None:
    assert do_all(repository).state == State.NO_ACCESS
    assert "Give it access" in reader.get(repository.get_absolute_url()).content.decode()
    assert "only a public repository can be read" in read(reader, repository)
    reader.post(page(repository), {"token": TOKEN, **FOR_IT})
    assert "Waiting for a worker to try it" in read(reader, repository)
    assert do_all(repository).state == State.READY
    assert Standing.objects.get().repository == repository
    assert "The server lets us read it" in read(reader, repository)
    assert TOKEN not in read(reader, repository)


def test_a_token_that_is_refused(reader: Client, repository: Repository) -> None:
    reader.post(page(repository), {"token": "wrong", **FOR_IT})
    assert do_all(repository).state == State.NO_ACCESS
    assert "Its server refuses the credential" in read(reader, repository)


def test_a_new_token_takes_the_place_of_the_former_one(reader: Client, repository: Repository) -> None:
    for token in ("wrong", TOKEN):
        reader.post(page(repository), {"token": token, **FOR_IT})
    assert do_all(repository).state == State.READY
    assert Credential.objects.count() == 1


def test_one_token_for_all_repositories_of_a_team_on_a_server(
    reader: Client, repository: Repository, web: https.Server, lead: User
) -> None:
    other = watch(web.url("/elsewhere.git"), lead)
    reader.post(page(repository), {"token": TOKEN, **FOR_ALL})
    assert [each.team for each in credentials.credentials_for(other)] == [Team.objects.default()]
    reader.post(page(other), {"token": "wrong", **FOR_IT})
    assert "not used, as this repository has its own" in read(reader, other)
    assert do_all(repository).state == State.READY
    other.refresh_from_db()
    assert other.state == State.NO_ACCESS


def test_a_token_of_the_team_that_works_helps_all_that_waited(
    reader: Client, repository: Repository, web: https.Server, lead: User, origin: Origin
) -> None:
    other = watch(web.url("/other.git"), lead)
    Origin(origin.path.with_name("other.git"))
    assert do_all(repository).state == State.NO_ACCESS
    reader.post(page(repository), {"token": TOKEN, **FOR_ALL})
    assert do_all(repository).state == State.READY
    other.refresh_from_db()
    assert other.state == State.READY


def test_what_was_for_a_former_server_is_shown_and_not_used(
    reader: Client, repository: Repository, lead: User, django_assert_max_num_queries: Any
) -> None:
    credential = credentials.store_token(repository, TOKEN, for_team=False, by=lead)
    repository.locate(address.parse("git@github.com:example/churn", []))
    repository.save()
    assert credentials.used_for(repository) is None
    with django_assert_max_num_queries(10):
        shown = read(reader, repository)
    assert f"not used any more, as it is for {credential.origin}" in shown
    assert "There is none yet" in shown
    reader.post(reverse("remove_credential", args=[repository.pk, credential.pk]))
    assert not Credential.objects.exists()


def test_a_test_that_was_asked_for_before_a_token_came_tells_of_the_token(
    reader: Client, repository: Repository
) -> None:
    do_all(repository)
    reader.post(reverse("test_access", args=[repository.pk]))
    assert do_all(repository).state == State.NO_ACCESS
    reader.post(reverse("test_access", args=[repository.pk]))
    reader.post(page(repository), {"token": TOKEN, **FOR_IT})
    assert "Waiting for a worker to try it" in read(reader, repository)
    do_all(repository)
    assert "The server lets us read it" in read(reader, repository)


def test_it_is_for_one_server_and_one_team(repository: Repository, lead: User) -> None:
    credentials.store_token(repository, TOKEN, for_team=True, by=lead)
    moved = watch("https://127.0.0.1/origin.git", lead)  # another port
    assert credentials.used_for(moved) is None
    elsewhere = Team.objects.create(name="Elsewhere", slug="elsewhere")
    Repository.objects.filter(pk=repository.pk).update(team=elsewhere)
    repository.refresh_from_db()
    assert credentials.used_for(repository) is None


@pytest.mark.parametrize("moved", [{"url"}, {"url", "origin"}, {"url", "origin", "credential"}])
def test_a_row_that_was_pointed_at_another_server_gives_nothing_away(
    repository: Repository, web: https.Server, lead: User, moved: set[str]
) -> None:
    credentials.store_token(repository, TOKEN, for_team=False, by=lead)
    with https.serve(web.answer) as thief:
        there = {"url": thief.url("/origin.git"), "origin": thief.url("")}
        Repository.objects.update(**{field: there[field] for field in moved & there.keys()})
        if "credential" in moved:
            Credential.objects.update(origin=thief.url(""))
        assert do_all(repository).state == State.NO_ACCESS
        assert ("Store it again" in repository.state_detail) is ("credential" in moved)
        assert {hit.authorization for hit in thief.hits} <= {None}


def test_it_goes_when_it_is_removed_and_with_its_repository(reader: Client, repository: Repository, lead: User) -> None:
    first = credentials.store_token(repository, TOKEN, for_team=False, by=lead)
    reader.post(reverse("remove_credential", args=[repository.pk, first.pk]))
    assert not Credential.objects.exists()
    credentials.store_token(repository, TOKEN, for_team=False, by=lead)
    reader.post(reverse("remove_repository", args=[repository.pk]))
    assert not Credential.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"token": "", **FOR_IT}, "This field is required"),
        ({"token": "two words", **FOR_IT}, "without spaces"),
        ({"token": "x\nurl=https://evil.example", **FOR_IT}, "without spaces"),
        ({"token": "x", "user": "a:b", **FOR_IT}, "A user name is"),
        ({"token": "x", "scope": "world"}, "not one of the available choices"),
        ({"token": "x"}, "This field is required"),
    ],
)
def test_what_cannot_be_stored_is_said_and_not_shown(
    reader: Client, repository: Repository, typed: dict[str, str], said: str
) -> None:
    answer = reader.post(page(repository), typed)
    assert said in answer.content.decode()
    assert 'value="two words"' not in answer.content.decode()
    assert not Credential.objects.exists()


def test_members_see_and_test_it_and_change_nothing(client: Client, repository: Repository, lead: User) -> None:
    person = User.objects.create_user("member")
    Membership.objects.create(user=person, team=Team.objects.default(), role=Role.MEMBER)
    client.force_login(person)
    credential = credentials.store_token(repository, TOKEN, for_team=False, by=lead)
    assert "Save and test" not in read(client, repository)
    assert client.post(page(repository), {"token": "x", **FOR_IT}).status_code == 404
    assert client.post(reverse("remove_credential", args=[repository.pk, credential.pk])).status_code == 404
    client.post(reverse("test_access", args=[repository.pk]))
    assert do_all(repository).state == State.READY


def test_a_credential_of_another_repository_cannot_be_removed_here(
    reader: Client, repository: Repository, lead: User
) -> None:
    other = watch("https://127.0.0.1/other.git", lead)
    credential = credentials.store_token(other, TOKEN, for_team=False, by=lead)
    assert reader.post(reverse("remove_credential", args=[repository.pk, credential.pk])).status_code == 404


def test_a_repository_is_added_by_ssh_with_a_deploy_key(
    reader: Client, origin: Origin, sshd: ssh.Server, admin_client: Client
) -> None:
    answer = reader.post(reverse("register"), {"address": sshd.url("origin")})
    repository = Repository.objects.get()
    assert answer.headers["Location"] == page(repository)
    assert "There is none yet" in read(reader, repository)
    reader.post(reverse("make_deploy_key", args=[repository.pk]), FOR_IT)
    credential = Credential.objects.get()
    assert credential.public_key in read(reader, repository)
    sshd.authorise(credential.public_key)
    # Nobody has confirmed the host's key.
    assert do_all(repository).state == State.HOST_KEY
    assert sshd.host_keys[0].fingerprint in read(reader, repository)
    confirm = {"action": "confirm", "_selected_action": [HostKey.objects.get().pk]}
    admin_client.post(reverse("admin:access_hostkey_changelist"), confirm)
    assert do_all(repository).state == State.READY
    # It becomes another host.
    sshd.change_host_key()
    reader.post(reverse("audit_now", args=[repository.pk]))
    assert do_all(repository).state == State.HOST_KEY
    assert "shows another key" in repository.state_detail
    assert Standing.objects.filter(repository=repository).exists()


def test_the_private_half_is_nowhere_but_sealed(reader: Client, origin: Origin, lead: User) -> None:
    repository = watch("git@github.com:example/churn", lead)
    reader.post(reverse("make_deploy_key", args=[repository.pk]), FOR_IT)
    credential = Credential.objects.get()
    private = credential.unseal()
    assert private.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    row = " ".join(str(value) for value in Credential.objects.values().get().values())
    assert private.splitlines()[2] not in row + read(reader, repository)
    assert "https://github.com/example/churn/settings/keys/new" in read(reader, repository)


def test_a_token_is_for_https_and_a_key_for_ssh(reader: Client, repository: Repository, lead: User) -> None:
    over_ssh = watch("git@github.com:example/churn", lead)
    assert reader.post(page(over_ssh), {"token": TOKEN, **FOR_IT}).status_code == 404
    assert reader.post(reverse("make_deploy_key", args=[repository.pk]), FOR_IT).status_code == 404


def test_a_folder_of_this_machine_has_no_such_page(reader: Client, db: None) -> None:
    reader.post(reverse("load_example"))
    folder = Repository.objects.get()
    assert reader.get(page(folder)).status_code == 404
    assert page(folder) not in reader.get(folder.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("url", "user"),
    [
        ("https://github.com/a/b", "x-access-token"),
        ("https://gitlab.example.org/a/b", "oauth2"),
        ("https://bitbucket.org/a/b", "x-token-auth"),
        ("https://git.example.org/a/b", "git"),
    ],
)
def test_whom_a_token_is_shown_for(keys: object, lead: User, url: str, user: str) -> None:
    repository = watch(url, lead)
    assert credentials.store_token(repository, TOKEN, for_team=False, by=lead).user == user
    assert credentials.store_token(repository, TOKEN, user="ada", for_team=False, by=lead).user == "ada"


def test_a_test_that_breaks_is_no_verdict(reader: Client, repository: Repository) -> None:
    Job.objects.create(kind="access.test", subject=str(repository.pk), status=Status.DEAD)
    assert "The test itself broke" in read(reader, repository)
