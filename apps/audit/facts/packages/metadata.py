"""What a project says of itself as a package: name, licence, Python versions, commands, importable packages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.documents import Document, Documents
from apps.audit.facts.packages.setup_script import parse_setup
from apps.audit.facts.tree import Tree, is_fixture, is_template
from apps.audit.snapshot import File, Json, Unknown, derive

# The name of a distribution whose setup.py computes it.
COMPUTED = "(computed)"


class Entry(NamedTuple):
    """One thing that the metadata says, and where."""

    value: str
    path: str
    line: int | None


@dataclass(frozen=True)
class Distribution:
    """One pyproject.toml, setup.cfg or setup.py that names a package."""

    path: str
    line: int | None
    name: str
    licence: Entry | None = None
    requires_python: Entry | None = None
    scripts: tuple[Entry, ...] = ()
    # Names of importable packages, where the metadata lists them; `find_packages()` and the like are "find:".
    packages: tuple[str, ...] = ()
    # Classifiers as PyPI knows them.
    classifiers: tuple[Entry, ...] = ()

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


@dataclass(frozen=True)
class Metadata(Fact):
    """Every distribution of the tree, tests and unrendered templates aside."""

    distributions: tuple[Distribution, ...]
    # Files that could name a package and do not: tools' settings only.
    unnamed: tuple[str, ...] = ()
    unread: tuple[Unknown, ...] = ()

    @classmethod
    def read(cls, tree: Tree, documents: Documents) -> Self:
        files = [file for file in tree.named("pyproject.toml", "setup.cfg", "setup.py") if is_own(file)]
        scripts = derive((file for file in files if file.name == "setup.py"), parse_setup)
        found = {file.path: from_setup(file.path, parsed) for file, parsed in scripts}
        for file in files:
            if file.name != "setup.py":
                document = documents.of(file)
                found[file.path] = (from_pyproject if file.suffix == ".toml" else from_setup_cfg)(document)
        named = [each for _, each in sorted(found.items()) if each]
        unnamed = [path for path, each in sorted(found.items()) if each is None]
        return cls(tuple(named), tuple(unnamed), scripts.unread)

    def __iter__(self) -> Iterator[Distribution]:
        return iter(self.distributions)


def is_own(file: File) -> bool:
    return not is_template(file.path) and not is_fixture(file.path)


def from_pyproject(document: Document) -> Distribution | None:
    """[project], or poetry's table."""
    for table in (("project",), ("tool", "poetry")):
        entries = document.table(*table)
        if isinstance(name := entries.get("name"), str):
            return Distribution(
                document.path,
                document.line(*table),
                name,
                licence_of(document, table),
                python_of(document, table),
                tuple(scripts_of(document, table)),
                tuple(packages_of(document)),
                tuple(classifiers_of(document, table)),
            )
    return None


def licence_of(document: Document, table: tuple[str, ...]) -> Entry | None:
    value = document.get(*table, "license")
    if isinstance(value, dict):
        value = value.get("text") or (f"the file {value['file']}" if value.get("file") else None)
    if isinstance(value, str) and value.strip():
        return Entry(value.strip().partition("\n")[0], document.path, document.line(*table, "license"))
    return next((each for each in classifiers_of(document, table) if each.value.startswith("License ::")), None)


def classifiers_of(document: Document, table: tuple[str, ...]) -> Iterator[Entry]:
    for index, classifier in enumerate(document.items(*table, "classifiers")):
        yield Entry(str(classifier), document.path, document.line(*table, "classifiers", index))


def python_of(document: Document, table: tuple[str, ...]) -> Entry | None:
    for key in (("requires-python",), ("dependencies", "python")):
        if isinstance(value := document.get(*table, *key), str):
            return Entry(value, document.path, document.line(*table, *key))
    return None


def scripts_of(document: Document, table: tuple[str, ...]) -> Iterator[Entry]:
    for key in ("scripts", "gui-scripts"):
        for name, target in document.table(*table, key).items():
            yield Entry(f"{name} = {target}", document.path, document.line(*table, key, name))


def packages_of(document: Document) -> Iterator[str]:
    for item in document.items("tool", "poetry", "packages"):
        if isinstance(item, dict) and isinstance(item.get("include"), str):
            yield item["include"].partition("/")[0]
    yield from (str(item) for item in document.items("tool", "setuptools", "packages"))
    if document.get("tool", "setuptools", "packages", "find") is not None:
        yield "find:"
    for item in document.items("tool", "hatch", "build", "targets", "wheel", "packages"):
        yield str(item).rpartition("/")[2]


def from_setup_cfg(document: Document) -> Distribution | None:
    name = document.get("metadata", "name")
    if not isinstance(name, str):
        return None

    def entry(*key: str) -> Entry | None:
        value = document.get(*key)
        return Entry(value, document.path, document.line(*key)) if isinstance(value, str) and value else None

    files = entry("metadata", "license_files")

    listed = str(document.get("options.entry_points", "console_scripts") or "").splitlines()
    line = document.line("options.entry_points", "console_scripts")
    classified = str(document.get("metadata", "classifiers") or "").strip().splitlines()
    return Distribution(
        document.path,
        document.line("metadata"),
        name,
        entry("metadata", "license") or (files and files._replace(value=f"the file {files.value}")),
        entry("options", "python_requires"),
        tuple(Entry(each.strip(), document.path, line) for each in listed if each.strip()),
        tuple(str(document.get("options", "packages") or "").split()),
        tuple(Entry(each.strip(), document.path, document.line("metadata", "classifiers")) for each in classified),
    )


def from_setup(path: str, parsed: Json) -> Distribution | None:
    keywords, lines = parsed["keywords"], parsed["lines"]
    if not parsed["called"]:
        return None
    name = keywords.get("name")

    def entry(key: str) -> Entry | None:
        value = keywords.get(key)
        return Entry(value, path, lines[key]) if isinstance(value, str) and value else None

    texts = (text for text in as_list(keywords.get("classifiers")) if isinstance(text, str))
    classifiers = tuple(Entry(text, path, lines["classifiers"]) for text in texts)
    licences = (each for each in classifiers if each.value.startswith("License ::"))
    licence = entry("license") or next(licences, None)
    points = keywords.get("entry_points")
    scripts = as_list(points.get("console_scripts")) if isinstance(points, dict) else []
    packages = keywords.get("packages")
    found = ["find:"] if isinstance(packages, dict) else [text for text in as_list(packages) if isinstance(text, str)]
    found += [text for text in as_list(keywords.get("py_modules")) if isinstance(text, str)]
    return Distribution(
        path,
        lines.get("name"),
        name if isinstance(name, str) else COMPUTED,
        licence,
        entry("python_requires"),
        tuple(Entry(text, path, lines["entry_points"]) for text in scripts if isinstance(text, str)),
        tuple(found),
        classifiers,
    )


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
