"""What workers do: audit a repository, judge its past, and apply a changed policy or changed rules to all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.access.fetching import fetch, require
from apps.audit import digests
from apps.audit.policy import Policy, digest
from apps.audit.replay import MOST_COMMITS
from apps.audit.storage import Storage
from apps.jobs.queue import Priority, enqueue
from apps.jobs.worker import Fenced, Permanent, Running
from apps.policies.models import current
from apps.remotes.look import access_to, look
from apps.repositories import audits, mirror, registration
from apps.repositories.models import OUT_OF_REACH, Repository, State
from apps.scorecards import engine
from apps.scorecards import replay as past
from apps.scorecards.line import Line
from apps.scorecards.models import Scorecard, Standing
from apps.scorecards.record import confirm, record, rescore

NOTHING_YET = "It has no commit yet; it is looked at again on its schedule."
ALL_GONE = "All its branches are gone; it was asked twice."
DESCENT_SECONDS = 60


def audit(job: Running) -> dict[str, Any] | None:
    """Fetch the repository and audit its head, unless nothing has changed since the last time."""
    repository = Repository.objects.filter(pk=job.subject).first()
    if repository is None:
        return None
    try:
        return audit_repository(job, repository)
    except Fenced:
        raise  # the state is now for another to tell
    except mirror.Failure as failure:
        repository.enter(failure.state, str(failure))
        if failure.state in OUT_OF_REACH:
            audits.could_not_reach(repository)
        if failure.final:
            raise Permanent(str(failure)) from failure
        raise
    except engine.DamagedMirror as error:
        mirror.remove(repository.mirror, timeout=settings.FETCH_SECONDS)
        repository.enter(State.DAMAGED, str(error))
        raise  # the next attempt makes it anew
    except Exception as error:
        repository.enter(State.FAILED, str(error).partition("\n")[0])
        raise


def audit_repository(job: Running, repository: Repository) -> dict[str, Any]:
    repository.enter(State.CLONING)
    registration.build_example(repository)
    fetched = fetch(job, repository)
    with job.fenced():
        note_fetch(repository, fetched)
    audits.reached(repository)
    if fetched.head is None:
        repository.enter(State.EMPTY, ALL_GONE if hasattr(repository, "standing") else NOTHING_YET)
        return {"state": State.EMPTY}
    policy, standing = current(), Standing.objects.select_related("scorecard").filter(repository=repository).first()
    storage = ask_remote(job, repository, fetched.path, fetched.head)
    seen = " ".join([fetched.refs_digest, str(fetched.left_out), digests.engine(), *as_seen(storage), policy.digest])
    if standing is not None and standing.seen == seen:
        with job.fenced():
            confirm(standing, seen)
    else:
        repository.enter(State.AUDITING)
        job.progress("auditing")
        explain_separately(job, repository, standing, policy, fetched.left_out)
        answer = engine.audit(fetched.path, fetched.head, policy, fetched.left_out, storage)
        with job.fenced():
            card = record(repository, answer, policy, seen)
            enqueue("experiments.collect", job.subject)
            # Who made a check flip is eagerly awaited; the past can wait.
            unnamed = card.flips.exclude(since_commit="").exists()
            enqueue("scorecards.replay", job.subject, priority=Priority.AUDIT if unnamed else Priority.HISTORY)
            if current().digest != policy.digest:  # changed while we audited, so this very job is done once more
                enqueue("scorecards.audit", job.subject)
    repository.enter(State.READY)
    return {"state": State.READY, "commit": fetched.head}


def ask_remote(job: Running, repository: Repository, path: Path, head: str) -> Storage | None:
    """What the repository's DVC remote holds of a commit; None where nobody gave access to it."""
    access = access_to(repository)
    if access is None:
        return None
    job.progress("asking the DVC remote")
    return look(access, engine.needed(path, head))


def as_seen(storage: Storage | None) -> list[str]:
    """Names what was seen of a remote."""
    return [digest(storage.to_json())] if storage else []


def note_fetch(repository: Repository, fetched: mirror.Mirror) -> None:
    if notice := what_happened(repository, fetched):
        repository.notify(notice)
    if fetched.head:
        repository.head, repository.default_branch = fetched.head, fetched.default_branch
    repository.fetched_at = timezone.now()
    repository.save(update_fields=["head", "default_branch", "fetched_at", "notice", "noticed_at"])


