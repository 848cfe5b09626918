"""Where data are split into training, validation and test sets, and what makes each split come out the same again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.documents import Document
from apps.audit.facts.python.modules import Call, Expression, Function, Module
from apps.audit.facts.training.choices import entries
from apps.audit.facts.training.columns import by_column, column_in
from apps.audit.facts.training.named_parts import by_keyword, in_folders
from apps.audit.facts.training.queries import in_files, splits_in
from apps.audit.facts.training.randomness import DRAWS, Library, Randomness
from apps.audit.facts.training.seed_values import SeedValues
from apps.audit.facts.training.sliced import PARTS, hashed, sliced
from apps.audit.facts.tree import Tree
from apps.audit.regex import any_of, regex

SHUFFLED = regex(
    r"(.*\.)?(train_test_split|ShuffleSplit|StratifiedShuffleSplit|GroupShuffleSplit|RepeatedKFold|RepeatedStratifiedKFold"
    r"|randomSplit|random_train_test_split)"
)
FOLDS = regex(r"(.*\.)?(KFold|StratifiedKFold|StratifiedGroupKFold)")
ORDERED = regex(r"(.*\.)?(TimeSeriesSplit|LeaveOneOut|GroupKFold|LeaveOneGroupOut|PredefinedSplit|LeavePOut)")
TORCH = regex(r"(torch\.utils\.data\.(dataset\.)?)random_split|torch\.utils\.data\.SubsetRandomSampler")
FASTAI = regex(r"(fastai\.(\w+\.)*)?RandomSplitter")
FOLDERS = regex(r".*\.(image|text|audio)_dataset_from_directory")
PREDEFINED = regex(
    r"datasets\.load_dataset|tensorflow_datasets\.(load|builder)|(tensorflow\.)?keras\.datasets\.\w+\.load_data"
    r"|(fastai\.(\w+\.)*)?(GrandparentSplitter|ColSplitter|FileSplitter)"
)
VISION = regex(r"torchvision\.datasets\.\w+")
# Where fastai takes the share of the rows that it keeps for validation.
LOADERS = regex(r"(.*\.)?from_\w+")
SPLITS = any_of(SHUFFLED, FOLDS, ORDERED, TORCH, FASTAI, FOLDERS, PREDEFINED, VISION, LOADERS)
SEEDS = ("random_state", "seed", "random_seed", "generator", "rng")


NAMED_PART = regex(
    r"(train|test|val|valid|validation)_(periods?|years?|months?|dates?|ids?|folds?|files?|range|regions?|sites?"
    r"|(?P<place>dir|folder|paths?|set|split|dataset|data|csv))"
)
# Generators of their own, and whose generator the calls of a library use.
GENERATORS = regex(r"numpy\.random\.(default_rng|RandomState)|random\.Random")
GENERATOR = regex(r"rng|gen|random|rs$", re.IGNORECASE)
SHUFFLERS = (("random.", Library.PYTHON), ("torch.", Library.PYTORCH), ("numpy.", Library.NUMPY))


class Split(NamedTuple):
    """One split. `kept_by` says what makes it come out the same again; empty for nothing."""

    what: str
    path: str
    line: int
    kept_by: str


@dataclass(frozen=True)
class Splits(Fact):
    """Every split in code and notebooks, tests aside."""

    splits: tuple[Split, ...]

    absent = "no split of data"

    @classmethod
    def read(cls, values: SeedValues, configuration: Configuration, randomness: Randomness, tree: Tree) -> Self | None:
        reader = Reader(values, randomness)
        found = [split for module in values.modules for split in reader.splits(module)]
        found += [split for document in configuration.values() for split in written(document)]
        found += [Split(each.what, path, each.line + 1, each.kept_by) for path, each in in_files(tree)]
        return cls(tuple(found)) if found else None

    def __iter__(self) -> Iterator[Split]:
        return iter(self.splits)


def written(document: Document) -> Iterator[Split]:
    """Parts that configuration names one beside the other: `train_years` and `test_years`."""
    given = {keys: value for keys, value in entries(document) if value not in (None, [], {})}
    for keys in given:
        part = NAMED_PART.fullmatch(keys[-1])
        # Where a part lies is a text; a number beside such a name is a share.
        if part and part[1] == "train" and not (part["place"] and isinstance(given[keys], int | float)):
            others = [(*keys[:-1], f"{other}_{part[2]}") for other in ("test", "val", "valid", "validation")]
            if other := next((each for each in others if each in given), None):
                what = f"{keys[-1]} beside {other[-1]}"
                yield Split(what, document.path, document.line(*keys) or 1, "what configuration names")


class Reader:
    """Finds the splits of modules."""

    def __init__(self, values: SeedValues, randomness: Randomness) -> None:
        self.values, self.randomness = values, randomness

    def splits(self, module: Module) -> Iterator[Split]:
        for call in module.called(SPLITS):
            if (kept := self.kept_by(call, module)) is not None:
                yield Split(call.name, module.path, call.line, kept)
        for what, line, kept_by in (*in_folders(module), *by_keyword(module), *hashed(module)):
            yield Split(what, module.path, line, kept_by)
        for text in module.texts:
            yield from (Split(each.what, module.path, text.line, each.kept_by) for each in splits_in(text.value))
        yield from (Split(what, module.path, line, "that column") for what, line in by_column(module))
        cut = list(sliced(module))
        for each in cut:
            kept_by = self.shuffled_by(each.shuffle, module) if each.shuffle else "its order"
            yield Split(each.what, module.path, each.line, kept_by)
        yield from self.by_hand(module, {each.scope for each in cut})

    def shuffled_by(self, call: Call, module: Module) -> str:
        """What keeps the order in which a call leaves the rows."""
        receiver = call.name.rpartition(".")[0]
        lines = {each.line for each in module.targets.get(receiver, ())} | {call.line}
        makers = [each for each in module.called(GENERATORS.fullmatch) if each.line in lines]
        if makers and (receiver.endswith("()") or receiver in module.targets):
            return "" if self.values.missing(makers[0], module) else f"{makers[0].name}, which gets a seed"
        if any(receiver in each.args and GENERATOR.search(receiver) for each in module.functions):
            return "the generator that it is given"
        library = next((library for name, library in SHUFFLERS if call.name.startswith(name)), None)
        own = Library.TENSORFLOW if "tensorflow" in module.packages else Library.NUMPY
        return self.seed(call, module, library or own)

    def kept_by(self, call: Call, module: Module) -> str | None:
        """What keeps the split that a call makes; None where it makes none."""
        last = call.name.rpartition(".")[2]
        if ORDERED.fullmatch(call.name):
            return "its order"
        if PREDEFINED.fullmatch(call.name) or (VISION.fullmatch(call.name) and "train" in call.keywords):
            return "the data set, which brings its own split"
        if last in self.values.functions and "." not in call.name:
            return None
        if SHUFFLED.fullmatch(call.name):
            return "its order" if is_ordered(call, module) else self.seed(call, module, Library.NUMPY)
        if FOLDS.fullmatch(call.name):
            shuffled = call.keywords.get("shuffle") is True
            return self.seed(call, module, Library.NUMPY) if shuffled else "its order"
        if TORCH.fullmatch(call.name) or FASTAI.fullmatch(call.name) or is_share(call.keywords.get("valid_pct")):
            return self.seed(call, module, Library.PYTORCH)
        if FOLDERS.fullmatch(call.name) and "validation_split" in call.keywords:
            return "its order" if is_ordered(call, module) else self.seed(call, module, Library.TENSORFLOW)
        return None

    def seed(self, call: Call, module: Module, library: Library) -> str:
        for name in SEEDS:
            if name in call.keywords:
                missing = self.values.null(call.keywords[name], call, module)
                return "" if missing else f"its {name}"
        if "**" in call.keywords:
            return "the arguments that it is given"
        if call.name.endswith((".randomSplit", "RandomSplitter")) and len(call.args) > 1:
            return "its seed"
        return self.followed(module, library)

    def followed(self, module: Module, library: Library) -> str:
        """The seed of the whole program that a split without one of its own follows; a notebook has only its own."""
        seeds = self.randomness.seeded_for(library, module.path)
        near = [seed for seed in seeds if seed.path == module.path]
        if library is Library.NUMPY:
            near = [seed for seed in near if not seed.what.endswith(("default_rng", "RandomState", "SeedSequence"))]
            seeds = [seed for seed in seeds if not seed.what.startswith("numpy.")]
        found = near or ([] if module.is_notebook else seeds)
        return f"{found[0].what} in {found[0].path}" if found else ""

    def by_hand(self, module: Module, cut: set[str]) -> Iterator[Split]:
        """A function that draws at random and speaks of both training and test data; a part that is drawn outside.

        Where the parts are cut, what is drawn beside them is something else.
        """
        yield from self.drawn(module)
        for function in module.functions:
            if not parts_of(function, module) or function.name in cut:
                continue
            inside = [call for call in module.calls if call.scope == function.name]
            filled = {name for call in inside if call.name.endswith(".fillna") for name in called_in(call.args)}
            calls = [call for call in inside if is_draw(call.name) and call.name not in filled]
            for library, words in DRAWS.items():
                drawn = next((call for call in calls if words.fullmatch(call.name)), None)
                if drawn:
                    kept = sorted(self.randomness.seeded_for(library, module.path), key=lambda s: s.path != module.path)
                    what = f"{function.name} draws with {drawn.name}"
                    yield Split(what, module.path, drawn.line, f"{kept[0].what} in {kept[0].path}" if kept else "")

    def drawn(self, module: Module) -> Iterator[Split]:
        """Parts that are drawn outside of functions, and columns that say at random which part a row is of."""
        outside = [each for each in module.assignments if not each.scope]
        both = all(any(part.search(each.target) for each in outside) for part in PARTS)
        for each in module.assignments:
            made = str(each.value.get("call", "")) if isinstance(each.value, dict) else ""
            library = next((library for library, words in DRAWS.items() if words.fullmatch(made)), None)
            column = column_in(module, each.line) if library else ""
            part = both and not each.scope and any(part.search(each.target) for part in PARTS)
            if library and is_draw(made) and (part or column):
                what = f"{column or each.target} = {made}(…)"
                yield Split(what, module.path, each.line, self.followed(module, library))


def called_in(values: list[Expression]) -> Iterator[str]:
    yield from (str(each["call"]) for each in values if isinstance(each, dict) and "call" in each)


def is_draw(name: str) -> bool:
    """Whether a call draws; a generator that is only made may be for anything."""
    return name.rpartition(".")[2] not in {"default_rng", "RandomState", "Random"}


def is_share(value: Expression) -> bool:
    """Whether loaders of fastai are told to keep a random share of the rows for validation."""
    return value is not None and value != 0


def is_ordered(call: Call, module: Module) -> bool:
    """Whether it is told not to shuffle, by a constant of the module if need be."""
    value = call.keywords.get("shuffle")
    name = value.get("name") if isinstance(value, dict) else None
    return value is False or any(each.value is False for each in module.assignments if name and each.target == name)


def parts_of(function: Function, module: Module) -> bool:
    names = [*function.args, *(each.target for each in module.scopes.get(function.name, ()))]
    return all(any(map(part.search, names)) for part in PARTS)
