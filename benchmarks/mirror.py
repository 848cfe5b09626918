"""What a repository costs to mirror, without its large files and with them, and to audit: seconds, disk and memory.

    python benchmarks/mirror.py REPO…
    python benchmarks/mirror.py --binaries 3    (of a repository that it builds, with so many gigabytes of binaries)

REPO is a git directory, which is read as a server's would be. Memory is the most that one process held: git's, then
the engine's. Machines differ and are noisy: compare the lines of one run, not the runs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1_000_000
FILE = 50 * MEGABYTE


def build(repository: Path, gigabytes: float) -> None:
    """A history that adds binaries of 50 MB, each of which replaces the one before, beside a file that stays."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(repository)], check=True)
    plainly = ["-c", "core.compression=0", "-c", "fastimport.unpackLimit=0"]
    command = ["git", *plainly, "-C", str(repository), "fast-import", "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin
        noise = random.Random(1)
        for number in range(int(gigabytes * 1000 * MEGABYTE / FILE)):
            process.stdin.write(
                b"commit refs/heads/main\ncommitter A <a@x.org> %d +0000\ndata 5\nfeat:\n" % (1_700_000_000 + number)
            )
            for path, content in (("train.py", b"import torch\n"), ("model.bin", noise.randbytes(FILE))):
                process.stdin.write(b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(content), content))
        process.stdin.close()


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that some work takes, and megabytes of the largest process that it starts."""

    def report() -> None:
        began = time.monotonic()
        work()
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
        sender.send((time.monotonic() - began, peak))

    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=report)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit("It failed; see above.")
    seconds, peak = receiver.recv()
    return float(seconds), float(peak)


def disk(folder: Path) -> float:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file()) / MEGABYTE


def measure(repository: Path, folder: Path) -> None:
    from django.conf import settings  # noqa: PLC0415  # set up by main

    from apps.audit.policy import Policy  # noqa: PLC0415
    from apps.repositories import mirror  # noqa: PLC0415
    from apps.scorecards import engine  # noqa: PLC0415

    git = ["git", "-c", "safe.directory=*", "--git-dir", str(repository)]
    count = subprocess.run([*git, "rev-list", "--count", "HEAD"], capture_output=True, text=True, check=True).stdout
    print(f"{repository}\n  {int(count):,} commits, {disk(repository):,.0f} MB")
    settings.LOCAL_ROOTS, limit = [repository], settings.LEFT_OUT_BYTES
    for title, settings.LEFT_OUT_BYTES in (("partial", limit), ("whole", 0)):
        target = folder / title
        update = partial(mirror.update, str(repository), target, timeout=2400)
        for step in (f"{title} mirror", "  nothing new"):
            seconds, peak = measured(update)
            print(f"  {step:<16} {seconds:7.1f} s {disk(target):8.0f} MB on disk {peak:6.0f} MB of memory")
        head = update().head
        assert head
        for step in ("audit", "  cached"):
            seconds, peak = measured(partial(engine.audit, target, head, Policy()))
            print(f"  {step:<16} {seconds:7.1f} s {'':20} {peak:6.0f} MB of memory")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("repositories", metavar="REPO", type=Path, nargs="*")
    options.add_argument("--binaries", metavar="GIGABYTES", type=float)
    chosen = options.parse_args()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"MLHEALTH_DATA": str(folder / "data"), "DJANGO_SETTINGS_MODULE": "mlhealth.settings"}
        import django  # noqa: PLC0415  # its settings are the variables above

        django.setup()
        repositories = [path.resolve() for path in chosen.repositories]
        if chosen.binaries:
            repositories.append(folder / "binaries.git")
            build(repositories[-1], chosen.binaries)
        for number, repository in enumerate(repositories):
            measure(repository, folder / "mirrors" / str(number))


if __name__ == "__main__":
    main()
