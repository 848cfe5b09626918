"""Where code takes data from: what it fetches, and what it reads and does not write itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from apps.audit.facts.data.asked import Asked
from apps.audit.facts.data.data_loaders import (
    CHECKED,
    DOWNLOADERS,
    FILE_BUILDERS,
    FOLDERS,
    GRAPHS,
    KERAS_FILE,
    PINNED_BY,
    READERS,
    TABLE_URL,
    argument,
    helpers,
    is_data_url,
    is_formatted,
    is_joined,
    is_made_here,
    is_model,
    is_result,
    is_url,
    is_whole,
    only_reads,
    pin_of_name,
    pin_of_url,
    pinning,
)
from apps.audit.facts.data.data_places import Made, Places, Source
from apps.audit.facts.data.settings import Settings
from apps.audit.facts.data.store_sources import SPARK_READ, SQL, WAREHOUSE, store_of
from apps.audit.facts.python.modules import Call, Expression, Module, Modules
from apps.audit.facts.training.options import defaults
from apps.audit.regex import any_of, regex

# Calls that may write what one of their arguments names.
MAY_WRITE = regex(r".*\.(to_\w+|write_\w+|save\w*|dump|imwrite|urlretrieve|download\w*|extractall|makedirs|mkdir)|open")
READS = any_of(READERS, DOWNLOADERS)
COPIES = regex(r"shutil\.(copy\w*|move)|.*\.extractall")
# What is read by hand where a model is made of it.
FRAMEWORKS = {"torch", "tensorflow", "keras", "jax", "sklearn", "xgboost", "lightgbm"}
PLAIN_DATA = regex(r"(?!/|\.\./\.\.)[\w./-]+\.(txt|csv|tsv|jsonl|ndjson|np[yz]|parquet)", re.IGNORECASE)
NO_DATA = regex(
    r".*(vocab|class|label|lemma|synset|word|names|requirements|readme|licen[cs]e|merges|prompt|config).*",
    re.IGNORECASE,
)
# What a first argument is called where it is given by its name.
NAMED_FIRST = (
    *("path", "filepath_or_buffer", "url", "name", "root", "io", "source", "paths", "data", "directory"),
    *("query", "table"),
)
OTHERS = regex(r"datasets\.load_dataset|.*\.use_artifact")
IN_STORE, PINNED = any_of(SPARK_READ, SQL, WAREHOUSE), regex("|".join(map(re.escape, PINNED_BY)))
FETCHES = any_of(CHECKED, PINNED, OTHERS, GRAPHS, SPARK_READ, SQL, WAREHOUSE, READERS, DOWNLOADERS, KERAS_FILE)


class CodeSources:
    """Finds the sources of modules."""

    def __init__(self, modules: Modules, places: Places, asked: Asked, settings: Settings) -> None:
        self.places, self.asked, self.settings = places, asked, settings
        self.constants: dict[str, str] = {}
        self.named = dict[tuple[str, str, str, str], str | None]()
        for module in modules:
            for each in module.assignments:
                if each.target.isupper() and isinstance(each.value, str):
                    self.constants[each.target] = each.value
        # By the last part of their path.
        self.written = {name: made for module in modules for name, made in self.writings(module)}
        # What a stage writes and DVC keeps is pinned by its hash, wherever the stage got it from.
        stages = places.graph.dvc.stages if places.graph else ()
        self.kept = {dep.path for s in stages if any(o.cached and o.recorded for o in s.outs) for dep in s.deps}

        self.helpers = {name: place for module in modules for name, place in helpers(module)}

    def writings(self, module: Module) -> Iterator[tuple[str, Made]]:
        for call in module.called(MAY_WRITE.fullmatch):
            if call.name == "open" and only_reads(call):
                continue
            for value in (*call.args, *call.keywords.values()):
                if text := self.text(value, module, call) or self.joined(value, module, call):
                    name, made = posixpath.basename(text.rstrip("/")), Made(call.name, module.path, call.line)
                    yield name, made
                    # numpy puts its ending behind a name that has none.
                    yield from (
                        (f"{name}{ending}", made) for ending in (".npy", ".npz") if call.name.startswith("numpy.")
                    )

    def sources(self, module: Module) -> Iterator[Source]:
        checksum, given = any(name.startswith("hashlib.") for name in module.names), set[str]()
        for call in module.called(self.fetches):
            for source in self.of_call(module, call):
                given.add(source.name)
                if source.pinned_by:
                    yield source
                elif module.path in self.kept:
                    yield replace(source, pinned_by="DVC, as the output of its stage")
                elif self.lands_in_dvc(module, call):
                    yield replace(source, pinned_by="DVC, which holds where it is put")
                elif checksum and is_url(source.name):
                    yield replace(source, pinned_by="a checksum in the code")
                else:
                    yield source
        for each in module.classes:
            if base := next(filter(FOLDERS.fullmatch, each.bases), ""):
                yield Source(f"{each.name}, which is a {base},", module.path, each.line, "")
        loaded = {call.line for call in module.called(READS)}
        for text in module.texts:
            told = text.line in loaded or text.value in given
            if not told and is_data_url(text.value, TABLE_URL) and not checksum:
                yield Source(text.value, module.path, text.line, pin_of_url(text.value))

    def fetches(self, name: str) -> bool:
        return FETCHES(name) or name == "open" or name.rpartition(".")[2] in self.helpers

    def lands_in_dvc(self, module: Module, call: Call) -> bool:
        """Whether what is fetched goes to an output that DVC holds: by an argument, a copy in the same function, or a
        default of the function."""
        if READERS.fullmatch(call.name):
            return False
        copies = [each for each in module.called(COPIES.fullmatch) if each.scope == call.scope]
        values = [value for each in (call, *copies) for value in (*each.args, *each.keywords.values())]
        function = next((each for each in module.functions if each.name == call.scope), None)
        defaults = module.scopes.get(call.scope, ()) if function else ()
        values += [each.value for each in defaults if function and each.target in function.args]
        paths = filter(None, (self.text(value, module, call) for value in values))
        return any(not is_url(path) and self.places.keeps(path, posixpath.dirname(module.path)) for path in paths)

    def of_call(self, module: Module, call: Call) -> Iterator[Source]:
        place, first = (module.path, call.line), self.argument(call)
        last = call.name.rpartition(".")[2]
        store = store_of(call, module, self.text(first, module, call) or "") if IN_STORE(call.name) else None
        if store:
            yield Source(store[0], *place, store[1])
        elif call.name == "open":
            yield from self.opened(module, call)
        elif last in self.helpers:
            url = self.text(argument(call, *self.helpers[last]), module, call)
            if url and is_data_url(url):
                yield Source(url, *place, pin_of_url(url, call))
        elif call.name.endswith(".use_artifact") and (is_model(call) or is_made_here(call, module)):
            return
        elif CHECKED.fullmatch(call.name):
            yield Source(call.name, *place, "checksums of its own")
        elif call.name == "datasets.load_dataset" and isinstance(first, str) and first in FILE_BUILDERS:
            yield from self.locations(call.keywords.get("data_files", call.keywords.get("data_dir")), module, call)
        elif pinning(call.name) is not None or GRAPHS.fullmatch(call.name) or call.name.endswith(".use_artifact"):
            text = self.text(first, module, call) or ""
            if call.name.startswith("datasets.") and text.startswith(("./", "../", "/")):
                return
            name = f"{call.name}({text or '…'})" if not is_url(text) else text
            yield Source(name, *place, pin_of_name(call, text) or (pin_of_url(text, call) if is_url(text) else ""))
        elif READERS.fullmatch(call.name):
            yield from (found := list(self.locations(first, module, call)))
            given = FOLDERS.fullmatch(call.name) and self.is_given(first, module, call)
            if given or (not found and not self.text(first, module, call) and self.asked.for_data(first, module, call)):
                yield Source(f"{call.name}(…)", *place, "")
        elif DOWNLOADERS.fullmatch(call.name):
            url = self.text(first, module, call)
            if url and (is_data_url(url) or call.name.startswith("gdown")):
                yield Source(url, *place, pin_of_url(url, call))

    def opened(self, module: Module, call: Call) -> Iterator[Source]:
        """A table of the tree that is read by hand; or a file beside the code that neither git has nor the code writes,
        where models are made."""
        first = call.args[0] if call.args else None
        text = self.text(first, module, call) or ""
        name, place = posixpath.basename(text), (module.path, call.line)
        own = name in self.written or is_result(text) or NO_DATA.fullmatch(name)
        if own or not only_reads(call) or not PLAIN_DATA.fullmatch(text):
            return
        if known := self.places.find(text, posixpath.dirname(module.path)):
            if TABLE_URL.search(known):
                yield self.places.source(known, text, place)
        elif isinstance(first, str) and not FRAMEWORKS.isdisjoint(module.packages):
            yield Source(text, *place, "")

    def is_given(self, value: Expression, module: Module, call: Call) -> bool:
        """Whether a path is named by nothing that is seen here: an argument, an option."""
        return (
            not isinstance(value, str) and not self.text(value, module, call) and not self.joined(value, module, call)
        )

    def argument(self, call: Call) -> Expression:
        return call.args[0] if call.args else next((call.keywords[n] for n in NAMED_FIRST if n in call.keywords), None)

    def text(self, value: Expression, module: Module, call: Call) -> str | None:
        """A text, or the one that a name was given in this module or as a constant in another.

        A name that holds what was fetched before holds no source of its own.
        """
        if isinstance(value, str):
            return value
        name = value.get("name") if isinstance(value, dict) else None
        if not isinstance(name, str):
            return None
        key = (module.path, call.scope, call.name, name)
        if key not in self.named:
            self.named[key] = self.behind(name, module, call)
        return self.named[key]

    def behind(self, name: str, module: Module, call: Call) -> str | None:
        own = [a.value for a in module.assignments if a.target == name and a.scope in {call.scope, ""}]
        if any(fetches(each, call) for each in own):
            return None
        found = next((each for each in reversed(own) if isinstance(each, str)), None)
        last = name.rpartition(".")[2]
        option = (
            next((each for each in defaults(module, last) if isinstance(each, str)), None) if last != name else None
        )
        return found if own else option or self.constants.get(last) or self.settings.get(name)

    def joined(self, value: Expression, module: Module, call: Call) -> str | None:
        """The table whose name is put behind a folder: `join(folder, "a.csv")`, `folder / "a.csv"`."""
        name = value.get("name") if isinstance(value, dict) else None
        made = [a for a in module.assignments if name and a.target == name and a.scope in {call.scope, ""}]
        lines = {a.line for a in made} if name else {call.line}
        joins = next(filter(is_joined, (value, *(a.value for a in made))), None)
        near = [t.value.lstrip("/" if is_formatted(joins) else "") for t in module.texts if t.line in lines]
        near = [each for each in near if TABLE_URL.search(each)]
        known = (each for each in near if self.places.find(each, posixpath.dirname(module.path)))
        return next(known, None) or (next(filter(is_whole, near), None) if joins else None)

    def locations(self, value: Expression, module: Module, call: Call) -> Iterator[Source]:
        """The sources behind paths and URLs; a path that the code itself writes is none."""
        nested = value["dict"].values() if isinstance(value, dict) and "dict" in value else [value]
        for each in (item for one in nested for item in (one if isinstance(one, list) else [one])):
            text = self.text(each, module, call) or self.joined(each, module, call)
            if not text or "*" in text or "{" in text:
                continue
            name, place = posixpath.basename(text.rstrip("/")), (module.path, call.line)
            if is_url(text):
                yield Source(text, *place, pin_of_url(text, call))
            elif path := self.places.find(text, posixpath.dirname(module.path)):
                yield replace(self.places.source(path, text, place), made_by=self.written.get(name))
            elif name not in self.written and "." in name and not is_result(text):
                yield Source(text, *place, "")


def fetches(value: Expression, call: Call) -> bool:
    """Whether a value is what another call fetches."""
    name = str(value.get("call", "")) if isinstance(value, dict) else ""
    return name != call.name and (pinning(name) is not None or bool(DOWNLOADERS.fullmatch(name)))
