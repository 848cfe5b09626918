"""The environment that the files name: container images, and versions of Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.automation.workflows import Workflows
from apps.audit.facts.documents import Document, Documents
from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.tree import Tree, is_template, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import File, Json, Unknown, derive

DOCKERFILE = regex(r"(.*[-_.])?(dockerfile|containerfile)([-_.].*)?", re.IGNORECASE)
FROM = regex(r"\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*(?:#.*)?", re.IGNORECASE)
ARGUMENT = regex(r"\s*ARG\s+(\w+)=[\"']?([^\s\"']+)", re.IGNORECASE)
VARIABLE = regex(r"\$\{?(\w+)(?::-[^}]*)?\}?")
PYTHON_IN_IMAGE = regex(r"python(?:[:=-]{0,2}|3?:)(3\.\d+)")
VERSION = regex(r"(?:python-)?3\.\d+(?:\.\d+|\.\*)?")
BOUNDED = regex(r"<|==|~|\^|^=|^v?3\.\d+(\.\d+|\.\*)?$")
MINOR = regex(r"Programming Language :: Python :: (3\.\d+)")
CI_KEY = regex(r"(setup-)?(uv[-_])?py(thon)?([-_.]?versions?)?|pyver", re.IGNORECASE)
FILES = (".python-version", "runtime.txt", ".tool-versions", "mise.toml", ".mise.toml", "pixi.toml", "Pipfile")
DEEPEST = 12


class Image(NamedTuple):
    """A container image that something is built on."""

    name: str
    path: str
    line: int

    @property
    def is_fixed(self) -> bool:
        """Whether a tag other than latest, or a digest, says which one."""
        tag = self.name.rpartition("/")[2].partition(":")[2]
        return "@sha256:" in self.name or (bool(tag) and tag != "latest")


class PythonVersion(NamedTuple):
    """A version or a range of Python. `bounded`: one version, or a range with an upper end."""

    text: str
    bounded: bool
    path: str
    line: int | None


@dataclass(frozen=True)
class Environment(Fact):
    """Images of Dockerfiles and dev containers, and every version of Python that a file other than prose names."""

    images: tuple[Image, ...]
    pythons: tuple[PythonVersion, ...]
    unread: tuple[Unknown, ...]

    @classmethod
    def read(
        cls,
        tree: Tree,
        documents: Documents,
        metadata: Metadata,
        dependencies: Dependencies,
        workflows: Workflows | None,
    ) -> Self:
        files = [file for file in tree if not is_vendored(file.path) and not is_template(file.path)]
        docker = derive((file for file in files if DOCKERFILE.fullmatch(file.name)), parse_dockerfile)
        containers = derive((file for file in files if is_dev_container(file)), parse_dev_container)
        found = [
            (file, *each) for derived in (docker, containers) for file, parsed in derived for each in parsed["images"]
        ]
        images = tuple(Image(name, file.path, line) for file, name, line in found)
        pythons = [
            PythonVersion(text, True, file.path, line) for file, parsed in docker for text, line in parsed["pythons"]
        ]
        pythons += [
            PythonVersion(match[1], True, each.path, each.line)
            for each in images
            if (match := PYTHON_IN_IMAGE.search(each.name))
        ]
        for each in metadata:
            if entry := each.requires_python:
                pythons.append(PythonVersion(entry.value, is_bounded(entry.value), entry.path, entry.line))
            named = ((MINOR.fullmatch(entry.value), entry) for entry in each.classifiers)
            pythons += [PythonVersion(match[1], True, entry.path, entry.line) for match, entry in named if match]
        for package in dependencies.packages:
            if package.name == "python" and package.specifier:
                bounded = is_bounded(package.specifier)
                pythons.append(PythonVersion(package.specifier, bounded, package.path, package.line))
        pythons += [
            each for file in tree.named(*FILES) if not is_template(file.path) for each in of_file(file, documents)
        ]
        for path in sorted({pipeline.path for pipeline in workflows or ()}):
            pythons += of_workflow(documents.get(path))
        return cls(images, tuple(pythons), (*docker.unread, *containers.unread))


def is_bounded(text: str) -> bool:
    return bool(BOUNDED.search(text.strip()))


def is_dev_container(file: File) -> bool:
    return file.name in {"devcontainer.json", ".devcontainer.json"}


def parse_dockerfile(content: bytes) -> Json:
    """`images` and `pythons` as [text, line]; stages built on one another are no images."""
    images, pythons, arguments, stages = list[Json](), list[Json](), dict[str, str](), {"scratch"}
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        if match := ARGUMENT.match(line):
            arguments[match[1]] = match[2]
        elif match := FROM.fullmatch(line):
            name = VARIABLE.sub(lambda found: arguments.get(found[1], found[0]), match[1])
            if name not in stages and "$" not in name:
                images.append([name, number])
            stages.add(match[2] or name)
        elif not line.lstrip().startswith("#") and (found := PYTHON_IN_IMAGE.search(line)):
            pythons.append([found[1], number])
    return {"images": images, "pythons": pythons}


def parse_dev_container(content: bytes) -> Json:
    """The image of a dev container, whose JSON may hold comments."""
    lines = content.decode("utf-8", "replace").splitlines()
    found = ((re.match(r'\s*\{?\s*"image"\s*:\s*"([^"]+)"', line), number) for number, line in enumerate(lines, 1))
    return {"images": [[match[1], number] for match, number in found if match]}


def of_file(file: File, documents: Documents) -> Iterator[PythonVersion]:
    if file.suffix == ".toml" or file.name == "Pipfile":
        document = documents.of(file)
        for keys in (("tools", "python"), ("requires", "python_version"), ("requires", "python_full_version")):
            if isinstance(value := document.get(*keys), str):
                yield PythonVersion(value, is_bounded(value), file.path, document.line(*keys))
        return
    lines = file.derive(parse_lines)
    for number, line in enumerate([] if isinstance(lines, Unknown) else lines, 1):
        if match := VERSION.search(line) if file.name != ".tool-versions" or line.startswith("python") else None:
            yield PythonVersion(match[0], True, file.path, number)
            return


def parse_lines(content: bytes) -> Json:
    return content.decode("utf-8", "replace").splitlines()[:50]


def of_workflow(document: Document | None) -> Iterator[PythonVersion]:
    """What keys such as `python-version` say in CI, lists of a matrix too, and images of Python."""
    waiting: list[tuple[tuple[str | int, ...], Any, str]] = [((), document.value, "")] if document else []
    while waiting and document:
        place, value, key = waiting.pop()
        if isinstance(value, dict) and len(place) < DEEPEST:
            waiting += [((*place, name), each, str(name)) for name, each in reversed(value.items())]
        elif isinstance(value, list) and len(place) < DEEPEST:
            waiting += [((*place, index), each, key) for index, each in reversed(list(enumerate(value)))]
        elif CI_KEY.fullmatch(key) and (match := VERSION.fullmatch(str(value).strip())):
            yield PythonVersion(match[0], True, document.path, document.line(*place))
        elif (
            key in {"image", "name", "container"}
            and (match := PYTHON_IN_IMAGE.search(str(value)))
            and ":" in str(value)
        ):
            yield PythonVersion(match[1], True, document.path, document.line(*place))
