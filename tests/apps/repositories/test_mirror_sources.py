"""Sources that mean harm, or that are not what they were when somebody registered them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.repositories import failures, mirror
from tests.apps.repositories.origins import Origin


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c 'touch {canary}'",
        "--upload-pack=touch {canary};",
        "file://{origin}",
        "https://localhost/a/b",
        "https://127.0.0.1/a/b",
        "ssh://-oProxyCommand=touch {canary}/x",
        "/etc",
    ],
)
def test_a_forged_row_is_not_believed(origin: Origin, target: Path, tmp_path: Path, url: str) -> None:
    canary = tmp_path / "canary"
    with pytest.raises(failures.Unreachable):
        mirror.update(url.format(canary=canary, origin=origin), target, timeout=5)
    assert not canary.exists()
    assert not target.exists()


@pytest.mark.parametrize(
    "configuration",
    [
        "[uploadpack]\n packObjectsHook = touch {canary};\n",
        "[core]\n fsmonitor = touch {canary}\n hooksPath = {hooks}\n",
        "[core]\n sshCommand = touch {canary}\n pager = touch {canary}\n",
        "[core]\n alternateRefsCommand = touch {canary}\n gitProxy = touch {canary}\n",
        '[url "ext::touch {canary} "]\n insteadOf = /\n',
    ],
)
def test_a_source_configures_nothing(origin: Origin, target: Path, tmp_path: Path, configuration: str) -> None:
    canary, hooks = tmp_path / "canary", origin.path / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "pre-receive", "reference-transaction", "post-update"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {canary}\n")
        (hooks / name).chmod(0o755)
    with (origin.path / "config").open("a") as file:
        file.write(configuration.format(canary=canary, hooks=hooks))
    assert mirror.update(str(origin), target, timeout=30).head
    assert not canary.exists()


def test_a_partial_source_fetches_nothing_for_us(origin: Origin, target: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    origin.git("config", "core.repositoryformatversion", "1")
    origin.git("config", "extensions.partialClone", "evil")
    origin.git("config", "remote.evil.url", str(tmp_path))
    origin.git("config", "remote.evil.promisor", "true")
    origin.git("config", "remote.evil.uploadpack", f"touch {canary};")
    blob = origin.git("hash-object", "-w", "--stdin", stdin=b"gone")
    tree = origin.git("mktree", stdin=f"100644 blob {blob}\ta\n".encode())
    origin.git("update-ref", "refs/heads/main", origin.git("commit-tree", "-m", "x", tree))
    (origin.path / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(failures.Unreachable):
        mirror.update(str(origin), target, timeout=30)
    assert not canary.exists()


def test_a_source_that_borrows_after_it_was_registered(origin: Origin, target: Path, tmp_path: Path) -> None:
    secret = Origin(tmp_path / "secret.git")
    (origin.path / "objects" / "info").mkdir(exist_ok=True)
    (origin.path / "objects" / "info" / "alternates").write_text(f"{secret}/objects\n")
    with pytest.raises(failures.Unreachable, match="borrows"):
        mirror.update(str(origin), target, timeout=30)


def test_a_source_that_moved_out_of_the_roots(origin: Origin, target: Path, settings: Settings) -> None:
    settings.LOCAL_ROOTS = []
    with pytest.raises(failures.Unreachable, match="not below a folder"):
        mirror.update(str(origin), target, timeout=30)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody else")
def test_a_source_of_another_owner(origin: Origin, target: Path) -> None:
    for path in (origin.path, *origin.path.rglob("*")):
        os.chown(path, 65534, 65534)
    assert mirror.update(str(origin), target, timeout=30).head
