"""What code reads from a store that lives on: tables of Spark or a warehouse, answers to SQL."""

from __future__ import annotations

import re

from apps.audit.facts.python.modules import Call, Module
from apps.audit.regex import regex

SPARK_READ = regex(r"(.*\.)?read(\.\w+\(\))*\.(load|table|jdbc)|spark\w*\.(table|sql)|(.*\.)?spark\.(table|sql)")
SQL = regex(
    r"(pandas|polars|dask\.dataframe|modin\.pandas|pandas_gbq|bigframes\.pandas)\.read_(sql\w*|gbq\w*|database\w*)"
)
# They read tables of a warehouse, whoever says which.
WAREHOUSE = regex(r"(.*\.)?(BigQueryExampleGen|Read(All)?FromBigQuery)")
# Options that name what is read, and those that say in which version.
NAMING = ("database", "collection", "dbtable", "table", "topic", "subscribe", "keyspace")
VERSIONING = {"versionAsOf", "timestampAsOf", "snapshot-id", "as-of-timestamp", "as.of.instant"}
VERSIONED = regex(r"\b(version|timestamp|system_time)\s+as\s+of\b", re.IGNORECASE)
VIEWS = (".createOrReplaceTempView", ".createTempView", ".registerTempTable")
SHOWN = 60


def store_of(call: Call, module: Module, text: str) -> tuple[str, str] | None:
    """Name and pin of the table or answer that a call reads; None for a file, for what the code itself named, and for
    what its caller asks. `text` is its first argument as far as it is seen."""
    method = call.name.rpartition(".")[2]
    if SQL.fullmatch(call.name) and not text:
        return None
    if method in {"table", "sql"}:
        asks = method == "table" or re.match(r"\s*(select|with)\b", text, re.IGNORECASE)
        if not asks or any(name.endswith(VIEWS) for name in module.names):
            return None
    options = options_of(call, module)
    if method == "load" and ("format" not in options or call.args or "path" in options):
        return None
    words = [options.get("format", ""), text, *(options[key] for key in NAMING if key in options)]
    shown = " ".join(" ".join(filter(None, words)).split())[:SHOWN] or "…"
    pin = next((f"{key}={options[key]}" for key in sorted(VERSIONING & options.keys())), "")
    plain = re.sub(r"(\.\w+\(\))+", "", call.name)
    return f"{plain}({shown})", pin or ("a version in its query" if VERSIONED.search(text) else "")


def options_of(call: Call, module: Module) -> dict[str, str]:
    """What the calls of the chain before this one set: `read.format("delta").option("versionAsOf", 3)`."""
    found = dict[str, str]()
    for each in module.called(lambda name: call.name.startswith(f"{name}()")):
        if each.line == call.line:
            method = each.name.rpartition(".")[2]
            if method == "option" and len(each.args) > 1:
                found[str(each.args[0])] = shown(each.args[1])
            elif method == "format" and each.args:
                found["format"] = shown(each.args[0])
            found |= {key: shown(value) for key, value in each.keywords.items() if method in {"option", "options"}}
    return found


def shown(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) else "…"
