"""The cover art as pixels, for those who take no SVG: what ``cover_art`` draws, drawn again by Pillow.

It knows the few elements and path commands that covers are made of, and no others.
"""

import math
import re
from itertools import pairwise

from PIL import Image, ImageDraw

from .cover_art import HEIGHT, WIDTH, cover_svg

# The light inks of static/css/tokens.css.
INKS = {
    "cover-ground": "#eae6da",
    "cover-1": "#d0482f",
    "cover-2": "#e4aa42",
    "cover-3": "#24384b",
    "cover-4": "#a9bdae",
    "cover-line": "#24384b",
}
# Drawn so many times larger, and made smaller at the end: Pillow itself draws no soft edges.
FINENESS = 2
# Points on one curve or arc.
STEPS = 48

_ELEMENT = re.compile(r"<(circle|rect|path) ([^>]*)/>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_COMMAND = re.compile(r"([A-Za-z])|(-?(?:\d+\.?\d*|\.\d+))")
_NUMBERS_OF = {"M": 2, "H": 1, "V": 1, "L": 2, "C": 6, "Q": 4, "T": 2, "A": 7, "Z": 0}


def draw_cover(seed, width, height):
    """Return the cover for ``seed`` as an image of this size, filled as the page fills a frame."""
    scale = max(width / WIDTH, height / HEIGHT) * FINENESS
    canvas = Image.new("RGB", (width * FINENESS, height * FINENESS), INKS["cover-ground"])
    pen = _Pen(
        ImageDraw.Draw(canvas),
        scale,
        (width * FINENESS - WIDTH * scale) / 2,
        (height * FINENESS - HEIGHT * scale) / 2,
    )
    for kind, attributes in _ELEMENT.findall(cover_svg(seed)):
        pen.draw(kind, dict(_ATTRIBUTE.findall(attributes)))
    return canvas.reduce(FINENESS)


class _Pen:
    """Draws elements of a cover, scaled and moved."""

    def __init__(self, draw, scale, right, down):
        self.canvas, self.scale, self.right, self.down = draw, scale, right, down

    def place(self, x, y):
        return x * self.scale + self.right, y * self.scale + self.down

    def draw(self, kind, attributes):
        ink = INKS[attributes["class"]]
        if kind == "circle":
            x, y, radius = (float(attributes[name]) for name in ("cx", "cy", "r"))
            self.canvas.ellipse(
                (*self.place(x - radius, y - radius), *self.place(x + radius, y + radius)), ink
            )
        elif kind == "rect":
            x, y, width, height = (float(attributes[name]) for name in ("x", "y", "width", "height"))
            self.canvas.rectangle((*self.place(x, y), *self.place(x + width, y + height)), ink)
        else:
            for points in outlines(attributes["d"]):
                placed = [self.place(*point) for point in points]
                if attributes.get("fill") == "none":
                    stroke = round(float(attributes["stroke-width"]) * self.scale)
                    self.canvas.line(placed, ink, stroke, joint="curve")
                elif len(placed) > 2:
                    self.canvas.polygon(placed, ink)


def outlines(path):
    """Return the stretches of an SVG path as lists of points, its curves in short straight lines."""
    found, points, handle = [], [], None
    for name, numbers in _commands(path):
        x, y = points[-1] if points else (0, 0)
        kind = name.upper()
        if kind == "Z":
            points.append(points[0])
            continue
        if name.islower():
            numbers = _from_here(kind, numbers, x, y)
        if kind == "M":
            points = [tuple(numbers)]
            found.append(points)
        elif kind == "A":
            points += _arc((x, y), *numbers)
        elif kind in "CQT":
            if kind == "T":
                # The handle is the one before, mirrored at the point between.
                numbers = [2 * x - handle[0], 2 * y - handle[1], *numbers]
            handle = tuple(numbers[-4:-2])
            points += _curve([(x, y), *zip(numbers[::2], numbers[1::2], strict=True)])
        else:
            points.append(
                (numbers[0], y) if kind == "H" else (x, numbers[0]) if kind == "V" else tuple(numbers)
            )
    return found


def _commands(path):
    """Yield the commands of a path with their numbers; one that is repeated need not be named again."""
    tokens = [letter or float(number) for letter, number in _COMMAND.findall(path)]
    place, name = 0, ""
    while place < len(tokens):
        if isinstance(tokens[place], str):
            name = tokens[place]
            place += 1
        count = _NUMBERS_OF[name.upper()]
        yield name, tokens[place : place + count]
        place += count


def _from_here(kind, numbers, x, y):
    if kind == "A":
        return [*numbers[:5], numbers[5] + x, numbers[6] + y]
    if kind == "V":
        return [numbers[0] + y]
    return [number + (y if place % 2 else x) for place, number in enumerate(numbers)]


def _curve(handles):
    """Return points on a Bézier curve, without its first."""
    points = []
    for step in range(1, STEPS + 1):
        share, line = step / STEPS, handles
        while len(line) > 1:
            line = [(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share) for (x1, y1), (x2, y2) in pairwise(line)]
        points.append(line[0])
    return points


def _arc(start, radius, _second, _turn, large, sweep, x, y):
    """Return points on a circle's arc, without its first: the centre is where SVG's rules put it."""
    (x1, y1), (x2, y2) = start, (x, y)
    apart = math.dist((x1, y1), (x2, y2))
    radius = max(radius, apart / 2)
    off = math.sqrt(max(0, radius**2 - apart**2 / 4)) * (1 if large != sweep else -1)
    centre_x = (x1 + x2) / 2 - off * (y2 - y1) / apart
    centre_y = (y1 + y2) / 2 + off * (x2 - x1) / apart
    first = math.atan2(y1 - centre_y, x1 - centre_x)
    turn = math.atan2(y2 - centre_y, x2 - centre_x) - first
    if sweep and turn < 0:
        turn += math.tau
    elif not sweep and turn > 0:
        turn -= math.tau
    angles = (first + turn * step / STEPS for step in range(1, STEPS + 1))
    return [(centre_x + radius * math.cos(angle), centre_y + radius * math.sin(angle)) for angle in angles]
