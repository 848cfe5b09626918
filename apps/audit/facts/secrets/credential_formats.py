"""What credentials look like: the formats of providers, and random literals given to names like `password`.

Only kinds and lines leave this module, never a value.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from apps.audit.facts.notebooks import parse_notebook
from apps.audit.snapshot import Json

PRIVATE_KEY = "a private key"
# Kind, a text without which there is none, and the format, which starts with a literal so that it is found fast.
FORMATS = tuple(
    (kind, needle, re.compile(pattern))
    for kind, needle, pattern in (
        (
            PRIVATE_KEY,
            "PRIVATE KEY",
            r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:\s|\\[nr]|[\"'+,]|[A-Za-z-]{1,20}: [^\n]{1,80}\n){0,20}[A-Za-z0-9+/=]{40}",
        ),
        ("an AWS access key", "AKIA", r"AKIA[A-Z2-7]{16}\b"),
        ("a temporary AWS access key", "ASIA", r"ASIA[A-Z2-7]{16}\b"),
        ("an Azure storage key", "AccountKey=", r"AccountKey=[A-Za-z0-9+/]{86}=="),
        ("a Google API key", "AIza", r"AIza[\w-]{35}(?![\w-])"),
        ("a Google client secret", "GOCSPX-", r"GOCSPX-[\w-]{28}(?![\w-])"),
        ("a GitHub token", "gh", r"gh[pousr]_[A-Za-z0-9]{36,251}\b"),
        ("a GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b"),
        ("a GitLab token", "gl", r"gl(?:pat|dt|rt|ptt|soat|cbt|ft)-[\w-]{20,}"),
        ("a Slack token", "xox", r"xox[abeoprs]-\d{6,}-[\w-]{10,}"),
        ("a Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,}"),
        ("a Stripe key", "sk_live_", r"sk_live_[A-Za-z0-9]{20,}"),
        ("a Stripe key", "rk_live_", r"rk_live_[A-Za-z0-9]{20,}"),
        ("a SendGrid key", "SG.", r"SG\.[\w-]{22}\.[\w-]{43}(?![\w-])"),
        ("a Telegram bot token", ":AA", r":(?<=\d{8}:)AA[\w-]{33}(?![\w-])"),
        ("a Hugging Face token", "hf_", r"hf_[A-Za-z0-9]{34,40}\b"),
        ("an OpenAI key", "T3BlbkFJ", r"sk-[\w-]{20,200}T3BlbkFJ[\w-]{20,}"),
        ("an Anthropic key", "sk-ant-", r"sk-ant-[a-z]+\d\d-[\w-]{80,}"),
        ("a Groq key", "gsk_", r"gsk_[A-Za-z0-9]{52}\b"),
        ("a Replicate token", "r8_", r"r8_[A-Za-z0-9]{37}\b"),
        ("a LangSmith key", "lsv2_", r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}\b"),
        ("a W&B key", "wandb", r"wandb\.login\([^)\n]{0,80}[\"'][0-9a-f]{40}[\"']"),
        ("a W&B key", "WANDB_API_KEY", r"WANDB_API_KEY[\"'\]]{0,2}\s{0,4}[=:,]\s{0,4}[\"']?[0-9a-f]{40}\b"),
        ("a Kaggle key", '"username"', r'"username"\s?:\s?"[^"\n]{1,60}",\s{0,20}"key"\s?:\s?"[0-9a-f]{32}"'),
        ("a Databricks token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?\b"),
        ("a DigitalOcean token", "dop_v1_", r"dop_v1_[0-9a-f]{64}\b"),
        ("a Docker Hub token", "dckr_pat_", r"dckr_pat_[\w-]{27}(?![\w-])"),
        ("an npm token", "npm_", r"npm_[A-Za-z0-9]{36}\b"),
        ("a PyPI token", "pypi-AgE", r"pypi-AgE[\w-]{50,}"),
    )
)
ADDRESS = re.compile(r"://([^\s:/@\"'<>]{0,64}):([^\s/@\"'<>]{3,128})@([\w.-]+)")
LOCAL = re.compile(r"[^.]*|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|.*\b(example|test|local|invalid)\b.*")
KEYWORDS = ("password", "passwd", "pwd", "secret", "token", "api_key", "apikey", "api-key", "access_key", "auth_key")
ASSIGNMENT = re.compile(
    r"(?:password|passwd|pwd|secret|secret[_-]?key|token|api[_-]?key|access[_-]?key|auth[_-]?key)[\"'\]]{0,2}"
    r"\s{0,10}(?::\s?\w{1,20}\s?)?(?:=>|:=|[=:,])\s{0,10}"
    r"(?:([\"'])(?P<quoted>[^\s\"']{10,200})\1|(?P<bare>[\w+/=~!@#%^&*.-]{16,200})\s*$)",
    re.IGNORECASE,
)
NOT_SECRET = re.compile(r"(public|publishable|hashed|encrypted|sealed|csrf|idempotency|continuation|page)[_-]?", re.I)
# What people write where a value belongs, and the public key of Azure's emulator; 3 is read as e, @ as a, and so on.
PLACEHOLDER = re.compile(
    r"example|sample|placeholder|change.?me|your|dummy|fake|mock|redacted|insecure|todo|insert|replace|xxx|\.\.\.|\*\*\*"
    r"|[<>{}$]|%\(|qwert|asdf|zxcv|12345|abcd|deadbeef|foobar|secret|passw|letmein|hunter2|test|admin|default|eby8vdm0"
)
LETTERS = str.maketrans("013457@$!", "oleastasi")
ALLOWED = re.compile(r"allowlist secret|gitleaks:allow|nosec|noqa: ?s10[567]|trufflehog:ignore|ggignore", re.IGNORECASE)
LONGEST_LINE, MOST_FOUND = 1000, 20


def find_in_text(content: bytes) -> Json:
    """Kind and line of every credential in a text; nothing in a binary file."""
    text = decoded(content)
    return listed(text, chain(find_formats(text), find_assignments(text)))


def find_formats_only(content: bytes) -> Json:
    """For files whose random literals mean nothing: data, tests, templates, other people's code."""
    text = decoded(content)
    return listed(text, find_formats(text))


