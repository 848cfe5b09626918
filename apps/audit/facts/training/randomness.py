"""Where chance is used, and where it is seeded; a seed that is null is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.projects import Projects
from apps.audit.facts.python.modules import Call, Module
from apps.audit.facts.training.seed_values import Place, SeedValues
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import is_main
from apps.audit.regex import any_of, regex


class Library(StrEnum):
    """What draws random numbers."""

    PYTHON = "random"
    NUMPY = "numpy"
    PYTORCH = "torch"
    TENSORFLOW = "tensorflow"


ALL = frozenset(Library)
NO_TENSORFLOW = ALL - {Library.TENSORFLOW}
SEEDERS = (
    (
        regex(
            r"tensorflow\.(compat\.v\d\.)?(random\.)?set_(random_)?seed|jax\.random\.(PRNGKey|key)"
            r"|(flax|haiku)\.\w*PRNGSequence|flax\.nnx\.Rngs"
        ),
        frozenset({Library.TENSORFLOW}),
    ),
    (
        regex(r"(lightning|lightning_fabric|pytorch_lightning)(\.\w+)*\.(seed_everything|isolate_rng)"),
        NO_TENSORFLOW,
    ),
    (regex(r"(transformers|accelerate)(\.\w+)*\.(set_seed|enable_full_determinism)"), ALL),
    (regex(r"transformers\.(\w*Trainer)|trl\.\w+Trainer|sentence_transformers\.SentenceTransformerTrainer"), ALL),
    (regex(r"(tensorflow\.|tf_)?keras\.utils\.set_random_seed"), ALL - {Library.PYTORCH}),
    (regex(r"random\.(seed|Random)"), frozenset({Library.PYTHON})),
    (regex(r"numpy\.random\.(seed|default_rng|RandomState|SeedSequence)"), frozenset({Library.NUMPY})),
    (regex(r"torch\.(cuda\.|mps\.|xpu\.|random\.)?manual_seed(_all)?"), frozenset({Library.PYTORCH})),
)
# Names that seed several libraries at once, wherever they come from.
HELPERS = (
    (regex(r"(.*\.)?(seed_everything|isolate_rng)"), NO_TENSORFLOW),
    (regex(r"(.*\.)?(set_seeds?|fix_seeds?|seed_all|set_global_seeds?|set_all_seeds|set_random_seeds?)"), ALL),
)
DRAWS = {
    Library.PYTHON: regex(
        r"random\.(random|randint|randrange|choices?|shuffle|sample|uniform|gauss|normalvariate|betavariate|expovariate"
        r"|triangular|getrandbits|Random)"
    ),
    Library.NUMPY: regex(
        r"numpy\.random\.(?!seed|RandomState|default_rng|SeedSequence|Generator|get_state|set_state|PCG64|MT19937|mtrand)\w+"
        r"|numpy\.random\.(default_rng|RandomState)"
    ),
}
IMPORTS = {
    Library.PYTORCH: {"torch", "pytorch_lightning", "lightning", "torchvision", "sentence_transformers", "accelerate"}
    | {"fastai"},
    Library.TENSORFLOW: {"tensorflow", "keras", "jax", "flax", "tf_keras"},
}
# An import alone draws nothing: these make weights or draw; loading a trained model does not.
MAKES = {
    Library.PYTORCH: regex(
        r"torch\.(rand\w*|normal|bernoulli|multinomial|nn\.(init\.\w+|[A-Z]\w+|Module)|optim\.\w+)|(.*\.)?random_split"
        r"|(.*\.)?LightningModule|(fastai\..*\.)?(\w+_learner|Learner|DataBlock)|torchvision\.transforms\.(\w+\.)?Random\w+|(.*\.)?DataLoader"
    ),
    Library.TENSORFLOW: regex(
        r"(tensorflow\.)?keras\.(layers|models|optimizers|applications)\.(?!load_model)\w+|(tensorflow\.)?keras\.[A-Z]\w+"
        r"|tensorflow\.(random|Variable|compat|layers|nn)\b.*|(jax\.random|flax|haiku|optax)\..*"
    ),
}
CHANCE = any_of(*(words for words, _ in (*SEEDERS, *HELPERS)), *DRAWS.values())


@dataclass(frozen=True)
class Randomness(Fact):
    """Draws, seeds and seeds that are null, by library; tests aside."""

    draws: tuple[tuple[Library, Place], ...]
    seeds: tuple[tuple[Library, Place], ...]
    # Seeding calls that get no seed, with the place where its value is missing.
    unset: tuple[tuple[Library, Place], ...]
    projects: Projects

    absent = "no Python code"

    @classmethod
    def read(cls, values: SeedValues, training: Training | None, projects: Projects) -> Self:
        draws, seeds, unset = (
            list[tuple[Library, Place]](),
            list[tuple[Library, Place]](),
            list[tuple[Library, Place]](),
        )
        trained = {each.path for each in training or ()}
        for module in sorted(values.modules, key=lambda module: module.path not in trained):
            for library, packages in IMPORTS.items():
                if not (module.path in trained or makes(module, MAKES[library])):
                    continue
                if used := next((each for each in module.imports if each.name.partition(".")[0] in packages), None):
                    draws.append((library, Place(used.name, module.path, used.line)))
            for call in module.called(CHANCE):
                place = Place(call.name, module.path, call.line)
                draws += [(library, place) for library, words in DRAWS.items() if words.fullmatch(call.name)]
                if libraries := seeded_by(call, values):
                    missing = values.missing(call, module)
                    found = unset if missing else seeds
                    found += [(library, missing or place) for library in sorted(libraries)]
        return cls(tuple(draws), tuple(seeds), tuple(unset), projects)

    def uses(self, library: Library) -> list[Place]:
        return [place for each, place in self.draws if each is library]

    def seeded(self, library: Library) -> list[Place]:
        return [place for each, place in self.seeds if each is library]

    def missing(self, library: Library) -> list[Place]:
        return [place for each, place in self.unset if each is library]

    def seeded_for(self, library: Library, path: str) -> list[Place]:
        """The seeds of the program that a file belongs to: of its project folder, and of what is in none."""
        near = {self.projects.of(path), ""}
        seeds = [place for place in self.seeded(library) if self.projects.of(place.path) in near]
        return [place for place in seeds if serves(place.path, path)]

    def unseeded(self, library: Library, *, drawn: bool = True) -> Iterator[tuple[Place, bool]]:
        """For each program without a seed, the seeds that are null (then True) or else the first draw.

        With `drawn`, null seeds count only where something is drawn.
        """
        null = self.missing(library)
        for project in dict.fromkeys(self.projects.of(each.path) for each in (*self.uses(library), *null)):
            draws, unset = (
                [e for e in many if self.projects.of(e.path) == project] for many in (self.uses(library), null)
            )
            for first in programs(draws) if drawn or draws else unset[:1]:
                if not self.seeded_for(library, first.path):
                    own = [each for each in unset if not are_apart(each.path, first.path)]
                    yield from ((place, True) for place in own) if own else [(first, False)]

    @cached_property
    def libraries(self) -> frozenset[Library]:
        return frozenset(library for library, _ in (*self.draws, *self.seeds, *self.unset))


def programs(draws: list[Place]) -> list[Place]:
    """The first draw of a project folder, which is one program; of nothing but notebooks, that of each notebook."""
    if not all(each.path.endswith(".ipynb") for each in draws):
        return draws[:1]
    return list({each.path: each for each in reversed(draws)}.values())[::-1]


def are_apart(one: str, other: str) -> bool:
    """Whether these are two notebooks, each a program of its own."""
    return one != other and one.endswith(".ipynb") and other.endswith(".ipynb")


def serves(seeding: str, path: str) -> bool:
    """Whether a seed is of the same program as a file: an example or notebook sets it for what is in its folder."""
    if are_apart(seeding, path):
        return False
    return is_main(seeding) or f"{path.rpartition('/')[0]}/".startswith(f"{seeding.rpartition('/')[0]}/")


def makes(module: Module, words: re.Pattern[str]) -> bool:
    bases = (base for each in module.classes for base in each.bases)
    return any(map(words.fullmatch, (*module.names, *bases)))


def seeded_by(call: Call, values: SeedValues) -> frozenset[Library]:
    """The libraries that a call seeds; a helper of the repository is judged by what stands in it."""
    helpers = () if call.name.rpartition(".")[2] in values.functions else HELPERS
    return next((libraries for words, libraries in (*SEEDERS, *helpers) if words.fullmatch(call.name)), frozenset())
