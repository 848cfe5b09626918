"""What a test works with, real data, a trained model or values of its own, and what it asserts of them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Self

from apps.audit.facts.python.modules import Call, Modules
from apps.audit.facts.suite.bodies import Body, names_in
from apps.audit.facts.suite.reach import LOADS, Reach
from apps.audit.facts.suite.vocabulary import (
    BEHAVIOUR,
    CLOSE,
    DATA_FILE,
    DATA_NAME,
    DATA_PATH,
    EXPECTS,
    FITS,
    LEAKS,
    METRIC,
    MODELS,
    OPTION,
    PATCHES,
    PREDICTED,
    PROPERTIES,
    PUBLIC,
    READS,
    RECORDS,
    SET,
    SHAPES,
    SIZES,
    SYNTHETIC,
    TEMPORARY,
    TRANSFORMS,
    VALIDATES,
    WRITES,
)
from apps.audit.facts.tree import FIXTURES, Tree, folders_of, is_fixture, is_main, is_test


def public_key(call: Call) -> tuple[str, str]:
    return call.name, next((each for each in call.args if isinstance(each, str)), "")


def replaced(call: Call) -> str:
    """The dotted name of what a call puts something in the place of; a dot for what has none, empty for nothing."""
    if not PATCHES.search(call.name):
        return ""
    first, second = (each.get("name") if isinstance(each, dict) else each for each in [*call.args, None, None][:2])
    owner = first if isinstance(first, str) else ""
    inside = second if isinstance(second, str) and call.name.endswith(("setattr", "object")) else ""
    return f"{owner}.{inside}".rstrip(".") or "."


def is_stub(call: Call) -> bool:
    """Whether a call puts something in the place of a part: no arguments, no environment, no tracker of experiments."""
    name = replaced(call)
    return bool(name) and not SET.fullmatch(name) and not RECORDS.fullmatch(name)


@dataclass(frozen=True)
class Sources:
    """Where the project's data come from: its tracked files, and the public data sets that its own code loads."""

    tree: Tree
    public: frozenset[tuple[str, str]]
    # The folders of the project's own code, in lower case, each with all its endings: a/b, b.
    folders: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tree: Tree, modules: Modules) -> Self:
        calls = (call for module in modules if not is_test(module.path) for call in module.calls)
        keys = (public_key(call) for call in calls if PUBLIC.match(call.name))
        public = frozenset(key for key in keys if key[1] or not key[0].endswith("load_dataset"))
        own = {"/".join(folders_of(m.path)) for m in modules if is_main(m.path) and not is_test(m.path)}
        endings = {folder.split("/", cut)[-1] for folder in own for cut in range(folder.count("/") + 1)}
        return cls(tree, public, frozenset(endings - {""}))

    @cached_property
    def public_names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.public)

    def mirrors(self, path: str, depth: int) -> bool:
        """Whether the folders of a path, down to `depth`, are below a tests folder as they are in the code."""
        parts = folders_of(path)[:depth]
        below = next((at for at in range(depth, 0, -1) if parts[at - 1] in FIXTURES), depth)
        return "/".join(parts[below:]) in self.folders

    @cached_property
    def endings(self) -> dict[str, list[str]]:
        found = defaultdict[str, list[str]](list)
        for path in self.tree.by_path:
            found[path.rpartition("/")[2].removesuffix(".dvc")].append(path.removesuffix(".dvc"))
        return found

    def files(self, text: str) -> list[str]:
        near = text.lstrip("./")
        return [path for path in self.endings.get(near.rpartition("/")[2], ()) if f"/{path}".endswith(f"/{near}")]


