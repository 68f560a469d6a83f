"""Small charts of a few values, in whole numbers, for a template to draw as SVG."""

from dataclasses import dataclass

WIDTH, HEIGHT = 300, 96
# Room above the highest dot of a line, and below the lowest.
MARGIN = 5
# Of a place, what a bar fills.
FILLED = 0.68
SMALLEST = 3
# Of counts, what fills the height at least: one of anything is not much.
LEAST_TOP = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar or a dot: where it stands, and what it says. ``is_last``: the week that has not ended."""

    x: int
    y: int
    width: int
    height: int
    label: str
    is_none: bool
    is_last: bool


def top(values):
    """Return the count that fills the height."""
    return max([*values, LEAST_TOP])


def bars(values, labels):
    """Return a bar for each value; one for nothing is there, too, as low as can be."""
    place, most = WIDTH / len(values), top(values)
    width = round(place * FILLED)
    marks = []
    for number, (value, label) in enumerate(zip(values, labels, strict=True)):
        height = max(round(HEIGHT * value / most), SMALLEST) if value else 1
        x = round(place * number + (place - width) / 2)
        is_last = number == len(values) - 1
        marks.append(Mark(x, HEIGHT - height, width, height, label, not value, is_last))
    return marks


def dots(values, labels):
    """Return a dot for each value that there is; None is no value."""
    place, most = WIDTH / len(values), max(filter(None, values), default=1)
    return [
        Mark(
            x=round(place * (number + 0.5)),
            y=round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * value / most),
            width=0,
            height=0,
            label=label,
            is_none=False,
            is_last=number == len(values) - 1,
        )
        for number, (value, label) in enumerate(zip(values, labels, strict=True))
        if value is not None
    ]


def path(marks):
    """Return the line through dots, as the points of a polyline."""
    return " ".join(f"{mark.x},{mark.y}" for mark in marks)
