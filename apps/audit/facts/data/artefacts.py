"""What programs write and git should not hold: model binaries, data files, outputs of notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from apps.audit.facts import Fact
from apps.audit.facts.lfs import LfsPointers
from apps.audit.facts.notebooks import Notebooks
from apps.audit.facts.tree import Tree, folders_of
from apps.audit.regex import regex
from apps.audit.snapshot import MEGABYTE, File

MODELS = regex(
    r"\.(pkl|pickle|joblib|dill|pth?|pt2|h5|hdf5|keras|onnx|bin|safetensors|ckpt|tflite|pb|gguf|ggml|mlmodel|mar"
    r"|caffemodel|pdparams|pdmodel|cbm|ubj)"
)
DATA = regex(
    r"\.(csv|tsv|parquet|feather|arrow|orc|avro|jsonl|ndjson|np[yz]|mat|rds|rdata|dta|sav|sas7bdat|tfrecords?|lmdb|mdb"
    r"|sqlite3?|db|duckdb|xls[xb]?|h5ad|nc|fast[aq]|zip|gz|tgz|tar|bz2|xz|zst|7z|rar)"
)
# Formats that serve many ends; they are data where a folder says so.
DATA_IN_DATA_FOLDERS = regex(r"\.(txt|json|xml|html|wav|flac|mp3|mp4|avi)")
DATA_FOLDERS = {"data", "dataset", "datasets", "corpus", "corpora", "annotations"}


@dataclass(frozen=True)
class Artefacts(Fact):
    """Model binaries and data files that git itself holds, small ones too; pointers of Git LFS are left out."""

    models: tuple[File, ...]
    data: tuple[File, ...]
    large: int
    notebooks_with_outputs: int

    @classmethod
    def read(cls, tree: Tree, pointers: LfsPointers, notebooks: Notebooks | None) -> Self:
        held = [file for file in tree if file.path not in pointers]
        return cls(
            models=tuple(file for file in held if MODELS.fullmatch(file.suffix)),
            data=tuple(file for file in held if is_data(file)),
            large=sum((file.size or 0) > MEGABYTE for file in held),
            notebooks_with_outputs=sum(notebook.outputs > 0 for notebook in notebooks or ()),
        )

    def measures(self) -> dict[str, float]:
        return {
            "hygiene.model_binaries": len(self.models),
            "hygiene.files_over_1mb": self.large,
            "hygiene.notebooks_with_outputs": self.notebooks_with_outputs,
        }


def is_data(file: File) -> bool:
    named = not DATA_FOLDERS.isdisjoint(folders_of(file.path))
    return bool(DATA.fullmatch(file.suffix) or (named and DATA_IN_DATA_FOLDERS.fullmatch(file.suffix)))
