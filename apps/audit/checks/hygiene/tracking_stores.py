from collections.abc import Iterator

from apps.audit.check import Check, Effort, Evidence, Finding, Unknown, fails, passes
from apps.audit.facts.tree import Tree
from apps.audit.regex import regex

PLACEHOLDER = regex(r"\.git(keep|ignore|attributes)|\.keep|(?i:readme)(\..*)?|.*\.(dvc|py)")
# What a tracker writes, and not a package or a configuration group of the same name.
STORES = (
    ("MLflow", regex(r"(^|.*/)(mlruns|mlartifacts)(?=/)|(^|.*/)(mlflow|mlruns)\.(db|sqlite)$")),
    ("Weights & Biases", regex(r"(^|.*/)wandb(?=/((offline-)?run-|latest-run|sweep-|debug|settings$|logs/))")),
    ("Lightning", regex(r"(^|.*/)lightning_logs(?=/)")),
    ("TensorBoard", regex(r"(^|.*/)events\.out\.tfevents\.")),
    ("Aim", regex(r"(^|.*/)\.aim(?=/)")),
    ("Neptune", regex(r"(^|.*/)\.neptune(?=/)")),
)


class TrackingStores(Check):
    """Experiment stores stay out of git

    A tracker's own files change with every run: they swell the repository, conflict on every merge, and still do not
    show the team what was tried.

    Fix: ignore the store and forget what is tracked; keep runs on a tracking server, or as DVC experiments:
        printf 'mlruns/\\nwandb/\\nlightning_logs/\\nmlflow.db\\nevents.out.tfevents.*\\n' >> .gitignore
        git rm -r --cached mlruns wandb lightning_logs
    """

    weight = 2
    effort = Effort.MINUTES

    def run(self, tree: Tree) -> Iterator[Finding | Evidence | Unknown]:
        yield from tree.unread
        stores = dict[tuple[str, str], list[str]]()
        for file in tree:
            for tracker, pattern in STORES:
                if (match := pattern.match(file.path)) and not PLACEHOLDER.fullmatch(file.name):
                    stores.setdefault((tracker, match[0]), []).append(file.path)
        for (tracker, _), paths in stores.items():
            noun = "file" if len(paths) == 1 else "files"
            yield Finding(f"{len(paths)} {noun} of {tracker}'s store in git", paths[0])
        if not stores:
            trackers = "MLflow, W&B, Lightning, TensorBoard, Aim or Neptune"
            yield Evidence(f"none of {len(tree):,} files belongs to {trackers}")

    examples = (
        passes({"mlruns/.gitkeep": "", "src/callbacks/wandb/log.py": ""}, "none of 2 files"),
        passes({"configs/logger/wandb.yaml": "", "wandb/README.md": ""}, "none of 2 files"),
        fails({"mlruns/0/meta.yaml": "", "mlruns/0/abc/metrics/loss": "1"}, "2 files of MLflow's store in git"),
        fails({"mlflow.db": "SQLite"}, "1 file of MLflow's store in git"),
        fails({"wandb/run-20240101_1/config.yaml": ""}, "1 file of Weights & Biases's store"),
        fails({"logs/events.out.tfevents.1700000000.host": ""}, "1 file of TensorBoard's store"),
    )
