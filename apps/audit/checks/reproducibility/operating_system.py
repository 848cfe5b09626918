import re
from collections.abc import Iterator

from apps.audit.check import (
    Check,
    Effort,
    Evidence,
    Finding,
    NotApplicable,
    ProjectKind,
    Unknown,
    fails,
    ignores,
    passes,
)
from apps.audit.facts.packages.environment import Environment
from apps.audit.facts.packages.metadata import Metadata
from apps.audit.facts.project import Project
from apps.audit.facts.prose import Prose
from apps.audit.regex import regex

SYSTEM = regex(
    r"\b(ubuntu|debian|centos|fedora|rhel|red hat|rocky|alpine|windows|macos|mac os x?|os x)[ :-]{0,3}v?\d+"
    r"|\b(tested|developed|supported|built|trained|operating systems?)( only)?( on|:| under| is| are)[^.]{0,30}"
    r"\b(ubuntu|debian|linux|windows|macos|centos|unix|osx)\b",
    re.IGNORECASE,
)
CLASSIFIER = regex(r"Operating System :: (?!OS Independent)")


class OperatingSystem(Check):
    """The operating system is fixed or documented

    System libraries decide which wheels are installed and how floating-point sums come out. An image without a tag is
    another one next month.

    Fix: name the base image with a tag or a digest, and never latest:
        FROM python:3.11.9-slim-bookworm
    """

    weight = 1
    effort = Effort.MINUTES
    not_for = (ProjectKind.TEMPLATE,)

    def run(
        self, environment: Environment, prose: Prose, metadata: Metadata, project: Project
    ) -> Iterator[Finding | Evidence | Unknown | NotApplicable]:
        documented = [
            Evidence("the operating system is documented", each.path, number)
            for each in prose.guides
            for number, line in enumerate(each.lines, 1)
            if SYSTEM.search(line)
        ]
        documented += [
            Evidence(each.value, each.path, each.line)
            for distribution in metadata
            for each in distribution.classifiers
            if CLASSIFIER.match(each.value)
        ]
        yield from documented[:5]
        for image in environment.images:
            if image.is_fixed:
                yield Evidence(f"built on {image.name}", image.path, image.line)
            elif not documented:
                yield Finding(f"{image.name} may be another image tomorrow", image.path, image.line)
        if environment.images or documented:
            return
        if project.idle:
            yield NotApplicable(project.idle)
        else:
            yield from environment.unread or (
                Finding("no container image, and no README or guide that names the system"),
            )

    examples = (
        passes({"Dockerfile": "FROM python:3.11-slim AS base\nFROM base\n"}, "built on python:3.11-slim"),
        passes({"README.md": "# Churn\n\nTested on Ubuntu 22.04.\n"}, "documented"),
        passes({"docs/installation.rst": "Linux\n=====\n\nUbuntu 20.04 LTS or later.\n", "a.py": ""}, "documented"),
        fails({"docs/changelog.rst": "Mend what failed on Ubuntu 18.04.\n", "a.py": ""}, "no container image"),
        passes({"setup.py": "setup(name='a', classifiers=['Operating System :: POSIX :: Linux'])\n"}, "POSIX :: Linux"),
        ignores({"setup.py": "setup(name='a')\n", "a/__init__.py": "import click\n"}, "neither trains nor computes"),
        fails({"setup.py": "setup(name='a')\n", "a/__init__.py": "import numpy\n"}, "no container image"),
        fails({"Dockerfile": "FROM huggingface/transformers-pytorch-cpu:latest\n"}, "may be another image"),
        fails({"Dockerfile": "FROM amazon/aws-lambda-python\n"}, "may be another image"),
        fails(
            {"README.md": "# GPT\n\nNot available on all platforms (e.g. Windows).\n", "a.py": ""}, "no container image"
        ),
        ignores({"README.md": "Data.\n", "raw.csv.dvc": "outs: []\n"}, "no Python code"),
    )