@dataclass(frozen=True)
class Material:
    """`data` and `model` say what was found; they are empty where a test works with values of its own."""

    reach: Reach
    sources: Sources

    @cached_property
    def data(self) -> str:
        """The project's real data, as the test names it."""
        body = Body.of(self.reach.all, self.reach.loaders)
        public = body.calling(self.sources.public_names.__contains__)
        if loaded := next((call.name for call in public if public_key(call) in self.sources.public), ""):
            return loaded
        if not (any(map(READS.search, body.called)) or any(map(LOADS.search, body.called))):
            return ""
        texts = set(body.said)
        if path := next((text for text in sorted(texts) if self.is_data_path(text, texts)), ""):
            return path
        return "" if self.temporary else next(filter(None, map(self.named_data, body.calls)), "")

    def named_data(self, call: Call) -> str:
        """Data that the one who runs the tests names, or that a constant of the project does."""
        first = call.args[0] if call.args else next(iter(call.keywords.values()), None)
        if isinstance(first, str) and call.name.endswith(("getoption", "getenv", "environ.get")):
            return first if OPTION.search(first) else ""
        name = str(first.get("name", "")) if isinstance(first, dict) and READS.search(call.name) else ""
        return name if DATA_NAME.search(name) and name not in self.reach.found.function.args else ""

    def is_data_path(self, text: str, beside: set[str]) -> bool:
        """A data file or folder of the project, in git or not; no fixture, and nothing that the test wrote itself."""
        named, below = DATA_FILE.fullmatch(text), DATA_PATH.search(text)
        if not (named or below) or "\n" in text or text.startswith(("tests/", "test/")):
            return False
        if known := self.sources.files(text):
            return not all(is_fixture(path) for path in known)
        return bool(below or beside & {"data", "datasets", "raw"}) and not self.temporary

    @cached_property
    def temporary(self) -> bool:
        body = self.reach.all
        unasked = TEMPORARY.isdisjoint(chain(self.reach.found.function.args, *body.names))
        return not unasked or any(name.startswith("tempfile.") for name in body.called)

    @cached_property
    def literal(self) -> bool:
        """Whether it makes its own input in the code."""
        return not self.data and any(map(SYNTHETIC.search, self.reach.all.called))

    @cached_property
    def patched(self) -> bool:
        return any(map(is_stub, self.reach.all.calling(PATCHES.search)))

    @cached_property
    def unrecorded(self) -> bool:
        """Whether a tracker of experiments is replaced."""
        return any(RECORDS.fullmatch(replaced(call)) for call in self.reach.all.calling(PATCHES.search))

    @cached_property
    def properties(self) -> int:
        """How many properties of the data it asserts."""
        own = self.reach.own
        expected = len(self.reach.all.calling(lambda name: EXPECTS.search(name) or VALIDATES.search(name)))
        stated = sum(any(map(PROPERTIES.search, each.names)) for each in own.asserts if not each.trivial)
        stated += sum(call.name.startswith("self.assert") for call in own.calls) * any(
            map(PROPERTIES.search, own.called)
        )
        if not self.reach.project and not expected:
            stated = sum(any(map(SIZES.search, each.names)) for each in own.asserts if not each.trivial)
        if not stated and any(map(LEAKS.search, own.called)):
            stated = sum(not each.trivial for each in own.asserts)
        return max(expected, stated)

    @property
    def transforms(self) -> str:
        """The data-handling code or the model that the test itself calls, loading aside."""
        return next(filter(self.handles, self.reach.own.called), "")

    def handles(self, name: str) -> bool:
        own = any(name == called for _, called in self.reach.project)
        return bool(own and TRANSFORMS.search(name)) or name.endswith(
            (".fit", ".predict", ".transform", ".fit_transform")
        )

    @cached_property
    def model(self) -> str:
        """A trained model that is loaded, or one trained on the project's data."""
        called = self.reach.all.called
        made = self.temporary or any(map(WRITES.search, self.reach.own.called))
        if not made and (loaded := next(filter(MODELS.search, called), "")):
            return f"loads a model with {loaded}"
        trained = next(filter(FITS.search, called), "")
        return f"trains with {trained} on {self.data}" if trained and self.data else ""

    @cached_property
    def quality(self) -> str:
        """What it asserts of the model: a metric against a bound, or a behaviour."""
        own = self.reach.own
        for each in own.asserts:
            bound = any(sign.lstrip("<>=") not in {"0", "0.0"} for sign in each.bounds)
            metric = next((name for name in each.names if METRIC.search(name)), "")
            if metric and bound and not any(map(CLOSE.search, each.names)) and not each.trivial:
                return f"a bound on {metric}"
            if metric and "sorted" in each.names:
                return f"the order of {metric}"
        for call in own.calls:
            ordered = call.name.startswith(("self.assertGreater", "self.assertLess"))
            sized = any(map(SHAPES.search, names_in(call.args)))
            if ordered and not sized and call.args[1:2] not in ([0], [0.0]):
                return "a bound on a metric"
        behaviour = BEHAVIOUR.search(self.reach.words)
        compared = [each for each in own.asserts if not any(map(SHAPES.search, each.names)) and not each.trivial]
        if behaviour and (compared or any("assert" in name for name in own.called)):
            word = re.compile(rf"\w*{re.escape(behaviour[0].strip())}\w*").search(self.reach.words)
            return word[0] if word else behaviour[0]
        if self.model.startswith("loads") and any(
            any(map(PREDICTED.search, e.names)) and not e.bounds for e in compared
        ):
            return "what it predicts"
        return ""
