"""Runs of real repositories: which commits are some, what joins them, and what they build on."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from apps.audit.experiments import repository, trees
from apps.audit.experiments.revisions import Reader
from apps.audit.experiments.run import Run
from apps.audit.experiments.runs import Runs
from apps.audit.experiments.trees import Trees
from apps.repositories.example.story import Commit, commit, write

PIPELINE = "metrics: [m.json]\nparams: [params.yaml]\n"


def metric(value: float) -> str:
    return f'{{"auc": {value}}}'


def runs_of(path: Path, known: Collection[str] = (), runs: Collection[str] = ()) -> list[Run]:
    with repository.opened(path, known) as history:
        reader = Reader(history.objects, Trees(history.objects))
        return list(Runs(history, reader, known=frozenset(runs)).all())


START = commit("2026-01-01", "feat: start", {"README.md": "x"})
FIRST = commit("2026-01-02", "feat: train", {"dvc.yaml": PIPELINE, "m.json": metric(0.5), "params.yaml": "lr: 0.1\n"})
DOCS = commit("2026-01-03", "docs: say so", {"README.md": "y"})
SECOND = commit("2026-01-04", "feat: lower rate", {"m.json": metric(0.6), "params.yaml": "lr: 0.01\n"})
KEPT = commit("2026-01-05", "dvc: commit experiment 1", {"m.json": metric(0.7)}, experiment="brave-ode")
STATED = commit("2026-01-06", "exp(loss): focal\n\nExperiment: EXP-1\nMetrics: auc: 0.6 -> 0.8\n", {"README.md": "z"})
OPENED = commit("2026-01-07", "feat: wider", {"README.md": "w"}, branch="exp/size/wide")
WIDER = commit("2026-01-08", "exp: wider still", {"m.json": metric(0.9)}, branch="exp/size/wide")
MERGE = commit("2026-01-09", "Merge branch 'exp/size/wide'", merge="exp/size/wide")
REMOVED = commit("2026-01-10", "chore: no metrics", delete=["m.json", "dvc.yaml", "params.yaml"])
STORY = [START, FIRST, DOCS, SECOND, KEPT, STATED, OPENED, WIDER, MERGE, REMOVED]


class Told:
    def __init__(self, path: Path, story: list[Commit]) -> None:
        self.path, self.ids = path, write(path, story)
        self.runs = runs_of(path)

    def run(self, each: Commit) -> Run:
        (found,) = [run for run in self.runs if run.commit == self.ids[each]]
        return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("runs") / "story.git", STORY)


def test_commits_that_change_metrics_or_say_so_are_runs_and_no_others(told: Told) -> None:
    expected = [FIRST, SECOND, STATED, OPENED, WIDER, KEPT]
    assert [run.id for run in told.runs] == [f"git:{told.ids[each]}" for each in expected]


def test_values_are_those_of_the_commit(told: Told) -> None:
    assert (told.run(SECOND).metrics, told.run(SECOND).params) == (
        {"m.json": {"auc": 0.6}},
        {"params.yaml": {"lr": 0.01}},
    )


def test_each_run_builds_on_the_one_before_it(told: Told) -> None:
    baselines = {FIRST: None, SECOND: FIRST, STATED: SECOND, OPENED: STATED, WIDER: OPENED, KEPT: SECOND}
    for each, before in baselines.items():
        assert told.run(each).baseline == (told.ids[before] if before else ""), each.message


def test_an_experiment_of_dvc_has_its_name_and_the_branch_that_it_began_on(told: Told) -> None:
    run = told.run(KEPT)
    assert (run.source, run.name, run.branch, run.sources) == ("dvc", "brave-ode", "main", ("dvc", "commit"))


def test_what_a_message_says_names_the_run(told: Told) -> None:
    run = told.run(STATED)
    assert (run.source, run.group, run.name, run.branch) == ("message", "loss", "EXP-1", "main")
    assert run.note
    assert [(each.name, each.value, each.before) for each in run.note.metrics] == [("auc", 0.8, 0.6)]
    assert run.metrics == {"m.json": {"auc": 0.6}}, "what files hold counts for more than what a message says"


def test_commits_of_an_experiment_branch_are_its_runs(told: Told) -> None:
    run = told.run(OPENED)
    assert (run.source, run.group, run.name, run.branch) == ("branch", "size", "wide", "exp/size/wide")


def test_one_commit_that_several_sources_cite_is_one_run(tmp_path: Path) -> None:
    joined = commit("2026-01-03", "exp: joined\n\nNotes: n", {"m.json": metric(1)}, branch="experiment/all")
    ids = write(tmp_path / "first.git", [START, FIRST, joined])
    told = ids[FIRST]
    refs = {f"refs/exps/{told[:2]}/{told[2:]}/kept": joined}
    write(tmp_path / "second.git", [START, FIRST, joined], refs=refs)
    (run,) = [run for run in runs_of(tmp_path / "second.git") if run.commit == ids[joined]]
    assert run.sources == ("dvc", "message", "branch", "commit")
    assert (run.name, run.baseline, run.note is not None) == ("kept", told, True)


def test_metrics_that_only_a_message_tells(tmp_path: Path) -> None:
    write(tmp_path / "story.git", [START, commit("2026-01-02", "exp: x\n\nMetrics: auc 0.5")])
    (run,) = runs_of(tmp_path / "story.git")
    assert run.metrics == {"commit message": {"auc": 0.5}}


def test_a_merge_is_no_run_whatever_it_says(tmp_path: Path) -> None:
    side = commit("2026-01-03", "feat: side", {"m.json": metric(2)}, branch="side")
    main = commit("2026-01-03", "feat: main", {"params.yaml": "lr: 3\n"})
    merge = commit("2026-01-04", "exp: both", {"m.json": metric(3)}, merge="side")
    after = commit("2026-01-05", "feat: after", {"m.json": metric(4)})
    told = Told(tmp_path / "story.git", [START, FIRST, side, main, merge, after])
    assert {run.commit for run in told.runs} == {told.ids[each] for each in (FIRST, side, main, after)}
    assert told.run(after).baseline == told.ids[main]


def test_collecting_in_pieces_finds_the_same_runs(told: Told) -> None:
    """Whatever was known before, each new commit is the same run, with the same baseline."""
    whole = {run.id: run for run in told.runs}
    ids = list(told.ids.values())
    for cut in range(len(ids) + 1):
        before = [run.commit for run in told.runs if run.commit in ids[:cut]]
        pieces = [run for run in runs_of(told.path, ids[:cut], before) if run.commit not in ids[:cut]]
        assert {run.id: run for run in pieces} == {
            key: run for key, run in whole.items() if run.commit not in ids[:cut]
        }, cut


def test_of_what_is_known_only_experiments_of_dvc_are_told_again(told: Told) -> None:
    assert runs_of(told.path, list(told.ids.values()), [run.commit for run in told.runs]) == [told.run(KEPT)]


def test_folders_that_memory_has_no_room_for_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a/x is x, which is read before, and dropped for a/y."""
    files = {"x/dvc.yaml": PIPELINE, "a/x/dvc.yaml": PIPELINE, "a/y/dvc.yaml": "metrics: [n.json]\n"}
    write(tmp_path / "story.git", [FIRST, commit("2026-01-03", "feat: more", files), SECOND])
    runs = runs_of(tmp_path / "story.git")
    monkeypatch.setattr(trees, "MOST_ENTRIES", 1)
    assert runs_of(tmp_path / "story.git") == runs


def test_a_name_in_any_script(tmp_path: Path) -> None:
    named = commit("2026-01-02", "exp(группа): 实验 🎉\n\nHypothesis: größer", branch="exp/größer/学习率")
    write(tmp_path / "story.git", [START, named])
    (run,) = runs_of(tmp_path / "story.git")
    assert (run.group, run.name, run.branch) == ("группа", "实验 🎉", "exp/größer/学习率")


def test_a_message_that_tells_nothing_where_nothing_is_declared_is_no_experiment(tmp_path: Path) -> None:
    bare = commit("2026-01-01", "exp: add a flag to the command", {"README.md": "a"})
    stated = commit("2026-01-02", "exp: focal loss\n\nResult: no better\n", {"README.md": "b"})
    ids = write(tmp_path / "story.git", [bare, stated])
    assert [run.commit for run in runs_of(tmp_path / "story.git")] == [ids[stated]]
