"""The real `dvc` as oracle: what it shows of every revision that it accepts, we show of git's objects alone."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from apps.audit.experiments import repository
from apps.audit.experiments.revisions import Reader
from apps.audit.experiments.trees import Trees
from apps.repositories.example.story import Commit, commit, write
from tests.apps.audit.experiments import oddities, oracle, pipelines
from tests.apps.audit.experiments.pipelines import Files

TOPICS: dict[str, list[Files]] = {
    "stages": pipelines.STAGES,
    "vars": pipelines.VARS,
    "folders": pipelines.FOLDERS,
    "top level": pipelines.TOP_LEVEL,
    "formats": pipelines.FORMATS,
    "params": oddities.PARAMS,
    "cached": oddities.CACHED,
    "dvclive": oddities.DVCLIVE,
    "links": oddities.LINKS,
    "ignored": oddities.IGNORED,
    "roots": oddities.ROOTS,
    "names": oddities.NAMES,
    "empty": oddities.EMPTY,
    "refused": oddities.REFUSED,
    "dates": oddities.DATES,
    "back and forth": oddities.BACK_AND_FORTH,
}


class Told(NamedTuple):
    """What both say of every commit."""

    path: Path
    ids: dict[Commit, str]
    dvc: dict[str, oracle.Answers]
    ours: dict[str, Any]

    def of(self, topic: str) -> dict[Commit, str]:
        """The commits of a topic, in order."""
        return {each: oid for each, oid in self.ids.items() if each.message.rpartition(" ")[0] == topic}


def branch_of(topic: str) -> str:
    return f"topic/{topic.replace(' ', '-')}"


def story() -> Iterator[Commit]:
    """Before `dvc init`, after it, and a branch for each topic; one of them is merged and tagged."""
    yield commit("2026-01-01", "feat: before dvc", {"params.yaml": "early: 1\n"})
    yield commit(
        "2026-01-01", "feat: dvc init", {".dvc/config": "", ".dvc/.gitignore": "/tmp\n"}, delete=["params.yaml"]
    )
    for topic, steps in TOPICS.items():
        for number, files in enumerate(steps):
            yield commit("2026-01-02", f"{topic} {number}", files, branch=branch_of(topic))
    yield commit("2026-01-03", "Merge branch", merge=branch_of("back and forth"), tag="v1.0.0")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("oracle") / "project"
    ids = write(folder / ".git", story())
    for words in (["config", "core.bare", "false"], ["reset", "--quiet", "--hard"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    return Told(
        folder, ids, {kind: oracle.told_by_dvc(folder, kind) for kind in oracle.COMMANDS}, oracle.told_by_us(folder)
    )


# Read and shown by us, with a note that DVC refuses the file: it has a byte order mark, a key twice, two documents.
DOUBTED = {"bom.json", "dup.yaml", "docs.yaml"}
# DVC stops at a tuple when it is asked for single keys of a Python file; there is nothing wrong with the file.
CRASHES = {"q.py"}
# For DVC the text of a link is the content of the file: "real.json" as a metric. A link is no metric.
LINKED = {"link.yaml", "way"}
# DVC shows one project at a time. A project inside another one has its own metrics and params, which we show too.
NESTED = {"nested/params.yaml", "nested/p.yaml"}
OUR_OWN = DOUBTED | CRASHES | LINKED | NESTED


@pytest.mark.parametrize("kind", oracle.COMMANDS)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_revision_that_dvc_accepts_is_shown_alike(topic: str, kind: str, told: Told) -> None:
    differing = []
    for each, oid in told.of(topic).items():
        answer, ours = told.dvc[kind][oid], told.ours["revisions"][oid]
        dvc, own = (without(values, OUR_OWN) for values in (oracle.data(answer), ours[kind]))
        if "error" not in answer and not oracle.same(dvc, own):
            differing.append((each.message, dvc, own, ours["notes"]))
    assert not differing


@pytest.mark.parametrize("topic", TOPICS)
def test_dvc_shows_something_of_every_topic(topic: str, told: Told) -> None:
    assert any(oracle.data(told.dvc[kind][oid]) for kind in oracle.COMMANDS for oid in told.of(topic).values())


def without(values: dict[str, Any], paths: set[str]) -> dict[str, Any]:
    return {path: value for path, value in values.items() if path not in paths}


def test_where_we_show_something_else_than_dvc(told: Told) -> None:
    first = {topic: told.ours["revisions"][next(iter(told.of(topic).values()))] for topic in TOPICS}
    formats, params, links, roots = (first[topic] for topic in ("formats", "params", "links", "roots"))
    doubted = {"bom.json": {"a": 1}, "docs.yaml": {"a": 1}, "dup.yaml": {"a": 2}}
    assert {path: formats["metrics"][path] for path in DOUBTED} == doubted
    assert {note.partition(": ")[0] for note in formats["notes"]} >= {f"DVC refuses {path}" for path in DOUBTED}
    assert params["params"]["q.py"] == {"A": 1, "E": {"x": [1, 2]}, "G": [1, 2], "K": {"L": 1, "N": {"o": 1}}}
    assert not LINKED & links["metrics"].keys()
    assert {note for note in links["notes"] if note.startswith("way is")} == {
        "way is no file of its own, and not followed"
    }
    assert {path: roots["params"][path] for path in NESTED} == {
        "nested/params.yaml": {"a": 1},
        "nested/p.yaml": {"b": 1},
    }


# Not said of a revision: links in place of DVC's files, and what is broken further down in a dvc.lock.
UNSAID = {"links 1", "links 3", "links 4", "refused 21"}


def test_a_revision_that_dvc_refuses_says_so_and_no_other_does(told: Told) -> None:
    wrong = []
    for each, oid in told.ids.items():
        notes = told.ours["revisions"][oid]["notes"]
        said = any("refuses dvc" in note or "refuses old" in note or note.startswith("DVC 3") for note in notes) or any(
            words in note for note in notes for words in ("dvc.yaml: ", "dvc.yaml cannot", "old.dvc cannot")
        )
        if said != ("error" in told.dvc["metrics"][oid]) and each.message not in UNSAID:
            wrong.append((each.message, told.dvc["metrics"][oid].get("error"), notes))
    assert not wrong


def test_what_dvc_refuses_is_shown_as_far_as_git_holds_it(told: Told) -> None:
    """All of these declare m.json in a form that DVC 3 does not read; some cannot be read at all."""
    shown = [told.ours["revisions"][oid]["metrics"] for oid in told.of("refused").values()]
    assert [at for at, metrics in enumerate(shown) if not metrics] == [0, 2, 11, 14, 18, 20]


def test_a_metric_in_the_remote_is_said_to_be_there_and_not_to_be_missing(told: Told) -> None:
    first, second = (told.ours["revisions"][oid] for oid in list(told.of("cached").values())[:2])
    elsewhere = "is in the DVC cache or its remote, not in git"
    assert set(first["notes"]) == {
        f"cached.json {elsewhere}",
        f"models/inside.json {elsewhere}",
        "live/metrics.json is declared and not in git",
    }
    assert f"data.json {elsewhere}" in second["notes"]


def test_reading_all_revisions_at_once_shows_what_reading_each_alone_does(told: Told) -> None:
    """Whatever revisions share, and in whatever order they are read."""
    with repository.opened(told.path) as history:
        commits = list(history.read(history.commits))
        one = Reader(history.objects, Trees(history.objects))
        backwards = {each.commit: each for each in one.revisions(reversed(commits))}
        for commit in commits:
            alone = Reader(history.objects, Trees(history.objects)).revision(commit)
            assert oracle.same(asdict(backwards[commit.id]), asdict(alone))
            assert oracle.same(told.ours["revisions"][commit.id]["params"], alone.params)
