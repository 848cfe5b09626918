"""Python source as JSON: one parse, one walk, nothing executed."""

from __future__ import annotations

import re

from apps.audit.facts.notebooks import line_in, parse_notebook
from apps.audit.facts.python.parsing import MOST_PARTS, TOO_COSTLY, UNPARSEABLE, parse, parts
from apps.audit.facts.python.syntax import reason
from apps.audit.facts.python.walker import Walker
from apps.audit.regex import regex
from apps.audit.snapshot import Json

MAGIC = regex(r"^([ \t]*)([%!?])((?:.*\\\n)*.*)$", re.MULTILINE)


def parse_python(content: bytes) -> Json:
    """Everything that Module holds, as JSON."""
    walker = Walker()
    error, line = "", None
    try:
        walker.walk(parse(content))
    except UNPARSEABLE as problem:
        error = reason(problem, content)
        line = getattr(problem, "lineno", None)
        walker = Walker()
    return walker.found | {"error": error, "error_line": line, "code_lines": count_code(content)}


def parse_notebook_code(content: bytes) -> Json:
    """A notebook's cells as one module; commands become the calls that IPython makes of them, other magics
    `pass`, and a cell that does not parse is left out.

    Lines are those of the notebook's file; where its lines are not those of the code, that of the cell.
    """
    notebook, walker, lines = parse_notebook(content), Walker(), 0
    error, error_line = notebook["error"], None
    if sum(parts(cell[0].encode("utf-8", "replace")) for cell in notebook["cells"]) > MOST_PARTS:
        return walker.found | {"error": TOO_COSTLY, "error_line": None, "code_lines": 0}
    for cell in notebook["cells"]:
        source = MAGIC.sub(in_python, cell[0])
        lines += count_code(cell[0].encode("utf-8", "replace"))
        try:
            first, second = line_in(cell, 1) or 1, line_in(cell, 2) or 1
            walker.walk(parse(source.encode()), first, second > first)
        except UNPARSEABLE as problem:
            if not cell[0].lstrip().startswith("%%"):
                error = f"a cell does not parse: {getattr(problem, 'msg', '')}"
                error_line = line_in(cell, getattr(problem, "lineno", None) or 1)
    return walker.found | {"error": error, "error_line": error_line, "code_lines": lines}


def in_python(magic: re.Match[str]) -> str:
    """On as many lines."""
    indent, sign, rest = magic.groups()
    call = f"get_ipython().system({' '.join(rest.split())!r})" if sign == "!" else "pass"
    return indent + call + "\n" * rest.count("\n")


def count_code(content: bytes) -> int:
    return sum(1 for line in content.splitlines() if line.strip() and not line.lstrip().startswith(b"#"))
