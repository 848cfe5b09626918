"""How the tree fills the roles of the profile that it is closest to, and what stands elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.packages.dependencies import Dependencies
from apps.audit.facts.profiles import Profile, Profiles, Role, translate
from apps.audit.facts.project import Project, ProjectKind
from apps.audit.facts.training.training import Training
from apps.audit.facts.tree import Tree, is_template, is_vendored
from apps.audit.regex import regex
from apps.audit.snapshot import Json

# A service may be packaged, or trained beside.
FAMILIES = {ProjectKind.LIBRARY: ("library",), ProjectKind.SERVICE: ("training", "library")}


class Standing(StrEnum):
    """Whether a role of a profile is filled."""

    PRESENT = "present"
    MISPLACED = "misplaced"
    MISSING = "missing"


class Place(NamedTuple):
    """A role and what fills it, or what would fill it in another folder; `path` is empty for nothing."""

    role: Role
    standing: Standing
    path: str


@dataclass(frozen=True)
class Layout(Fact):
    """The closest profile of the project's families, role by role."""

    profile: Profile
    places: tuple[Place, ...]

    absent = "a project that no profile is for"

    @classmethod
    def read(
        cls,
        profiles: Profiles,
        project: Project,
        tree: Tree,
        configuration: Configuration,
        dependencies: Dependencies,
        training: Training | None,
    ) -> Self | None:
        if project.kind in {ProjectKind.COURSE, ProjectKind.NOTEBOOKS, ProjectKind.TEMPLATE}:
            return None
        profile = profiles.closest(*FAMILIES.get(project.kind, ("training",)))
        paths = [file.path for file in tree if not is_vendored(file.path) and not is_template(file.path)]
        # What other checks of the area go by fills a role whatever its name is.
        known = {
            "configuration": next((each.path for each in configuration), ""),
            "dependencies": next((each.path for each in dependencies.manifests), ""),
            "training": next((each.path for each in (training.scripts if training else ())), ""),
        }
        return cls(profile, tuple(placed(role, paths, known.get(role.name, "")) for role in profile.roles))

    def summary(self) -> Json:
        return {
            "profile": self.profile.name,
            "roles": [
                {
                    "role": each.role.name,
                    "state": each.standing,
                    "path": each.path,
                    "wanted": [path.strip("/") for path in each.role.wanted],
                }
                for each in self.places
            ],
        }


def placed(role: Role, paths: list[str], known: str) -> Place:
    if role.path:
        return Place(role, Standing.PRESENT, role.path)
    elsewhere = regex("|".join(translate(wanted.lstrip("/")) for wanted in role.wanted))
    path = next(filter(elsewhere.fullmatch, paths), "")
    if path or not known:
        return Place(role, Standing.MISPLACED if path else Standing.MISSING, path)
    return Place(role, Standing.PRESENT, known)
