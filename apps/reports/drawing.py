"""The course of a score as a picture that every mail program shows."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

# As it is shown; twice as many pixels are sent, for sharp screens, and twice as many again are drawn and smoothed.
WIDTH, HEIGHT, SENT, DRAWN = 592, 80, 2, 4
MARGIN = 6
# A tone that stands out from white as well as from dark, on no background.
LINE, AREA, RULE = (25, 148, 153, 255), (25, 148, 153, 44), (128, 140, 143, 80)


def draw(scores: Sequence[float | None]) -> bytes:
    """PNG of at least two scores 0 to 100, oldest first, None where there was none; the scale is always the same."""
    image = Image.new("RGBA", (WIDTH * DRAWN, HEIGHT * DRAWN), (*LINE[:3], 0))
    canvas = ImageDraw.Draw(image)
    step = (WIDTH - 2 * MARGIN) / (len(scores) - 1)
    points = [((MARGIN + week * step) * DRAWN, height(score)) for week, score in enumerate(scores) if score is not None]
    canvas.polygon([(points[0][0], height(0)), *points, (points[-1][0], height(0))], fill=AREA)
    for score in (0, 50, 100):
        canvas.line([(0, height(score)), (image.width, height(score))], fill=RULE, width=DRAWN)
    canvas.line(points, fill=LINE, width=2 * DRAWN, joint="curve")
    canvas.circle(points[-1], 4 * DRAWN, fill=LINE)
    sent = io.BytesIO()
    image.resize((WIDTH * SENT, HEIGHT * SENT), Image.Resampling.LANCZOS).save(sent, "PNG", optimize=True)
    return sent.getvalue()


def height(score: float) -> float:
    return (MARGIN + (HEIGHT - 2 * MARGIN) * (100 - score) / 100) * DRAWN
