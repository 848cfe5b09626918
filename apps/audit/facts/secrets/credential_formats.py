"""What credentials look like: the formats of providers, and random literals given to names like `password`.

Only kinds leave this module, never a value.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from apps.audit.regex import regex

PRIVATE_KEY, LITERAL = "a private key", "a literal given to "
# Kind, a text without which there is none, and the format, which starts with a literal so that it is found fast.
FORMATS = tuple(
    (kind, needle, regex(pattern))
    for kind, needles, pattern in (
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
        ("a GitHub token", "ghp_|gho_|ghu_|ghs_|ghr_", r"gh[pousr]_[A-Za-z0-9]{36,251}\b"),
        ("a GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b"),
        (
            "a GitLab token",
            "glpat-|gldt-|glrt-|glptt-|glsoat-|glcbt-|glft-",
            r"gl(?:pat|dt|rt|ptt|soat|cbt|ft)-[\w-]{20,}",
        ),
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
    for needle in needles.split("|")
)
ADDRESS = regex(r"://([^\s:/@\"'<>]{0,64}):([^\s/@\"'<>]{3,128})@([\w.-]+)")
LOCAL = regex(r"[^.]*|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|.*\b(example|test|local|invalid)\b.*")
ASSIGNMENT = regex(
    r"(?:password|passwd|pwd|secret|secret[_-]?key|token|api[_-]?key|access[_-]?key|auth[_-]?key)[\"'\]]{0,2}"
    r"\s{0,10}(?::\s?\w{1,20}\s?)?(?:=>|:=|[=:,])\s{0,10}"
    r"(?:([\"'])(?P<quoted>[^\s\"']{10,200})\1|(?P<bare>[\w+/=~!@#%^&*.-]{16,200})\s*$)",
    re.IGNORECASE | re.ASCII,
)
# Without one of these a line holds nothing, in the syntax that Hyperscan and Python share; they bound nothing, which is
# faster there.
MARKS = (*dict.fromkeys(re.escape(needle) for _, needle, _ in FORMATS), r"://[^\s/@\"'<>]*:[^\s/@\"'<>]+@")
ASSIGNMENT_MARK = (
    r"(?:passw(?:or)?d|pwd|secret|token|(?:api|access|auth|secret)[_-]?key)[\"'\]]*"
    r"\s*(?::\s?\w+\s?)?[=:,]>?=?\s*(?:[\"'][^\s\"']{10}|[\w+/=~!@#%^&*.-]{16})"
)
NOT_SECRET = regex(r"(public|publishable|hashed|encrypted|sealed|csrf|idempotency|continuation|page)[_-]?", re.I)
# What people write where a value belongs, and the public key of Azure's emulator; 3 is read as e, @ as a, and so on.
PLACEHOLDER = regex(
    r"example|sample|placeholder|change.?me|your|dummy|fake|mock|redacted|insecure|todo|insert|replace|xxx|\.\.\.|\*\*\*"
    r"|[<>{}$]|%\(|qwert|asdf|zxcv|12345|abcd|deadbeef|foobar|secret|passw|letmein|hunter2|test|admin|default|eby8vdm0"
)
LETTERS = str.maketrans("013457@$!", "oleastasi")
ALLOWED = regex(r"allowlist secret|gitleaks:allow|nosec|noqa: ?s10[567]|trufflehog:ignore|ggignore", re.IGNORECASE)
LONGEST_LINE = 1000
# Formats that go on in the lines below, and how far.
GOES_ON, LONGEST_FORMAT = ("PRIVATE KEY", '"username"'), 3000


def kinds_in(line: str, below: bytes, *, literals: bool) -> Iterator[str]:
    """Kinds of the credentials that start in a line, none where a comment allows it; `below` is what follows it.

    Without `literals` only formats count.
    """
    text = line + below.decode("utf-8", "replace") if goes_on(line) else line
    for kind, start in find_formats(text):
        if start < len(line) and not is_allowed(line, start):
            yield kind
    if literals and len(line) <= LONGEST_LINE and not is_allowed(line, 0):
        yield from find_assignments(line)


def goes_on(line: str) -> bool:
    return any(needle in line for needle in GOES_ON)


def is_allowed(line: str, at: int) -> bool:
    return bool(ALLOWED.search(line, max(at - LONGEST_LINE, 0), at + LONGEST_LINE))


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


def find_assignments(line: str) -> Iterator[str]:
    for match in ASSIGNMENT.finditer(line):
        before = re.search(r"[\w.-]*$", line[: match.start()])
        name = (before[0] if before else "") + re.split(r"[\"'\]\s:=,]", match[0], maxsplit=1)[0]
        shortest = 10 if re.search("passw|pwd", name, re.IGNORECASE) and match["quoted"] else 16
        if not NOT_SECRET.search(name) and is_random(match["quoted"] or match["bare"], shortest):
            yield f"{LITERAL}{name[-60:]}"


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
