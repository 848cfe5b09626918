"""Seals every stored credential with a new key."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from apps.access import vault
from apps.access.models import Sealed


class Command(BaseCommand):
    help = (
        "Seal every stored credential with a new key: the first of MLHEALTH_CREDENTIAL_KEYS where that is set (keep "
        "the former ones behind it until this command is done), else one that is made now in the data folder."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CREDENTIAL_KEYS:
            vault.keep([vault.new_key(), *vault.keys()])
        models = [model for model in apps.get_models() if issubclass(model, Sealed)]
        sealed = [each for model in models for each in model._default_manager.exclude(sealed="")]
        lost = [str(each) for each in sealed if not reseal(each)]
        if lost:
            raise CommandError(f"No key opens these, so they have to be stored again: {'; '.join(lost)}.")
        if not settings.CREDENTIAL_KEYS:
            vault.keep(vault.keys()[:1])
        else:
            settings.CREDENTIAL_KEY_FILE.unlink(missing_ok=True)
            self.stdout.write("Only the first key of MLHEALTH_CREDENTIAL_KEYS is needed from now on.")
        self.stdout.write(f"{len(sealed)} credentials are sealed with the new key.")


def reseal(credential: Sealed) -> bool:
    """False when it cannot be opened."""
    with transaction.atomic():
        current = type(credential)._default_manager.select_for_update().filter(pk=credential.pk).first()
        if current is None:
            return True  # replaced meanwhile
        try:
            current.seal(current.unseal())
        except vault.Unreadable:
            return False
        current.save(update_fields=["sealed"])
    return True
