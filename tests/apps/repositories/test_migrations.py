"""What a change of the database does to rows that are there."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@pytest.mark.django_db(transaction=True)
def test_repositories_learn_what_tells_them_apart() -> None:
    executor = MigrationExecutor(connection)
    now = executor.loader.graph.leaf_nodes()
    executor.migrate([("repositories", "0001_initial")])
    try:
        apps = executor.loader.project_state(("repositories", "0001_initial")).apps
        team = apps.get_model("accounts", "Team").objects.create(name="Churn", slug="churn")
        urls = ["https://github.com/A/b.git", "https://github.com/a/b.git", "/srv/a.git", "https://localhost/a/b"]
        for url in urls:
            apps.get_model("repositories", "Repository").objects.create(team=team, name="b", url=url)
        executor = MigrationExecutor(connection)
        executor.migrate([("repositories", "0002_identity")])
        apps = executor.loader.project_state(("repositories", "0002_identity")).apps
        rows = apps.get_model("repositories", "Repository").objects.order_by("pk").values_list("identity", "origin")
        assert list(rows) == [
            ("github.com/a/b", "https://github.com"),
            ("https://github.com/a/b.git", "https://github.com"),
            ("/srv/a.git", ""),
            ("https://localhost/a/b", ""),
        ]
    finally:
        MigrationExecutor(connection).migrate(now)
