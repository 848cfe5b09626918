"""Secrets at rest."""

from __future__ import annotations

import stat
from io import StringIO
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.access import credentials, vault
from apps.access.models import Credential
from apps.accounts.models import User
from apps.remotes.models import RemoteAccess
from apps.repositories.models import Repository

ROW, SECRET = "credential:1:https://x.org", "s3cret é"


def test_only_the_same_row_opens_it(keys: Path) -> None:
    sealed = vault.seal(SECRET, ROW)
    assert SECRET not in sealed
    assert vault.unseal(sealed, ROW) == SECRET
    with pytest.raises(vault.Unreadable, match="not the one"):
        vault.unseal(sealed, "credential:1:https://y.org")


def test_two_seals_differ(keys: Path) -> None:
    assert vault.seal(SECRET, ROW) != vault.seal(SECRET, ROW)


@pytest.mark.parametrize("position", [3, 15, -2])
def test_what_was_changed_is_not_opened(keys: Path, position: int) -> None:
    sealed = list(vault.seal(SECRET, ROW))
    sealed[position] = "A" if sealed[position] != "A" else "B"
    with pytest.raises(vault.Unreadable):
        vault.unseal("".join(sealed), ROW)


@pytest.mark.parametrize("text", ["", "v1", "v1..", "v2.x.y", "plain"])
def test_what_was_never_sealed(keys: Path, text: str) -> None:
    with pytest.raises(vault.Unreadable):
        vault.unseal(text, ROW)


def test_the_key_is_made_once_and_for_us_alone(keys: Path) -> None:
    with ThreadPool(8) as pool:
        found = pool.map(lambda _: vault.keys(), range(8))
    assert found == [found[0]] * 8
    assert len(found[0]) == 1
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert list(keys.parent.iterdir()) == [keys]


def test_without_its_key_nothing_opens(keys: Path) -> None:
    sealed = vault.seal(SECRET, ROW)
    keys.unlink()
    with pytest.raises(vault.Unreadable, match="not there"):
        vault.unseal(sealed, ROW)


def test_the_keys_of_the_environment_seal_and_the_file_still_opens(keys: Path, settings: Settings) -> None:
    sealed = vault.seal(SECRET, ROW)
    settings.CREDENTIAL_KEYS = [vault.new_key()]
    assert vault.unseal(sealed, ROW) == SECRET
    newer = vault.seal(SECRET, ROW)
    keys.unlink()
    assert vault.unseal(newer, ROW) == SECRET
    assert not keys.exists()


def rotate() -> str:
    said = StringIO()
    call_command("rotate_credential_keys", stdout=said)
    return said.getvalue()


@pytest.fixture
def credential(repository: Repository, lead: User) -> Credential:
    return credentials.store_token(repository, SECRET, for_team=False, by=lead)


@pytest.mark.database
def test_rotation_leaves_only_a_new_key(keys: Path, credential: Credential) -> None:
    former, sealed = vault.keys(), credential.sealed
    assert "1 credentials are sealed" in rotate()
    credential.refresh_from_db()
    assert (credential.unseal(), len(vault.keys())) == (SECRET, 1)
    vault.keep(former)
    with pytest.raises(vault.Unreadable):
        credential.unseal()
    assert vault.unseal(sealed, credential.row) == SECRET


def test_rotation_knows_every_row_that_holds_a_secret(keys: Path, credential: Credential) -> None:
    access = RemoteAccess(repository=credential.repository, url="s3://data/churn")
    access.seal(SECRET)
    access.save()
    assert "2 credentials are sealed" in rotate()
    access.refresh_from_db()
    assert access.unseal() == SECRET


def test_rotation_to_the_first_key_of_the_environment(keys: Path, credential: Credential, settings: Settings) -> None:
    settings.CREDENTIAL_KEYS = [vault.new_key(), vault.new_key()]
    rotate()
    assert not keys.exists()
    settings.CREDENTIAL_KEYS = settings.CREDENTIAL_KEYS[:1]
    credential.refresh_from_db()
    assert credential.unseal() == SECRET


def test_rotation_names_what_it_cannot_open_and_forgets_no_key(keys: Path, credential: Credential) -> None:
    Credential.objects.update(sealed="v1.00000000.AAAA")
    before = vault.keys()
    with pytest.raises(CommandError, match="token for origin at https://127"):
        rotate()
    assert vault.keys()[1:] == before