def what_happened(repository: Repository, fetched: mirror.Mirror) -> str:
    """What a reader of the next scorecard should know about the branch that it is of."""
    said, head, branch = [], repository.head, fetched.default_branch
    if fetched.head is None or not head:
        return ""
    if branch != repository.default_branch:
        said.append(f"Its default branch is now {branch}; it was {repository.default_branch}.")
    if head != fetched.head and not mirror.descends(fetched.path, fetched.head, head, timeout=DESCENT_SECONDS):
        said.append(f"Its history was rewritten: commit {head[:7]}, the last one seen, is no longer part of it.")
    return " ".join(said)


def explain_separately(
    job: Running, repository: Repository, standing: Standing | None, policy: Policy, left_out: int
) -> None:
    """Where both the repository and how it is judged changed, judge its former commit anew first.

    Then every scorecard differs from the one before it by the repository or by the judgement, and can say which.
    """
    if standing is None or standing.scorecard.commit == repository.head:
        return
    former = standing.scorecard
    try:
        answer = engine.audit(repository.mirror, former.commit, policy, left_out)
    except engine.AuditError:
        return  # a force push took the former commit away
    with job.fenced():
        if answer["engine"] != former.engine or answer["policy"] != former.policy or moved(answer, former):
            record(repository, answer, policy, standing.seen)


def replay(job: Running) -> dict[str, Any] | None:
    """Judge some more of the commits that led to the present scorecard's, until the last ones are known."""
    standings = Standing.objects.select_related("repository", "scorecard").filter(repository_id=int(job.subject))
    standing, policy = standings.first(), current()
    if standing is None:
        return None
    repository, commit, line = standing.repository, standing.scorecard.commit, Line.of(standing.repository)
    if line.is_whole(commit, MOST_COMMITS):
        return {"commits": 0, "complete": True}
    require(job, repository, commit)
    job.progress("replaying its history", len(line.commits))
    portion = engine.replay(repository.mirror, commit, policy, line.known, standing.left_out)
    with job.fenced():
        standing = standings.select_for_update(of=("self",)).first()
        if standing is None:
            return None  # nobody watches it any more
        past.keep(repository, portion, policy)
        complete = past.compare(repository) and portion.complete
        past.fill_weeks(standing, policy)
        if portion.verdicts and not complete:
            enqueue("scorecards.replay", job.subject, priority=Priority.HISTORY)
    return {"commits": len(portion.verdicts), "complete": complete}


def moved(answer: dict[str, Any], former: Scorecard) -> bool:
    """Whether another context alone changed an outcome."""
    return dict(former.outcomes) != {result["check"]: result["outcome"] for result in answer["results"]}


def reconsider(job: Running) -> dict[str, Any]:
    """Apply a changed policy: re-score where outcomes stay, audit again where a threshold could change one."""
    rescored = queued = 0
    for pk in list(Standing.objects.values_list("pk", flat=True)):
        with job.fenced():
            # Locked and read anew, the policy after it: an audit may end, and the policy change, while we go through.
            standing = Standing.objects.select_for_update().filter(pk=pk).first()
            policy = current()
            if standing is None:
                continue
            if standing.scorecard.thresholds == policy.outcome_digest:
                rescore(standing, policy)
                rescored += 1
            else:
                enqueue("scorecards.audit", str(standing.repository_id), priority=Priority.AUDIT)
                queued += 1
        job.progress("re-scoring", rescored + queued)
    return {"rescored": rescored, "queued": queued}


def renew(job: Running) -> dict[str, Any]:
    """Audit again, when there is nothing else to do, what other rules than those of the engine `subject` judged.

    What cannot be reached is left alone: the audit that reaches it again applies them.
    """
    outdated = Standing.objects.filter(repository__state=State.READY).exclude(scorecard__engine=job.subject)
    found = list(outdated.values_list("repository_id", flat=True))
    for pk in found:
        enqueue("scorecards.audit", str(pk), priority=Priority.HISTORY)
    return {"queued": len(found)}
