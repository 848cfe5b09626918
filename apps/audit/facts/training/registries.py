"""Names that the code gives to a registry of models; they say nothing of what the model is."""

from __future__ import annotations

from collections.abc import Iterable

from apps.audit.facts.python.modules import Call, Module
from apps.audit.regex import any_of, regex

REGISTERS = regex(
    r"(.*\.)?(register_model|create_model_version|create_registered_model|push_to_hub|save_to_hub|log_model_artifact"
    r"|transition_model_version_stage|set_registered_model_alias|link_model|link_artifact|upload_model|upload_folder|bentoml\.\w+\.save_model)"
    r"|azureml\.core(\.\w+)*\.Model\.register|(google\.cloud\.)?aiplatform\.Model\.upload|(.*\.)?_?wandb\.Artifact"
)
ASKS = regex(
    r".*\.(get_registered_model|get_latest_versions|get_model_version\w*|(update|delete)_(registered_)?model\w*|log_model|save_model)"
    r"|azureml\.core(\.model)?\.Model|azure\.ai\.ml\.entities\.Model"
)
USES_REGISTRY = any_of(REGISTERS, ASKS)
# What is named here is built, wherever it is registered afterwards.
BUILDS = regex(
    r"(?!mlflow\.)(.*[._])?((create|get|build|make|load|init|select|choose|train)(_\w+)?|from_pretrained|pipeline|getattr|[A-Z]\w*)"
)


def registered_names(modules: Iterable[Module]) -> frozenset[str]:
    """Names of variables, fields and options of which a registry gets the value and nothing builds a model."""
    given, built = set[str](), set[str]()
    for module in modules:
        for call in module.called(USES_REGISTRY):
            given |= set(names_in(call))
    for module in modules if given else ():
        for call in module.called(BUILDS.fullmatch):
            if not USES_REGISTRY(call.name):
                built |= set(names_in(call))
    return frozenset(given - built)


def names_in(call: Call) -> Iterable[str]:
    """The last part of each name that a call is given."""
    given = (value.get("name") for value in (*call.args, *call.keywords.values()) if isinstance(value, dict))
    return (name.rpartition(".")[2] for name in given if isinstance(name, str))
