"""Where a value comes from, as far as one file tells: through variables, `with`, wrappers of paths and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from apps.audit.facts.python.modules import Call, Expression, Function, Module
from apps.audit.regex import regex

ARGUMENT, DOWNLOAD, URL = "a command-line argument", "a download", "a URL"
ARGUMENT_CALL = regex(r"(.*\.)?(parse_args|parse_known_args|parse_intermixed_args|docopt)|input|click\.prompt")
DOWNLOAD_CALL = regex(
    r"(.*\.)?(download\w*|\w+_download|urlretrieve|urlopen|cached_(path|file)|load_file_from_url|get_object)"
    r"|(requests|httpx)\.(get|post|request)(\(\))?(\..*)?|.*keras.*\.get_file|pooch\.retrieve"
)
# What makes a path, an open file or bytes of another one.
WRAPPER = regex(
    r"(.*\.)?(open|read|read_bytes|read_text|joinpath|format|fspath|Path|PosixPath|join|expanduser|expandvars|abspath"
    r"|realpath|normpath|resolve|BytesIO|StringIO|BufferedReader|File|ZipFile)|str"
)
COMMAND = regex(r"(.*\.)?(command|option|argument)")
RUNNERS = ("typer.run", "fire.Fire", "plac.call")
DEEPEST = 6


class Origins:
    """The origins of one module's values. "" is an origin that is not seen, which includes a fixed path."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.functions: dict[str, Function] = {function.name: function for function in module.functions}
        self.seen: set[tuple[str, str]] = set()

    def of(self, value: Expression, call: Call) -> str:
        """The origin of an expression that is an argument of `call`."""
        self.seen.clear()
        return self.trace(value, call.scope, call.line)

    def trace(self, value: Expression, scope: str, line: int) -> str:
        match value:
            case str():
                return URL if re.match(r"(https?|ftp|s3|gs)://", value) else ""
            case {"name": str(name)}:
                return self.trace_name(name, scope)
            case {"call": str(name)}:
                return self.trace_call(name, scope, line)
            case {"names": [*names]}:
                return next(filter(None, (self.trace_name(name, scope) for name in names)), "")
            case [*items]:
                return next(filter(None, (self.trace(item, scope, line) for item in items)), "")
        return ""

    def trace_call(self, name: str, scope: str, line: int) -> str:
        if ARGUMENT_CALL.fullmatch(name):
            return ARGUMENT
        if DOWNLOAD_CALL.fullmatch(name):
            return DOWNLOAD
        if not WRAPPER.fullmatch(name):
            return ""
        receiver, _, _ = name.rpartition(".")
        inner = {"call": receiver.removesuffix("()")} if receiver.endswith("()") else {"name": receiver}
        wrapped = [inner] if receiver and receiver != "os.path" else []
        for call in self.module.calls:
            if call.name == name and call.scope == scope and line <= call.line <= line + DEEPEST:
                wrapped += [*call.args, *call.keywords.values()]
                break
        return next(filter(None, (self.trace(each, scope, line) for each in wrapped)), "")

    def trace_name(self, name: str, scope: str) -> str:
        if name == "sys.argv":
            return ARGUMENT
        if DOWNLOAD_CALL.fullmatch(name) and "()" in name:
            return DOWNLOAD
        root = name.partition(".")[0]
        if (scope, name) in self.seen or len(self.seen) > DEEPEST**2:
            return ""
        self.seen.add((scope, name))
        bound = [
            self.trace(assignment.value, assignment.scope, assignment.line)
            for assignment in self.module.assignments
            if assignment.target in (name, root) and visible(assignment.scope, scope, root)
        ]
        return next(filter(None, bound), "") or self.trace_parameter(root, scope)

    def trace_parameter(self, name: str, scope: str) -> str:
        """What the calls in this module give to a parameter, or the command line to a command's."""
        function = self.functions.get(scope)
        if function is None or name not in function.args:
            return ""
        if any(COMMAND.fullmatch(called(decorator)) for decorator in function.decorators):
            return ARGUMENT
        for value, call in self.passed(name, function):
            if origin := self.trace(value, call.scope, call.line):
                return origin
        handed = [call for call in self.module.calls if call.name in RUNNERS and {"name": scope} in call.args]
        return ARGUMENT if handed else ""

    def passed(self, name: str, function: Function) -> Iterator[tuple[Expression, Call]]:
        own = [each for each in function.args if each not in {"self", "cls"}]
        position, last = own.index(name) if name in own else -1, function.name.rpartition(".")[2]
        for call in self.module.calls:
            if call.name.rpartition(".")[2] == last:
                if name in call.keywords:
                    yield call.keywords[name], call
                elif 0 <= position < len(call.args):
                    yield call.args[position], call


def visible(assigned: str, used: str, root: str) -> bool:
    """Whether a name bound in one scope is seen from another; attributes of `self` are seen in the whole class."""
    if root == "self":
        return assigned.rpartition(".")[0] == used.rpartition(".")[0]
    return assigned in ("", used) or used.startswith(f"{assigned}.")


def called(decorator: Expression) -> str:
    """The dotted name of a decorator, called or not."""
    found = decorator.get("call") or decorator.get("name") if isinstance(decorator, dict) else ""
    return found if isinstance(found, str) else ""
