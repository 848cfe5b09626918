"""Mails as HTML: composed from templates that extend outbox/mail.html, and shown in a browser as they will arrive."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import css_inline
from django.http import HttpResponse
from django.template.loader import render_to_string

# What `outbox/mail.html` links to; each mail has its own address there when it is sent.
UNSUBSCRIBE = "mlhealth:unsubscribe"
INLINER = css_inline.CSSInliner(load_remote_stylesheets=False)
# A mail has its styles in its elements, as mail programs want it; nothing else of it does anything.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "sandbox allow-popups"
)


def compose(template: str, context: Mapping[str, Any]) -> str:
    """The HTML of a mail, with the styles of its frame in its elements."""
    return INLINER.inline(render_to_string(template, dict(context)))


def shown(html: str, images: Mapping[str, bytes]) -> HttpResponse:
    """A mail as a page of its own, with its images in it."""
    for cid, image in images.items():
        html = html.replace(f'"cid:{cid}"', f'"data:image/png;base64,{base64.b64encode(image).decode()}"')
    response = HttpResponse(html.replace(f'href="{UNSUBSCRIBE}"', ""))
    response["Content-Security-Policy"] = POLICY
    return response
