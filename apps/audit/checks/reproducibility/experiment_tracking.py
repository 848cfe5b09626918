from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, ProjectKind, fails, ignores, passes
from apps.audit.facts.training.tracking import Tracking
from apps.audit.facts.training.training import Training

TRAIN = "import torch\nloss.backward()\n"
TRACK = "import wandb\nif args.track:\n    wandb.init()\n"
OPTION, STORED = "p.add_argument('--track', {})\n", "action='store_true'"
LIGHTNING = "import lightning as L\ndef step(self):\n    self.log(1)\ntrainer = L.Trainer({})\ntrainer.fit(m)\n"
LOGGER = "wandb:\n  _target_: lightning.pytorch.loggers.wandb.WandbLogger\n"
TRAINER = "from transformers import Trainer\ntrainer = Trainer(m)\ntrainer.train()\n"
SILENT = f"from transformers import TrainingArguments\na = TrainingArguments('o', report_to='none')\n{TRAINER}"


class ExperimentTracking(Check):
    """Runs are recorded

    Without a record of parameters, metrics and code version, the best model is the one somebody remembers.

    Fix: record every run, and leave it on by default:

        with mlflow.start_run():
            mlflow.log_params(params)
            mlflow.log_metrics(metrics)
    """

    weight = 3
    effort = Effort.HOURS
    not_for = (ProjectKind.TEMPLATE, ProjectKind.LIBRARY)

    def run(self, training: Training, tracking: Tracking) -> Iterator[Finding | Evidence]:
        for switch in tracking.off:
            yield Finding(f"recording is off by default: {switch.what}", switch.path, switch.line)
        for record in tracking.records[:30]:
            yield Evidence(f"recorded by {record.what}", record.path, record.line)
        if not tracking.records and not tracking.off:
            first = training.calls[0]
            yield Finding(f"{first.call} trains, and nothing records the run", first.path, first.line)

    examples = (
        passes({"train.py": f"import mlflow\n{TRAIN}mlflow.log_metric('loss', 1)\n"}, "recorded by mlflow.log_metric"),
        passes({"train.py": f"from dvclive import Live\n{TRAIN}with Live() as live:\n    pass\n"}, "dvclive.Live"),
        passes({"train.py": LIGHTNING.format("")}, "the logger that lightning.Trainer has by default"),
        fails({"train.py": LIGHTNING.format("logger=False")}, "nothing records the run"),
        passes({"train.py": TRAINER, "requirements.txt": "transformers<5\nwandb\n"}, "wandb, to which transformers.Tr"),
        fails({"train.py": TRAINER, "requirements.txt": "transformers>=5\nwandb\n"}, "nothing records the run"),
        fails({"train.py": TRAINER, "requirements.txt": "transformers<5\n"}, "nothing records the run"),
        fails({"train.py": SILENT, "requirements.txt": "transformers<5\nwandb\n"}, "nothing records the run"),
        fails({"train.py": TRAIN}, "nothing records the run"),
        fails({"train.py": f"# import wandb; wandb.init()\n{TRAIN}"}, "nothing records the run"),
        fails({"train.py": f"import wandb\nwandb_log = False\n{TRAIN}wandb.init()\n"}, "off by default: wandb_log"),
        fails(
            {"train.py": TRAIN, "conf/t.yaml": "defaults:\n- logger: null\n", "conf/logger/w.yaml": LOGGER},
            "off by default: logger: null",
        ),
        fails({"train.py": f"{OPTION.format(STORED)}{TRAIN}{TRACK}"}, "init needs args.track"),
        passes({"train.py": f"{OPTION.format('default=True')}{TRAIN}{TRACK}"}, "recorded by wandb.init"),
        passes({"train.py": f"{TRAIN}{TRACK}"}, "recorded by wandb.init"),
        fails({"train.py": f"class Args:\n    track: bool = False\n{TRAIN}{TRACK}"}, "needs args.track"),
        passes(
            {"train.py": f"{OPTION.format('default=False')}{TRAIN}{TRACK}import aim\nr = aim.Run()\n"}, "by aim.Run"
        ),
        ignores({"a.py": "import mlflow\nmlflow.log_metric('a', 1)\n"}, "no code that trains a model"),
    )
