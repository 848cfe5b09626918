"""The layer of a test, with the reason: where it is and how it is marked, then what it does, then unit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum

from apps.audit.facts.python.modules import Call, Text
from apps.audit.facts.suite.material import Material, Sources
from apps.audit.facts.suite.reach import Reach
from apps.audit.facts.suite.traits import is_assertion
from apps.audit.facts.suite.vocabulary import (
    CLIENTS,
    COMPOSES,
    DEPLOYED,
    EVALUATES,
    FETCHES,
    LOOPS,
    PIPELINE,
    PROCESSES,
    PUBLISHED,
    RECORDS,
    REQUESTS,
    RUNS,
    SERVICE,
    STARTED,
    STARTS,
    TRAINS,
    WHOLE,
)
from apps.audit.facts.tree import folders_of
from apps.audit.regex import regex


class Layer(StrEnum):
    """From the broad base to the narrow top, then the two that only learning systems have."""

    UNIT = "unit"
    INTEGRATION = "integration"
    END_TO_END = "end_to_end"
    DATA_QUALITY = "data_quality"
    MODEL_QUALITY = "model_quality"


WORDS: dict[Layer, re.Pattern[str]] = {
    Layer.UNIT: regex(r"(tests?_)?units?(_?tests?)?"),
    Layer.INTEGRATION: regex(r"(tests?_)?(integrations?|functional|component|contract)(_?tests?)?"),
    Layer.END_TO_END: regex(r"(tests?_)?(e2e|end_?(to|2)_?end|system|acceptance|smoke)(_?tests?)?"),
    Layer.DATA_QUALITY: regex(
        r"(tests?_)?(data_?(quality|validation|validity|integrity|contracts?|expectations)|great_expectations)(_?tests?)?"
    ),
    Layer.MODEL_QUALITY: regex(
        r"(tests?_)?(model_?(quality|validation|evaluation|behaviou?r|performance)|behaviou?ral|fairness|robustness)(_?tests?)?"
    ),
}
QUALITY = {Layer.DATA_QUALITY, Layer.MODEL_QUALITY}
# In names of files only these speak for themselves: "data_quality" may name the code that is tested.
NAMED = {
    Layer.INTEGRATION: regex(r"(^|_)integration(_|$)"),
    Layer.END_TO_END: regex(r"(^|_)(e2e|end_to_end|end2end)(_|$)"),
}
REFUSALS = ("raises", "assertRaises", "assertRaisesRegex")
# Modules that a test must join; more where its file is named after the one that it tests: those that it calls itself,
# or with those that only its fixtures call, which hand it its input.
FEWEST_COMPONENTS, FEWEST_AROUND_A_SUBJECT, FEWEST_WITH_FIXTURES = 3, 4, 7
ARGUMENTS, LISTINGS = ("argv", "args"), ("os.listdir", "glob", "iterdir", "scandir")

Judged = tuple[Layer, str] | None


def judge(reach: Reach, markers: tuple[str, ...], material: Material) -> tuple[Layer, str]:
    rules: tuple[Callable[[], Judged], ...] = (
        lambda: by_place(reach.found.index.module.path, markers, material.sources),
        lambda: by_name(reach),
        lambda: of_data(reach, material),
        lambda: of_model(reach, material),
        lambda: of_service(reach, material),
        lambda: of_pipeline(reach, material),
        lambda: of_components(reach, material),
    )
    found = (rule() for rule in rules)
    return next((each for each in found if each), (Layer.UNIT, "calls one part of the code with values of its own"))


def by_place(path: str, markers: tuple[str, ...], sources: Sources) -> Judged:
    for layer, words in WORDS.items():
        if marker := next((each for each in markers if words.fullmatch(each.lower())), None):
            return layer, f"marked {marker}"
    for layer, words in WORDS.items():
        for depth, folder in enumerate(folders_of(path), 1):
            # Below tests/, a folder as the code has it names what is tested: metrics/fairness/.
            subject = layer in QUALITY and sources.mirrors(path, depth)
            if not subject and words.fullmatch(folder.replace("-", "_")):
                return layer, f"in {folder}/"
    return None


def by_name(reach: Reach) -> Judged:
    module = reach.found.index.module.path.rpartition("/")[2].removesuffix(".py").lower()
    for layer, words in NAMED.items():
        if words.search(module):
            return layer, "the file's name says so"
    return None


def of_data(reach: Reach, material: Material) -> Judged:
    if material.data and material.properties and not material.patched and not material.transforms:
        return Layer.DATA_QUALITY, f"asserts on {material.data}"
    return None


def of_model(reach: Reach, material: Material) -> Judged:
    if material.model and not (material.patched or reach.calls(*CLIENTS)) and material.quality:
        return Layer.MODEL_QUALITY, f"{material.model}, and asserts {material.quality}"
    return None


def of_service(reach: Reach, material: Material) -> Judged:
    body = reach.all
    started = next((found[0] for text in body.said if (found := STARTS.search(text))), "")
    if started and any(map(PROCESSES.match, body.called)):
        return Layer.END_TO_END, f"starts {started}"
    address = next((found[0] for text in body.said if (found := SERVICE.search(text))), "")
    if address and not material.patched and any(map(REQUESTS.match, body.called)):
        return Layer.END_TO_END, f"talks to {address}"
    if call := reach.calls(
        "webdriver.Chrome", "webdriver.Firefox", "webdriver.Remote", "sync_playwright", "DockerCompose"
    ):
        return Layer.END_TO_END, f"drives {call.name}"
    if endpoint := next(filter(DEPLOYED.fullmatch, body.called), ""):
        return None if material.patched else (Layer.END_TO_END, f"asks what is deployed, by {endpoint}")
    asked = {"live_server", "page", "browser"} & set(reach.found.function.args)
    return (Layer.END_TO_END, f"asks for {min(asked)}") if asked and not reach.found.fixtures else None


def of_pipeline(reach: Reach, material: Material) -> Judged:
    """From raw data to the final artefact: a script that does it all, or training and then evaluation in one test."""
    if any(map(PROCESSES.match, reach.all.called)):
        words = " ".join(text.value for text in said_when_starting(reach))
        if started := PIPELINE.search(words):
            return Layer.END_TO_END, f"runs {started[0].strip()}"
        return Layer.INTEGRATION, "starts a real process"
    own = [name for path, name in reach.project if name in reach.own.called]
    trained, evaluated = (next(filter(words.search, own), "") for words in (TRAINS, EVALUATES))
    if material.patched or material.literal or is_refusal(reach):
        return None
    # Fitting one model and asking it is the use of one class.
    apart = trained.rpartition(".")[0] != evaluated.rpartition(".")[0]
    if trained and evaluated and apart and len(reach.components) > 1:
        return Layer.END_TO_END, f"{trained}, then {evaluated}"
    whole = next((name for name in own if WHOLE.search(name) and is_run(name, reach)), "")
    return (Layer.END_TO_END, f"runs {whole}") if whole else None


def is_refusal(reach: Reach) -> bool:
    """Whether all that it asserts is that something is refused."""
    asserted = [call for call in reach.own.calls if is_assertion(call)]
    refused = bool(asserted) and all(call.name.endswith(REFUSALS) for call in asserted)
    return refused and all(each.trivial for each in reach.own.asserts)


def is_run(name: str, reach: Reach) -> bool:
    """Whether a pipeline is run by the call of this name, or, where that only puts one together, by a later one."""
    if not COMPOSES.search(name):
        return True
    made = {each.target for each in reach.own.assignments if each.value == {"call": name}} | {f"{name}()"}
    for call in reach.own.calls:
        owner, _, last = call.name.rpartition(".")
        # A runner is handed what it runs: runner.run(pipeline).
        given = {each.get("name", f"{each.get('call')}()") for each in call.args if isinstance(each, dict) and owner}
        if call.name in made or (STARTED.fullmatch(last) and not made.isdisjoint(given | {owner})):
            return True
    return False


def said_when_starting(reach: Reach) -> Iterator[Text]:
    """What the test says, and those of its helpers that start a process: others only speak of files."""
    starting = (call.scope for call in reach.own.calls if PROCESSES.match(call.name))
    places = (reach.found.function.name, *starting)
    yield from (text for text in reach.own.texts if text.scope.startswith(places))
    yield from reach.around.texts


def is_command(call: Call) -> bool:
    """A command's main function, given its arguments as a list or under their usual names."""
    given = (
        call.args[0] if call.args else next((call.keywords[name] for name in ARGUMENTS if name in call.keywords), None)
    )
    named = isinstance(given, dict) and given.get("name") in ARGUMENTS
    return call.name.endswith(".main") and (isinstance(given, list) or named)


