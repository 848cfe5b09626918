"""Dangers in git's own objects and refs."""

from __future__ import annotations

import subprocess
import zlib
from collections.abc import Iterable
from hashlib import sha1
from pathlib import Path

from apps.repositories.example.story import commit, write
from tests.hostile import HONEST, Danger, Place

GIB, MEGABYTE = 1 << 30, 1 << 20


def git(place: Place, *arguments: str, stdin: bytes = b"") -> str:
    command = ["git", "-C", str(place.path), *arguments]
    return subprocess.run(command, input=stdin, check=True, capture_output=True).stdout.decode().strip()


def begin(place: Place) -> str:
    """The honest project; gives the id of its tree."""
    write(place.path, [commit("2026-01-01", "feat: start", HONEST)])
    return git(place, "rev-parse", "main^{tree}")


def loose(folder: Path, kind: str, content: Iterable[bytes], size: int) -> str:
    """Store an object of any size without holding it; its id."""
    digest, packer, packed = sha1(usedforsecurity=False), zlib.compressobj(1), bytearray()
    for piece in (f"{kind} {size}\0".encode(), *content):
        digest.update(piece)
        packed += packer.compress(piece)
    oid = digest.hexdigest()
    path = folder / "objects" / oid[:2] / oid[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed + packer.flush())
    return oid


def add(place: Place, entries: Iterable[tuple[str, bytes, str]]) -> None:
    """Commit more entries at the root of the project that was begun: mode, name, id."""
    held = subprocess.check_output(["git", "-C", str(place.path), "ls-tree", "-z", "main"])
    kinds = {"40000": "tree", "160000": "commit"}
    lines = [f"{mode} {kinds.get(mode, 'blob')} {oid}\t".encode() + name for mode, name, oid in entries]
    wider = git(place, "mktree", "-z", "--missing", stdin=held + b"".join(line + b"\0" for line in lines))
    record(place, wider)


def record(place: Place, tree: str, message: str = "feat: odd", when: str = "1767225600 +0000") -> None:
    who = f"A <a@example.org> {when}"
    text = f"tree {tree}\nauthor {who}\ncommitter {who}\n\n{message}\n".encode()
    oid = loose(place.path, "commit", [text], len(text))
    (place.path / "refs/heads/main").write_text(f"{oid}\n")


def zeros(place: Place) -> None:
    """A gibibyte in five megabytes, as a model, and half of one as a notebook."""
    begin(place)
    model = loose(place.path, "blob", (bytes(MEGABYTE) for _ in range(1024)), GIB)
    notebook = loose(place.path, "blob", (b" " * MEGABYTE for _ in range(512)), GIB // 2)
    add(place, [("100644", b"a.ipynb", notebook), ("100644", b"model.pt", model)])


def ten_thousand_million(place: Place) -> None:
    begin(place)
    blob, mode = git(place, "hash-object", "-w", "--stdin", stdin=b"x"), "100644 blob"
    for _ in range(10):
        lines = "".join(f"{mode} {blob}\t{name}\n" for name in "abcdefghij")
        blob, mode = git(place, "mktree", stdin=lines.encode()), "040000 tree"
    add(place, [("40000", b"deep", blob)])


def hundred_thousand(place: Place) -> None:
    begin(place)
    blob = git(place, "hash-object", "-w", "--stdin", stdin=b"x = 1\n")
    lines = "".join(f"100644 blob {blob}\tf{n}.py\n" for n in range(100_000))
    add(place, [("40000", b"many", git(place, "mktree", stdin=lines.encode()))])


def escapes(name: bytes) -> Danger:
    """A file whose name leads out of a work tree; git's own checks refuse it."""

    def build(place: Place) -> None:
        begin(place)
        blob = git(place, "hash-object", "-w", "--stdin", stdin=b"x")
        content = b"100644 %b\0%b" % (name, bytes.fromhex(blob))
        record(place, loose(place.path, "tree", [content], len(content)))

    return Danger(build, state="refused", words="Git's checks refuse its history")


def late(place: Place) -> None:
    record(place, begin(place), when="99999999999999 +9999")


def long_message(place: Place) -> None:
    record(place, begin(place), message="x" * 5_000_000)


def odd_text(place: Place) -> None:
    tree = begin(place)
    git(place, "update-ref", "refs/heads/\u202eevil", "main")
    record(place, tree, message="feat: \x01\u202e\ud7ff \x1b[31m")


def many_refs(place: Place) -> None:
    begin(place)
    oid, tag = git(place, "rev-parse", "main"), git(place, "rev-parse", "main")
    for depth in range(50):
        kind = "tag" if depth else "commit"
        text = f"object {tag}\ntype {kind}\ntag t{depth}\ntagger A <a@example.org> 1 +0000\n\nx\n".encode()
        tag = loose(place.path, "tag", [text], len(text))
    refs = [f"create refs/heads/f/{n}/;$(touch)'{n} {oid}\n" for n in range(3000)]
    refs += [f"create refs/tags/v{n} {tag}\n" for n in range(3000)]
    git(place, "update-ref", "--stdin", stdin="".join(refs).encode())


def hooks(place: Place) -> None:
    """What the folder itself would have git run."""
    begin(place)
    program = place.path / "run"
    program.write_text(f"#!/bin/sh\ntouch {place.canary}\n")
    program.chmod(0o700)
    for name in ("core.fsmonitor", "uploadpack.packObjectsHook", "core.sshCommand", "core.pager", "alias.cat-file"):
        git(place, "config", name, str(program))
    for name in ("pre-receive", "post-checkout", "reference-transaction"):
        (place.path / "hooks").mkdir(exist_ok=True)
        (place.path / "hooks" / name).symlink_to(program)


def submodule(place: Place) -> None:
    begin(place)
    text = f'[submodule "a"]\n\tpath = a\n\turl = {place.address}/a.git\n\tupdate = none\n'.encode()
    blob = git(place, "hash-object", "-w", "--stdin", stdin=text)
    add(place, [("100644", b".gitmodules", blob), ("160000", b"a", "1" * 40)])


UNKNOWN, FAILED = "unknown", "failed"
DANGERS = {
    "zeros": Danger(
        zeros,
        "hygiene/notebook-outputs",
        UNKNOWN,
        "left out of the mirror for its size: at least 10 MB",
        ("hygiene/large-files", "hygiene/model-binaries", "structure/notebooks-folder"),
    ),
    "ten thousand million files": Danger(ten_thousand_million, "hygiene/large-files", UNKNOWN, "than 200,000 entries"),
    "a hundred thousand files": Danger(hundred_thousand, about=("testing/unit",)),
    "dot dot": escapes(b".."),
    "dot git": escapes(b".GiT"),
    "the year 3170843": Danger(late),
    "a long message": Danger(long_message, state="failed", words="the commit has 5,000,"),
    "odd text": Danger(odd_text, about=("workflow/",)),
    "many refs": Danger(many_refs, about=("workflow/",)),
    "hooks": Danger(hooks),
    "submodule": Danger(submodule),
}
