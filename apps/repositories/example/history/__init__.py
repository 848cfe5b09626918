"""The story of churn-model: four people, nine months, good habits and bad ones."""

from __future__ import annotations

from apps.repositories.example.checkout import Checkout
from apps.repositories.example.history import autumn, spring, summer
from apps.repositories.example.story import Commit


def tell() -> list[Commit]:
    main = Checkout()
    for season in (spring, summer, autumn):
        season.tell(main)
    return main.commits