def of_components(reach: Reach, material: Material) -> Judged:
    if call := reach.calls(*CLIENTS):
        return Layer.INTEGRATION, f"joins the parts through {call.name}"
    if material.patched:
        return None
    if (call := reach.calls(*RUNS)) and not (material.unrecorded and RECORDS.fullmatch(call.name)):
        return Layer.INTEGRATION, f"joins {call.name}"
    if command := next((call for call in reach.own.calls if is_command(call)), None):
        if reach.calls(*LISTINGS):
            return Layer.END_TO_END, f"runs the command {command.name} on one configuration after the other"
        return Layer.INTEGRATION, f"runs the command {command.name}"
    if joined := of_frameworks(reach):
        return joined
    if reach.project and material.data:
        return Layer.INTEGRATION, f"joins the code and {material.data}"
    if reach.project and material.model:
        return Layer.INTEGRATION, f"joins the code and a model: {material.model}"
    own = [name for _, name in reach.project if name in reach.own.called]
    if (trained := next(filter(TRAINS.search, own), "")) and not material.literal:
        return Layer.INTEGRATION, f"trains with {trained}"
    if reach.project and reach.calls("from_pretrained") and (call := reach.calls("train", "fit", "evaluate")):
        return Layer.INTEGRATION, f"{call.name} of a pretrained model"
    if call := reach.calls("instantiate", "hydra.initialize"):
        return Layer.INTEGRATION, f"joins what {call.name} builds"
    module = reach.found.index.module.path.rpartition("/")[2].removesuffix(".py")
    subject = f"/{module.removeprefix('test_').removesuffix('_test')}.py"
    mirrors = any(f"/{path}".endswith(subject) for path in reach.components)
    called = {path for path, name in reach.project if name in own}
    around = len(called) >= FEWEST_AROUND_A_SUBJECT or len(reach.components) >= FEWEST_WITH_FIXTURES
    if around if mirrors else len(reach.components) >= FEWEST_COMPONENTS:
        return Layer.INTEGRATION, f"joins {len(reach.components)} modules of the project"
    return None


def of_frameworks(reach: Reach) -> Judged:
    """A framework's training loop, or weights that somebody published, at work with the project's code."""
    loop = next(filter(LOOPS.fullmatch, reach.all.called), "")
    if loop and (run := reach.calls("fit", "train", "test", "validate", "predict")):
        return Layer.INTEGRATION, f"runs {run.name} of {loop}"
    if is_refusal(reach):
        return None
    asked = ((call, published(call, reach)) for call in reach.all.calling(FETCHES.fullmatch))
    fetched = {call.name: name for call, name in asked if name}
    own = {name for _, name in reach.project}
    compared = bool(fetched.keys() & own and fetched.keys() - own)
    if fetched and (compared or len(reach.components) > 1):
        return Layer.INTEGRATION, f"joins the code and the published weights {min(fetched.values())}"
    return None


def published(call: Call, reach: Reach) -> str:
    """The name of the published weights that a call asks for, as a literal or a name that is given one; or nothing."""
    first = next(iter([*call.args, *call.keywords.values()]), None)
    if isinstance(first, dict):
        first = next((each.value for each in reach.all.assignments if each.target == first.get("name")), None)
    return first if isinstance(first, str) and PUBLISHED.fullmatch(first) else ""
