"""The picture that a page is shared with: its title beside its cover art, 1200 by 630, as PNG.

It is drawn when somebody asks, kept in the cache, and told apart by a digest of what is on it; so its
address may be kept for ever, and a change of the title gives another one.
"""

import hashlib
from dataclasses import dataclass
from functools import cache as remember
from io import BytesIO
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from PIL import Image, ImageDraw, ImageFont

from .raster import INKS, draw_cover

WIDTH, HEIGHT = 1200, 630
VERSION = 1
"""To be raised when pictures are drawn differently."""

KEPT_SECONDS = 30 * 24 * 3600
FONT = Path(__file__).parent / "fonts" / "noto-serif-bold.ttf"
PANEL = 660
MARGIN = 64
SIZES = (72, 64, 56, 48, 42)
"""Of the title, in pixels; the first that has room for all of it."""

LINE = 1.22
TITLE_ROOM = HEIGHT - 3 * MARGIN
PAPER, TEXT = "#fcfcfa", "#1a1b1e"

# One at a time in each process: each takes some megabytes while it is drawn.
_drawing = Lock()


@dataclass(frozen=True)
class ShareImage:
    """What is on the picture. ``number``: the article's, or 0 for the site itself."""

    number: int
    seed: str
    title: str

    @property
    def digest(self):
        facts = (str(VERSION), self.seed, self.title, settings.SITE_NAME)
        return hashlib.sha256("\0".join(facts).encode()).hexdigest()[:16]

    @property
    def url(self):
        return settings.SITE_URL + reverse("articles:share_image", args=[self.number, self.digest])

    def png(self):
        key = f"articles.share_image:{self.digest}"
        with _drawing:
            drawn = cache.get(key)
            if drawn is None:
                drawn = draw(self.seed, self.title, settings.SITE_NAME)
                cache.set(key, drawn, KEPT_SECONDS)
        return drawn


def image_of(article):
    return ShareImage(article.pk, article.path, article.title)


def image_of_site():
    return ShareImage(0, settings.SITE_NAME, settings.SITE_NAME)


def draw(seed, title, site_name):
    """Return the picture as PNG. Where letters are wanting for the title, the art has all the room."""
    if can_write(title):
        image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
        image.paste(draw_cover(seed, WIDTH - PANEL, HEIGHT), (PANEL, 0))
        _write(ImageDraw.Draw(image), title, site_name if site_name != title else "")
    else:
        image = draw_cover(seed, WIDTH, HEIGHT)
    stored = BytesIO()
    # Few inks: a palette makes a small file of it.
    image.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(stored, "PNG")
    return stored.getvalue()


def _write(canvas, title, site_name):
    for size in SIZES:
        font = font_of(size)
        lines = wrap(title, font, PANEL - 2 * MARGIN)
        room = int(TITLE_ROOM // (size * LINE))
        if len(lines) <= room:
            break
    if len(lines) > room:
        lines = [*lines[: room - 1], shortened(lines[room - 1], font, PANEL - 2 * MARGIN)]
    for number, line in enumerate(lines):
        canvas.text((MARGIN, MARGIN + number * size * LINE), line, TEXT, font)
    if can_write(site_name):
        font = font_of(28)
        line, *more = wrap(site_name, font, PANEL - 2 * MARGIN)
        line = shortened(line, font, PANEL - 2 * MARGIN) if more else line
        canvas.rectangle((MARGIN, HEIGHT - MARGIN - 52, MARGIN + 56, HEIGHT - MARGIN - 48), INKS["cover-1"])
        canvas.text((MARGIN, HEIGHT - MARGIN), line, TEXT, font, anchor="ls")


def wrap(text, font, width):
    """Return ``text`` in lines no wider than ``width``; what is longer than a line is broken anywhere."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for letter in word:
            if lines[-1] and font.getlength(lines[-1] + letter) > width:
                lines.append("")
            lines[-1] += letter
    return lines


def shortened(line, font, width):
    """Return the line with a sign that more would follow."""
    while font.getlength(line + "…") > width:
        line = line[:-1]
    return line.rstrip(" ,;:.–—-") + "…"


@remember
def font_of(size):
    # Without shaping: the scripts that need it have no letters in this font.
    return ImageFont.truetype(FONT, size, layout_engine=ImageFont.Layout.BASIC)


def can_write(text):
    """Tell whether the font has a letter for each character of ``text``, and ``text`` has any."""
    return bool(text.strip()) and all(map(_has_letter, set(text) - {" "}))


@remember
def _missing():
    return _shape(chr(0xE000))


def _shape(character):
    mask = font_of(48).getmask(character)
    return mask.size, bytes(mask)


def _has_letter(character):
    return _shape(character) != _missing()
