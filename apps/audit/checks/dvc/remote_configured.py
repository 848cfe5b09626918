import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from apps.audit.check import Check, Effort, Evidence, Finding, fails, ignores, passes
from apps.audit.checks.dvc.initialised import Initialised
from apps.audit.facts.dvc.config import Config, Configs, Remote
from apps.audit.regex import regex

SCHEMES = {"s3", "gs", "azure", "gdrive", "oss", "ssh", "hdfs", "webhdfs", "http", "https", "webdav", "webdavs"}
# Sites that answer with a page for people where DVC asks for an object.
PAGES = regex(
    r"(www\.)?(github|gitlab|dropbox|kaggle|example)\.com|bitbucket\.org|huggingface\.co|(drive|docs)\.google\.com"
    r"|console\.cloud\.google\.com|([\w-]+\.)*console\.aws\.amazon\.com|portal\.azure\.com|onedrive\.live\.com"
)
LOCAL_HOST = regex(r"localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1|host\.docker\.internal")


class RemoteConfigured(Check):
    """A default remote that others can reach

    Git holds only hashes; the data itself travels through the remote. On one person's disk it reaches nobody.

    Fix: `dvc remote add --default storage s3://bucket/path` (or gs://, azure://, ssh://, gdrive://, …), then commit
    `.dvc/config` and run `dvc push`.
    """

    weight = 4
    effort = Effort.HOURS
    requires = (Initialised,)

    def run(self, configs: Configs) -> Iterator[Finding | Evidence]:
        for config in configs.shared:
            yield from self.judge(config)

    def judge(self, config: Config) -> Iterator[Finding | Evidence]:
        if config.document.error:
            yield Finding(f"cannot be read: {config.document.error}", config.path, config.document.error_line)
            return
        remote = config.remotes.get(config.default)
        if not config.default:
            known = ", ".join(config.remotes) or "none"
            yield Finding(f"no default remote ([core] remote); remotes: {known}", config.path)
        elif remote is None:
            line = config.document.line("core", "remote")
            yield Finding(f"the default remote {config.default} is not defined", config.path, line)
        elif problem := unreachable(remote, config):
            yield Finding(f"the default remote {remote.name} {problem}", config.path, remote.line)
        else:
            scheme = remote.url.partition("://")[0]
            yield Evidence(f"default remote {remote.name} over {scheme}", config.path, remote.line)

    examples = (
        passes({".dvc/config": "[core]\n    remote = s\n['remote \"s\"']\n    url = s3://b/p\n"}, "over s3"),
        passes({".dvc/config": "[core]\nremote = d\n['remote \"d\"']\nurl = https://dagshub.com/a/b.dvc\n"}),
        passes(
            {
                ".dvc/config": "[core]\nremote = d\n['remote \"d\"']\nurl = remote://m/x\n['remote \"m\"']\nurl = gs://b\n"
            }
        ),
        fails({".dvc/config": ""}, "no default remote"),
        fails({".dvc/config": "['remote \"s\"']\nurl = s3://b/p\n"}, "no default remote"),
        fails({".dvc/config": "[core]\nremote = s\n"}, "is not defined"),
        fails({".dvc/config": "[core]\nremote = s\n['remote \"s\"']\nurl = /mnt/dvc\n"}, "a folder of one machine"),
        fails(
            {".dvc/config": "[core]\nremote = s\n['remote \"s\"']\nurl = https://drive.google.com/drive/folders/1\n"},
            "a web page",
        ),
        ignores({"dvc.yaml": "stages: {}\n"}, "needs: dvc/initialised"),
        ignores({"train.py": "import torch\n"}, "no DVC files"),
    )


def unreachable(remote: Remote, config: Config, depth: int = 5) -> str:
    """Why others cannot use a remote; empty when they can."""
    if not remote.url:
        return "has no url in the committed configuration"
    parts = split_url(remote.url)
    if parts is None or not parts.netloc:
        return f"is a folder of one machine: {remote.url}"
    if parts.scheme == "remote":
        base = config.remotes.get(parts.netloc)
        if base is None or not depth:
            return f"builds on {parts.netloc}, which is not defined"
        return unreachable(base, config, depth - 1)
    if parts.scheme not in SCHEMES:
        return f"has a scheme that DVC does not know: {parts.scheme}://"
    host = parts.hostname or ""
    endpoint = split_url(remote.options.get("endpointurl", ""))
    if LOCAL_HOST.fullmatch(host) or (endpoint and LOCAL_HOST.fullmatch(endpoint.hostname or "")):
        return "is a server of one machine (localhost)"
    is_page = PAGES.fullmatch(host) or (host == "dagshub.com" and not re.search(r"\.(dvc|s3)(/|$)", parts.path))
    if parts.scheme in {"http", "https"} and (is_page or parts.path.endswith((".html", ".htm"))):
        return f"is a web page, not a storage: {parts.scheme}://{host}"
    return ""


def split_url(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