def find_in_notebook(content: bytes) -> Json:
    """In the sources of the code cells; the line is the one where the cell starts."""
    cells = parse_notebook(content)["cells"]
    found = [(cell, find_in_text(cell[0].encode("utf-8", "replace"))) for cell in cells]
    return [[kind, cell[4] if len(cell) > 4 else None] for cell, kinds in found for kind, _ in kinds][:MOST_FOUND]


def decoded(content: bytes) -> str:
    return "" if b"\0" in content[:8000] else content.decode("utf-8", "replace")


def listed(text: str, found: Iterable[tuple[str, int]]) -> list[list[Json]]:
    """Kind and line of what starts at these places: one a line, none where a comment allows it."""
    lines = dict[int, str]()
    for kind, position in found:
        if not ALLOWED.search(line_at(text, position)):
            lines.setdefault(text.count("\n", 0, position) + 1, kind)
    return [[kind, line] for line, kind in sorted(lines.items())][:MOST_FOUND]


def line_at(text: str, position: int) -> str:
    start = max(text.rfind("\n", 0, position) + 1, position - LONGEST_LINE)
    end = text.find("\n", position)
    return text[start : min(end if end >= 0 else len(text), position + LONGEST_LINE)]


def find_formats(text: str) -> Iterator[tuple[str, int]]:
    for kind, needle, pattern in FORMATS:
        if needle in text:
            for match in pattern.finditer(text):
                if starts_a_word(match) and not is_placeholder(match[0], kind):
                    yield kind, match.start()
    for match in ADDRESS.finditer(text):
        if is_password(text[max(match.start() - 8, 0) : match.start()], *match.groups()):
            yield "an address with a password", match.start()


def starts_a_word(match: re.Match[str]) -> bool:
    before = match.string[max(match.start() - 1, 0) : match.start()]
    return not (match[0][0].isalnum() and (before.isalnum() or before == "_"))


def is_password(scheme: str, user: str, password: str, host: str) -> bool:
    """Whether an address carries a password that somebody uses; a local one must look random to count."""
    if is_placeholder(password) or password == user or scheme.endswith(("http", "https")) or LOCAL.fullmatch(host):
        return is_random(password, 12)
    return len(password) >= 8 and kinds_of(password) >= 2


def find_assignments(text: str) -> Iterator[tuple[str, int]]:
    lower = text.lower()
    places = {lower.rfind("\n", 0, at) + 1 for keyword in KEYWORDS for at in occurrences(lower, keyword)}
    for start in sorted(places):
        end = text.find("\n", start)
        line = text[start : end if end >= 0 else len(text)]
        if len(line) > LONGEST_LINE:
            continue
        for match in ASSIGNMENT.finditer(line):
            before = re.search(r"[\w.-]*$", line[: match.start()])
            name = (before[0] if before else "") + re.split(r"[\"'\]\s:=,]", match[0], maxsplit=1)[0]
            shortest = 10 if re.search("passw|pwd", name, re.IGNORECASE) and match["quoted"] else 16
            if not NOT_SECRET.search(name) and is_random(match["quoted"] or match["bare"], shortest):
                yield f"a literal given to {name[-60:]}", start + match.start()


def occurrences(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        # One is enough for a line.
        line_end = text.find("\n", at)
        at = text.find(word, line_end) if line_end >= 0 else -1


def is_placeholder(value: str, kind: str = "") -> bool:
    """Whether a value is a stand-in: words of people, one character over and over, a run along keyboard or alphabet."""
    if kind == PRIVATE_KEY:
        return False
    lower = value.lower()
    steps = sum(abs(ord(one) - ord(other)) <= 1 for one, other in pairwise(lower))
    words = PLACEHOLDER.search(lower) or PLACEHOLDER.search(lower.translate(LETTERS))
    return bool(words) or steps > len(value) / 3 or entropy(value) < 2.5


def is_random(value: str, shortest: int) -> bool:
    """Whether a value looks drawn by lot: long, mixed, and changing between kinds of characters all the time."""
    dotted_or_path = re.fullmatch(r"[A-Za-z_][\w-]*(\.[\w-]+)+|[./~][\w./-]*|[\w-]+(/[\w.-]+)+\.\w{1,5}", value)
    uuid = re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value)
    if len(value) < shortest or "://" in value or "(" in value or dotted_or_path or uuid or is_placeholder(value):
        return False
    kinds = [kind_of(character) for character in value]
    changes = sum(one != other for one, other in pairwise(kinds))
    mixed = kinds.count("digit") >= 2 and kinds_of(value) >= (3 if len(value) < 20 else 2)
    return mixed and changes >= 0.3 * len(value) and entropy(value) >= (3.0 if len(value) < 16 else 3.3)


def kind_of(character: str) -> str:
    if character.isdigit():
        return "digit"
    return "lower" if character.islower() else "upper" if character.isupper() else "mark"


def kinds_of(value: str) -> int:
    return len({kind_of(character) for character in value})


def entropy(value: str) -> float:
    """Bits for a character, by Shannon."""
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
