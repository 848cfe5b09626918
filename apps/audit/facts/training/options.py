"""Command-line options: what they are called and what they are by default."""

from __future__ import annotations

from collections.abc import Iterator

from apps.audit.facts.python.modules import Call, Expression, Module
from apps.audit.regex import any_of, regex

# `add_argument("--lr", default=0.1)`, and absl's `DEFINE_float("lr", 0.1, "help")`.
FLAG = regex(r"(.*\.)?DEFINE_(float|integer|string|enum|enum_class|bool|boolean|list|multi_\w+)")
OPTION = regex(r".*\.add_argument|(.*\.)?(click\.option|typer\.Option)")
# What an option holds where it is not given.
ACTIONS = {"store_true": False, "store_false": True}
DECLARES = any_of(FLAG, OPTION)


def names_of(call: Call) -> Iterator[str]:
    """The names that the value of an option goes by; none for a call that declares no option."""
    if FLAG.fullmatch(call.name):
        names = [call.args[0] if call.args else call.keywords.get("name")]
    else:
        names = call.args if DECLARES(call.name) else []
    return (name.lstrip("-").replace("-", "_") for name in names if isinstance(name, str))


def default_of(call: Call) -> Expression:
    if FLAG.fullmatch(call.name) and len(call.args) > 1:
        return call.args[1]
    action = call.keywords.get("action")
    return call.keywords.get("default", ACTIONS.get(action) if isinstance(action, str) else None)


def defaults(module: Module, name: str) -> Iterator[Expression]:
    """What the options of that name in a module hold where they are not given."""
    return (default_of(call) for call in module.called(DECLARES) if name in names_of(call))
