"""Which credential opens a repository, and how one comes to be. A secret leaves here only as `transport.Access`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from apps.access import host_keys, vault
from apps.access.models import Credential, Kind
from apps.accounts.models import User
from apps.repositories import address
from apps.repositories.failures import HostKey, NoAccess, Unreachable
from apps.repositories.forges import Forge
from apps.repositories.models import Repository
from apps.repositories.transport import Access

# Whom a forge takes a token's owner to be; others want the owner's own name, or none in particular.
TOKEN_USERS = {Forge.GITHUB: "x-access-token", Forge.GITLAB: "oauth2", Forge.BITBUCKET: "x-token-auth"}
ANYONE = "git"


def credentials_for(repository: Repository) -> QuerySet[Credential]:
    """A repository's own, also for servers that it was at before, and its team's for where it is now."""
    mine = Credential.objects.filter(Q(repository=repository) | Q(team=repository.team_id, origin=repository.origin))
    return mine.select_related("created_by", "team").order_by(F("repository").asc(nulls_last=True), "created_at")


def used_for(repository: Repository) -> Credential | None:
    """The one that git is given: the repository's own before its team's."""
    return credentials_for(repository).filter(origin=repository.origin).first()


@contextmanager
def opened(repository: Repository) -> Iterator[Access]:
    """What git is given to read a repository. Keys that its host shows in place of those we know are noted."""
    try:
        source = address.parse(repository.url, settings.LOCAL_ROOTS, settings.INTERNAL_HOSTS)
        # A row may have been changed by other hands; a secret goes to the server that it was sealed for, or nowhere.
        credential = used_for(repository) if source.origin == repository.origin else None
        yield Access(
            user=credential.user if credential else "",
            secret=credential.unseal() if credential else "",
            host_keys=host_keys.known(source) if source.scheme == "ssh" else (),
        )
    except address.AddressError as error:
        raise Unreachable(str(error)) from error
    except vault.Unreadable as error:
        raise NoAccess(f"{error} Store it again.") from error
    except HostKey as failure:
        host_keys.note(source.server, failure.offered)
        raise


def store_token(repository: Repository, token: str, *, user: str = "", for_team: bool, by: User) -> Credential:
    """Read a repository (or all of its team's at the same server) with this token from now on."""
    credential = fresh(repository, Kind.TOKEN, for_team=for_team, by=by)
    credential.user = user or TOKEN_USERS.get(Forge(repository.forge), ANYONE)
    return replace(credential, token)


def make_deploy_key(repository: Repository, *, for_team: bool, by: User) -> Credential:
    """Read it with a new key from now on, once the server has been given the public half."""
    credential, key = fresh(repository, Kind.DEPLOY_KEY, for_team=for_team, by=by), Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    credential.public_key = f"{public} mlhealth"
    return replace(credential, key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode())


def fresh(repository: Repository, kind: Kind, *, for_team: bool, by: User) -> Credential:
    owner = {"team": repository.team} if for_team else {"repository": repository}
    return Credential(kind=kind, origin=repository.origin, created_by=by, **owner)


@transaction.atomic
def replace(credential: Credential, secret: str) -> Credential:
    """Save it in the place of the former one, in a new row: what was sealed for the old one opens nothing."""
    owner = Q(team=credential.team) if credential.team_id else Q(repository=credential.repository)
    Credential.objects.filter(owner, origin=credential.origin).delete()
    credential.seal(secret)
    credential.save(force_insert=True)
    return credential
