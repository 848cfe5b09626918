"""The first administrator: a one-time link, which exists only while there is no superuser."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.db import transaction

from apps.accounts.models import Membership, Role, Team, User


def token_file() -> Path:
    return Path(settings.DATA) / "setup_token"


def is_administered() -> bool:
    return User.objects.filter(is_superuser=True).exists()


def link_token() -> str | None:
    """The token of the set-up link, made on the first call; None once there is an administrator."""
    if is_administered():
        token_file().unlink(missing_ok=True)
        return None
    if not token_file().exists():
        write_token(secrets.token_urlsafe(32))
    return token_file().read_text()


def write_token(token: str) -> None:
    """Puts the whole file in place at once; of two processes that start together, the first wins."""
    with NamedTemporaryFile("w", dir=settings.DATA) as draft:  # only we can read it
        draft.write(token)
        draft.flush()
        with suppress(FileExistsError):
            os.link(draft.name, token_file())


def accepts(token: str) -> bool:
    """Whether `token` opens the set-up page now."""
    try:
        expected = token_file().read_bytes()
    except FileNotFoundError:
        return False
    return secrets.compare_digest(token.encode(), expected) and not is_administered()


def make_administrator(user: User) -> bool:
    """Saves `user` as the superuser; False when somebody else became it meanwhile."""
    with transaction.atomic():
        # The row's lock lets one set-up through at a time.
        team = Team.objects.select_for_update().get(pk=Team.objects.default().pk)
        if is_administered():
            return False
        user.is_staff = user.is_superuser = True
        user.save()
        Membership.objects.create(user=user, team=team, role=Role.ADMINISTRATOR)
    token_file().unlink(missing_ok=True)
    return True
