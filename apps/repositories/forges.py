"""Which forge serves a repository, and where it shows a line of a file at a commit."""

from __future__ import annotations

import re
from urllib.parse import quote

from django.db.models import TextChoices

OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Forge(TextChoices):
    """The forges whose pages we can link to; NONE is any other git server, or a folder."""

    NONE = "", ""
    GITHUB = "github", "GitHub"
    GITLAB = "gitlab", "GitLab"
    BITBUCKET = "bitbucket", "Bitbucket"
    GITEA = "gitea", "Gitea"
    AZURE = "azure", "Azure DevOps"


FILE_PAGES = {
    Forge.GITHUB: "{web}/blob/{commit}/{path}",
    Forge.GITLAB: "{web}/-/blob/{commit}/{path}",
    Forge.BITBUCKET: "{web}/src/{commit}/{path}",
    Forge.GITEA: "{web}/src/commit/{commit}/{path}",
    Forge.AZURE: "{web}?path=/{path}&version=GC{commit}",
}
# A rendered README or notebook has no line numbers, so its source is asked for.
COMMIT_PAGES = {
    Forge.GITHUB: "{web}/commit/{commit}",
    Forge.GITLAB: "{web}/-/commit/{commit}",
    Forge.GITEA: "{web}/commit/{commit}",
    Forge.BITBUCKET: "{web}/commits/{commit}",
    Forge.AZURE: "{web}/commit/{commit}",
}
LINE_PAGES = {
    Forge.GITHUB: "?plain=1#L{line}",
    Forge.GITLAB: "?plain=1#L{line}",
    Forge.BITBUCKET: "#lines-{line}",
    Forge.GITEA: "?display=source#L{line}",
    Forge.AZURE: "&line={line}&lineEnd={next}&lineStartColumn=1&lineEndColumn=1",
}
# Where a forge takes a deploy key, and where it makes a token that may read a repository.
DEPLOY_KEY_PAGES = {
    Forge.GITHUB: "{web}/settings/keys/new",
    Forge.GITLAB: "{web}/-/settings/repository",
    Forge.BITBUCKET: "{web}/admin/access-keys/",
    Forge.GITEA: "{web}/settings/keys",
}
TOKEN_PAGES = {
    Forge.GITHUB: "{site}/settings/personal-access-tokens/new",
    Forge.GITLAB: "{web}/-/settings/access_tokens",
    Forge.BITBUCKET: "{web}/admin/access-tokens",
    Forge.GITEA: "{site}/user/settings/applications",
}
# Where a forge is told whom to tell of pushes.
PUSH_PAGES = {
    Forge.GITHUB: "{web}/settings/hooks/new",
    Forge.GITLAB: "{web}/-/hooks",
    Forge.BITBUCKET: "{web}/admin/webhooks",
    Forge.GITEA: "{web}/settings/hooks",
}
# Some serve ssh under a name of its own, also on port 443 for who cannot use 22.
SSH_HOSTS = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
    "ssh.dev.azure.com": "dev.azure.com",
    "vs-ssh.visualstudio.com": "dev.azure.com",
}
LABELS = {
    "github": Forge.GITHUB,
    "gitlab": Forge.GITLAB,
    "gitea": Forge.GITEA,
    "forgejo": Forge.GITEA,
    "codeberg": Forge.GITEA,
}


def recognise(host: str) -> Forge:
    """The forge that a host name speaks of: `github.com`, but also `gitlab.example.org`."""
    if host == "bitbucket.org":
        return Forge.BITBUCKET
    if host == "dev.azure.com" or host.endswith(".visualstudio.com"):
        return Forge.AZURE
    return next((LABELS[label] for label in host.split(".") if label in LABELS), Forge.NONE)


def web_host(host: str) -> str:
    """Where a forge shows the repositories that it serves by ssh at `host`."""
    return SSH_HOSTS.get(host, host)


def web_page(host: str, segments: list[str]) -> str:
    """The page of a repository that is served by ssh, or "" where it is on no forge that we know."""
    host = web_host(host)
    if recognise(host) == Forge.AZURE and len(segments) == 4:
        _, organisation, project, name = segments
        segments = [organisation, project, "_git", name]
    return "/".join([f"https://{host}", *segments]) if recognise(host) else ""


def credential_page(forge: str, web_url: str, *, over_ssh: bool) -> str:
    """The page of a forge that takes a deploy key or makes a token, or "" where we know none."""
    pages = DEPLOY_KEY_PAGES if over_ssh else TOKEN_PAGES
    site = "/".join(web_url.split("/")[:3])
    return pages.get(Forge(forge), "").format(web=web_url, site=site)


def push_page(forge: str, web_url: str) -> str:
    """The page of a forge on which it is told whom to tell of pushes, or "" where we know none."""
    return PUSH_PAGES.get(Forge(forge), "").format(web=web_url)


def link(forge: str, web_url: str, commit: str, path: str, line: int | None = None) -> str:
    """The page of a file (and line) at a commit, or "" where there is none to point to."""
    if not (forge and web_url and OBJECT_ID.fullmatch(commit)):
        return ""
    # A browser resolves dots, encoded or not, and would leave the repository.
    if not set(path.split("/")).isdisjoint({"", ".", ".."}):
        return ""
    quoted = quote(path, safe="/", errors="surrogateescape")
    page = FILE_PAGES[Forge(forge)].format(web=web_url, commit=commit, path=quoted)
    if line is None:
        return page
    return page + LINE_PAGES[Forge(forge)].format(line=line, next=line + 1)


def commit_link(forge: str, web_url: str, commit: str) -> str:
    """The page of a commit, or "" where there is none to point to."""
    if not (forge and web_url and OBJECT_ID.fullmatch(commit)):
        return ""
    return COMMIT_PAGES[Forge(forge)].format(web=web_url, commit=commit)
