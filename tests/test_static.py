"""The vendored front end, and templates that keep to the content security policy."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django import Settings

VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"
# What mail programs and printers show, and the preview's own document, bring their styles along.
WITH_STYLES = {
    "outbox/mail.html",
    "reports/dark_styles.html",
    "reports/no_preview.html",
    "reports/paper.html",
    "reports/styles.html",
}
TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))


def test_vendored_files_are_those_whose_sums_were_kept() -> None:
    kept = (VENDOR / "SHA256SUMS").read_text().splitlines()
    files = sorted(file for file in VENDOR.iterdir() if file.name not in {"SHA256SUMS", "update.sh"})
    assert [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}" for file in files] == kept


def test_every_icon_of_a_template_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text()))
    used = re.compile(r'components/icon\.html" with name="([^"]+)"|\bicon="([^"]+)"')
    names = {a or b for file in TEMPLATES for a, b in used.findall(file.read_text())}
    assert names
    assert not names - sprite


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(settings.BASE_DIR)))
def test_a_template_has_nothing_inline_and_nothing_from_elsewhere(file: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", file.read_text())
    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:", source)
    assert ("<style" in source) == ("/".join(file.parts[-2:]) in WITH_STYLES)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert not re.search(r'(src|href)="(https?:)?//', source)


@pytest.mark.filterwarnings(
    "ignore::ResourceWarning"
)  # brotli is not there, and whitenoise leaves files to the collector
def test_every_static_file_is_found_under_its_hashed_name(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    backend = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": backend}
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").exists()
