"""A person with a password."""

from __future__ import annotations

import pytest

from apps.accounts.models import User

PASSWORD = "correct horse battery staple"


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", password=PASSWORD)
