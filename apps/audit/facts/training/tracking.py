"""Where runs are recorded: calls of trackers, metrics that DVC keeps, and switches that turn recording off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self

from apps.audit.facts import Fact
from apps.audit.facts.configuration import Configuration
from apps.audit.facts.dvc.graph import Graph
from apps.audit.facts.python.modules import Module, Modules
from apps.audit.facts.training.reports import Reports
from apps.audit.facts.training.switches import Switches
from apps.audit.facts.tree import is_test
from apps.audit.regex import regex

TRACKERS = regex(
    r"mlflow\.(\w+\.)*(start_run|autolog|log_\w+|set_experiment)|wandb\.(init|log|finish)"
    r"|(.*\.)?(WandbLogger|WandbCallback|WandbMetricsLogger|MLFlowLogger|MLflowLoggerCallback|TensorBoardLogger|CometLogger"
    r"|NeptuneLogger|ClearMLLogger|AimLogger|DVCLiveLogger|DVCLiveCallback|TensorBoard|SummaryWriter|WandbLoggerCallback)"
    r"|dvclive\.Live|comet_ml\.(Experiment|start|OfflineExperiment)|neptune\.init\w*|aim\.Run|clearml\.Task\.init"
    r"|tensorflow\.summary\.create_file_writer|sacred\.Experiment|trackio\.init|swanlab\.init|clu\.metric_writers\.\w+"
    r"|azureml\.core(\.\w+)*\.(Run\.get_context|Experiment)|sagemaker\.experiments(\.\w+)*\.(Run|load_run)|(google\.cloud\.)?aiplatform\.log_\w+"
)
LOGGERS = regex(
    r".*\.(loggers|loggers\.\w+|integrations)\.\w*Logger|.*\.\w*(Wandb|MLFlow|TensorBoard|Comet|Neptune)Logger"
)
# Lightning's trainer writes what a module logs to lightning_logs/, unless it is told not to.
LIGHTNING = regex(r"(pytorch_lightning|lightning(\.pytorch)?)\.(\w+\.)*(Trainer|LightningCLI)(\.from_argparse_args)?")
LOGS = {"self.log", "self.log_dict", "self.save_hyperparameters"}
NAMES = r"(wandb|mlflow|tensorboard|comet|neptune|clearml|aim|tracking|tracker)"
SWITCH = regex(rf"(use|log|enable|with|track|report)_?(to_)?{NAMES}|{NAMES}_?(log|enabled?|on)|track", re.IGNORECASE)
GROUPS = ("logger", "loggers", "logging", "tracker", "tracking")


class Record(NamedTuple):
    """What records a run, or what keeps it from being recorded."""

    what: str
    path: str
    line: int | None


@dataclass(frozen=True)
class Tracking(Fact):
    """`records` are calls and declarations, `off` the switches that are off by default."""

    records: tuple[Record, ...]
    off: tuple[Record, ...]

    @classmethod
    def read(
        cls, modules: Modules | None, configuration: Configuration, graph: Graph | None, reports: Reports | None
    ) -> Self:
        own = [module for module in modules or () if not is_test(module.path)]
        switches, records, skipped = Switches(own, configuration), list[Record](), list[Record]()
        for module in own:
            for each in called(module):
                if switch := switches.off(module, each.line or 0):
                    skipped.append(Record(f"{each.what} needs {switch}", each.path, each.line))
                else:
                    records.append(each)
        if any(not LOGS.isdisjoint(module.names) for module in own):
            records += [each for module in own for each in by_lightning(module)]
        for report in reports or ():
            what = f"{report.tracker}, to which {report.trainer} reports where it is installed"
            records.append(Record(what, report.path, report.line))
        for stage in graph.dvc.stages if graph else ():
            records += [
                Record(f"metrics {out.path}", stage.path, out.line) for out in stage.outs if out.kind == "metrics"
            ]
        off = [each for module in own for each in switched_off(module)]
        off += chosen_off(configuration)
        off += skipped if not records else ()
        return cls(tuple(records), tuple(off))


def called(module: Module) -> Iterator[Record]:
    for call in module.calls:
        if TRACKERS.fullmatch(call.name):
            yield Record(call.name, module.path, call.line)
        elif (target := call.keywords.get("report_to")) and target not in ("none", ["none"], []):
            yield Record(f"report_to={target}"[:80], module.path, call.line)


def by_lightning(module: Module) -> Iterator[Record]:
    for call in module.called(LIGHTNING.fullmatch):
        if call.keywords.get("logger", True) is True and "**" not in call.keywords:
            yield Record(f"the logger that {call.name} has by default", module.path, call.line)


def switched_off(module: Module) -> Iterator[Record]:
    for each in module.assignments:
        if not each.scope and each.value is False and SWITCH.fullmatch(each.target):
            yield Record(f"{each.target} = False", module.path, each.line)


def chosen_off(configuration: Configuration) -> Iterator[Record]:
    """Switches in configuration, and a group of loggers of which hydra's primary file chooses none."""
    documents = list(configuration.values())
    known = any(LOGGERS.fullmatch(str(value)) for document in documents for value in targets(document.value))
    for document in documents:
        for position, choice in enumerate(document.items("defaults")):
            for group, value in choice.items() if isinstance(choice, dict) else ():
                if known and group in GROUPS and value is None:
                    yield Record(f"{group}: null", document.path, document.line("defaults", position))
        for key, value in document.table().items():
            if value is False and SWITCH.fullmatch(key):
                yield Record(f"{key}: false", document.path, document.line(key))


def targets(value: object, depth: int = 0) -> Iterator[object]:
    """Values of `_target_`, at the top and below it."""
    if isinstance(value, dict) and depth < 4:
        if "_target_" in value:
            yield value["_target_"]
        for each in value.values():
            yield from targets(each, depth + 1)
