"""Cover art for articles and lists: abstract prints drawn from an address, the same one every time.

A cover is one inline SVG of flat shapes, in the manner of a two- or three-colour poster. It names no
colour itself: each shape carries one of the classes ``cover-ground``, ``cover-1`` to ``cover-4`` (fills)
or ``cover-line`` (strokes), so that the style sheet inks it, in light and in dark, and the page needs no
inline style. Coordinates are units of the 800 by 450 view box; whatever reaches beyond it is cropped.
"""

import hashlib
import math
from itertools import pairwise

WIDTH = 800
HEIGHT = 450

GROUND = "cover-ground"
RED, OCHRE, INK, SAGE = "cover-1", "cover-2", "cover-3", "cover-4"


class Dice:
    """Repeatable chance: the same seed throws the same numbers on every machine and Python version.

    ``random.Random`` promises that for ``random()`` alone, and ``hash()`` not at all.
    """

    def __init__(self, seed):
        self._seed = seed
        self._throws = 0

    def below(self, limit):
        """Return a whole number from 0 to ``limit`` - 1."""
        self._throws += 1
        digest = hashlib.sha256(f"{self._throws}:{self._seed}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % limit

    def between(self, low, high):
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def shuffled(self, choices):
        rest = list(choices)
        return [rest.pop(self.below(len(rest))) for _ in choices]


def disc(ink, x, y, radius):
    return f'<circle class="{ink}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'


def block(ink, x, y, width, height):
    return f'<rect class="{ink}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"/>'


def shape(ink, path):
    return f'<path class="{ink}" d="{path}"/>'


def lines(path, *, width=2):
    """Return open strokes, ``width`` units wide."""
    return f'<path class="cover-line" fill="none" stroke-width="{width}" d="{path}"/>'


def ring(x, y, radius):
    """Return the path of a circle's outline."""
    return f"M{x - radius} {y}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0-{2 * radius} 0"


def lens(first, second):
    """Return the path of what two discs (x, y, radius) share.

    They must cross, and each centre lie outside the lens; then both its sides are short arcs.
    """
    (x1, y1, r1), (x2, y2, r2) = first, second
    apart = math.dist((x1, y1), (x2, y2))
    along = (r1**2 - r2**2 + apart**2) / (2 * apart)
    across = math.sqrt(r1**2 - along**2)
    ux, uy = (x2 - x1) / apart, (y2 - y1) / apart
    mx, my = x1 + along * ux, y1 + along * uy
    start = f"{mx + across * uy:.1f} {my - across * ux:.1f}"
    end = f"{mx - across * uy:.1f} {my + across * ux:.1f}"
    return f"M{start}A{r1} {r1} 0 0 1 {end}A{r2} {r2} 0 0 1 {start}"


def draw_pair(dice):
    """Overprint a large and a small disc, with ripples running out from the small one."""
    ground, first_ink, second_ink, third_ink, overlap = dice.pick(
        (
            (GROUND, RED, OCHRE, SAGE, INK),
            (GROUND, OCHRE, SAGE, RED, INK),
            (GROUND, SAGE, RED, OCHRE, INK),
            (GROUND, INK, OCHRE, SAGE, RED),
            (SAGE, OCHRE, RED, GROUND, INK),
            (OCHRE, RED, SAGE, GROUND, INK),
        )
    )
    towards = dice.pick((-1, 1))
    big = dice.between(150, 190)
    small = dice.between(95, 125)
    angle = math.radians(dice.between(-38, 38))
    apart = (big + small) * dice.between(68, 76) / 100
    x1 = 400 - towards * dice.between(70, 110)
    y1 = 225 - round(math.sin(angle) * apart / 2)
    x2 = x1 + towards * round(math.cos(angle) * apart)
    y2 = y1 + round(math.sin(angle) * apart)
    step = dice.pick((22, 26, 30))
    ripples = "".join(ring(x2, y2, small + step * turn) for turn in range(1, 8))
    moon = dice.between(26, 40)
    moon_y = 225 + dice.pick((-1, 1)) * dice.between(110, 150)
    return [
        block(ground, 0, 0, WIDTH, HEIGHT),
        lines(ripples),
        disc(first_ink, x1, y1, big),
        disc(second_ink, x2, y2, small),
        shape(overlap, lens((x1, y1, big), (x2, y2, small))),
        disc(third_ink, 400 - towards * dice.between(310, 335), moon_y, moon),
    ]


def draw_row(dice):
    """Overprint four equal discs in a row, and rule the paper beneath them."""
    inks = dice.pick(((RED, OCHRE, SAGE, OCHRE), (SAGE, OCHRE, RED, SAGE), (OCHRE, RED, OCHRE, SAGE)))
    radius = dice.between(104, 120)
    apart = dice.between(140, 156)
    first = 400 - apart * 1.5
    rise = dice.pick((-26, 0, 26))
    discs = [(first + apart * place, 225 + rise * (-1) ** place, radius) for place in range(4)]
    rules = "".join(f"M0 {y}H{WIDTH}" for y in range(225 - 36, 225 + 37, 18))
    return [
        block(GROUND, 0, 0, WIDTH, HEIGHT),
        lines(rules),
        *(disc(ink, *where) for ink, where in zip(inks, discs, strict=True)),
        *(shape(INK, lens(*pair)) for pair in pairwise(discs)),
    ]


def draw_discs(dice):
    """Overprint discs: mostly two that differ, sometimes four alike."""
    return dice.pick((draw_pair, draw_pair, draw_row))(dice)


def draw_terraces(dice):
    """Lay arcs round one point of the lower edge like terraced fields, and a disc in the open sky."""
    centre = dice.pick((0, 0, 230, 570, WIDTH, WIDTH))
    away = 1 if centre < 400 else -1
    order = dice.pick(
        (
            (RED, GROUND, INK, SAGE, OCHRE),
            (SAGE, INK, GROUND, OCHRE, RED),
            (INK, OCHRE, GROUND, RED, SAGE),
            (OCHRE, RED, GROUND, SAGE, INK),
        )
    )
    count = dice.pick((5, 6, 7))
    outer = dice.between(480, 530) if centre in (0, WIDTH) else dice.between(350, 390)
    step = outer / count
    base = dice.pick((HEIGHT, HEIGHT + 40))
    beyond = "".join(ring(centre, base, outer + gap) for gap in (18, 36, 54))
    arcs = (disc(order[turn % len(order)], centre, base, round(outer - step * turn)) for turn in range(count))
    sun = disc(
        dice.pick((RED, OCHRE)),
        400 + away * dice.between(250, 300),
        dice.between(95, 125),
        dice.between(44, 62),
    )
    return [block(GROUND, 0, 0, WIDTH, HEIGHT), lines(beyond), *arcs, sun]


def ridge(heights, lift=0):
    """Return a smooth line through points 800 / (n - 1) apart, at these heights from the top."""
    step = WIDTH / (len(heights) - 1)
    path = f"M0 {heights[0] + lift}"
    for number, (before, after) in enumerate(pairwise(heights)):
        middle, end = step * (number + 0.5), step * (number + 1)
        path += f"C{middle:.0f} {before + lift} {middle:.0f} {after + lift} {end:.0f} {after + lift}"
    return path


def draw_hills(dice):
    """Set a sun behind three ranges of hills, the nearest one with contour lines."""
    # Lines are dark on light paper, so the dark ink is never the nearest range.
    ground, sun, far, middle, near = dice.pick(
        (
            (GROUND, RED, OCHRE, INK, SAGE),
            (GROUND, OCHRE, SAGE, INK, RED),
            (OCHRE, RED, SAGE, INK, GROUND),
            (SAGE, OCHRE, GROUND, INK, RED),
            (GROUND, RED, SAGE, INK, OCHRE),
        )
    )
    ranges = []
    for level, sway, points in ((235, 55, 4), (300, 50, 5), (360, 42, 4)):
        side = dice.pick((-1, 1))
        ranges.append(
            [level + side * (-1) ** number * dice.between(sway // 3, sway) for number in range(points)]
        )
    contours = "".join(ridge(ranges[2], lift) for lift in (14, 30, 48, 68, 90, 114))
    floor = f"V{HEIGHT}H0z"
    return [
        block(ground, 0, 0, WIDTH, HEIGHT),
        disc(sun, dice.between(180, 620), dice.between(120, 165), dice.between(70, 105)),
        shape(far, ridge(ranges[0]) + floor),
        shape(middle, ridge(ranges[1]) + floor),
        shape(near, ridge(ranges[2]) + floor),
        lines(contours),
    ]


def draw_strips(dice):
    """Stack strips of paper that come in from either side, with round ends."""
    rows = dice.pick((5, 6))
    height = HEIGHT / rows
    radius = height / 2
    inks = dice.shuffled((RED, OCHRE, INK, SAGE))
    from_left = dice.pick((True, False))
    parts = [block(GROUND, 0, 0, WIDTH, HEIGHT)]
    ruled = ""
    for row in range(rows):
        top = row * height
        length = dice.between(4, 11) * 50
        ink, opposite = inks[row % 4], inks[(row + 2) % 4]
        start, end, sweep = (0, length, 1) if from_left else (WIDTH, WIDTH - length, 0)
        bow = f"{radius:g} {radius:g} 0 0"
        parts.append(shape(ink, f"M{start} {top:g}H{end}A{bow} {sweep} {end} {top + height:g}H{start}z"))
        eye = end + (radius * 2.2 if from_left else -radius * 2.2)
        if dice.below(3):
            parts.append(disc(opposite, round(eye), round(top + radius), round(radius * 0.62)))
        else:
            far = WIDTH if from_left else 0
            ruled += "".join(f"M{eye:.0f} {top + height * part / 4:.0f}H{far}" for part in (1, 2, 3))
        from_left = not from_left
    return [*parts, lines(ruled)] if ruled else parts


def draw_leaves(dice):
    """Plant a grid of leaves that all follow one rule, with a few of another colour among them."""
    ground, most, some, rare = dice.pick(
        (
            (GROUND, INK, SAGE, RED),
            (GROUND, SAGE, OCHRE, RED),
            (OCHRE, INK, GROUND, RED),
            (SAGE, GROUND, INK, RED),
            (GROUND, RED, OCHRE, INK),
        )
    )
    side = 115
    lean = dice.pick(
        (
            lambda column, row: row % 2,
            lambda column, row: column % 2,
            lambda column, row: (column + row) % 2,
        )
    )
    beat = dice.pick((2, 3))
    turn = dice.pick((1, 2))
    suns = {(dice.between(0, 6), dice.between(0, 3)) for _ in range(2)}
    drawn = {most: "", some: ""}
    veins = ""
    for row in range(4):
        for column in range(7):
            x, y = column * side, row * side
            if (column, row) in suns:
                continue
            bow = f"a{side} {side} 0 0 1 "
            if lean(column, row):
                leaf = f"M{x} {y + side}{bow}{side}-{side}{bow}-{side} {side}"
                vein = f"M{x} {y + side}l{side}-{side}"
            else:
                leaf = f"M{x} {y}{bow}{side} {side}{bow}-{side}-{side}"
                vein = f"M{x} {y}l{side} {side}"
            if (column + turn * row) % (beat + 1) == 0:
                drawn[some] += leaf
                veins += vein
            else:
                drawn[most] += leaf
    return [
        block(ground, 0, 0, WIDTH, HEIGHT),
        *(shape(ink, path) for ink, path in drawn.items()),
        *(disc(rare, (column + 0.5) * side, (row + 0.5) * side, 40) for column, row in sorted(suns)),
        lines(veins),
    ]


def draw_waves(dice):
    """Let a stave of five lines run in waves over two swells, with discs for its notes."""
    swell_inks = dice.pick(((SAGE, INK), (OCHRE, INK), (OCHRE, RED), (SAGE, RED)))
    note = RED if RED not in swell_inks else INK
    length = dice.pick((200, 267, 320))
    swing = dice.between(34, 60)
    start = -dice.between(0, length)
    gap = dice.pick((20, 24))
    top = dice.between(105, 140)
    halves = math.ceil((WIDTH - start) / length) + 1

    def wave(y, height):
        return f"M{start} {y}q{length // 2}-{height} {length} 0" + f"t{length} 0" * halves

    floor = f"V{HEIGHT}H{start}z"
    parts = [block(GROUND, 0, 0, WIDTH, HEIGHT)]
    parts.append(shape(swell_inks[0], wave(dice.between(285, 310), swing * 2) + floor))
    parts.append(shape(swell_inks[1], wave(dice.between(355, 380), swing) + floor))
    parts.append(lines("".join(wave(top + gap * line, swing * 2) for line in range(5)), width=3))
    for number in range(4):
        # A quadratic's crest lies half way to its control point: a note there sits on its line.
        crest = start + length * (number + 0.5)
        if gap < crest < WIDTH - gap:
            side = -1 if number % 2 == 0 else 1
            parts.append(disc(note, crest, top + gap * dice.below(5) + side * swing, gap))
    return parts


MOTIFS = {
    "discs": draw_discs,
    "terraces": draw_terraces,
    "hills": draw_hills,
    "strips": draw_strips,
    "leaves": draw_leaves,
    "waves": draw_waves,
}


def cover_svg(seed, *, motif=None):
    """Return the cover for ``seed``, an article's path, as one SVG element for the page.

    ``motif`` is a name in ``MOTIFS``; without it the seed chooses. Raises KeyError for any other name.
    The art is decoration and says so to assistive technology.
    """
    dice = Dice(seed)
    chosen = dice.pick(tuple(MOTIFS))
    drawing = "".join(MOTIFS[motif or chosen](dice))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMidYMid slice" '
        f'aria-hidden="true" focusable="false">{drawing}</svg>'
    )


FRIEZE_COLUMNS = 14
FRIEZE_TILE = 100


def draw_tile(dice, x, y, ink, other):
    """Draw one square of a frieze, its corner at ``x`` and ``y``."""
    side, half = FRIEZE_TILE, FRIEZE_TILE // 2
    turn = dice.below(4)
    # The square's corners in turn; each quarter disc and leaf begins at one of them.
    corners = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = (corners[(turn + step) % 4] for step in range(4))
    bow = f"A{side} {side} 0 0"
    match dice.below(6):
        case 0:
            return [shape(ink, f"M{x1} {y1}L{x2} {y2}{bow} 1 {x4} {y4}z")]
        case 1:
            return [shape(ink, f"M{x1} {y1}{bow} 1 {x3} {y3}{bow} 1 {x1} {y1}")]
        case 2:
            return [shape(ink, f"M{x1} {y1}A{half} {half} 0 0 0 {x2} {y2}z")]
        case 3:
            return [disc(ink, x + half, y + half, half), disc(other, x + half, y + half, half // 2)]
        case 4:
            return [lines("".join(ring(x + half, y + half, radius) for radius in (14, 25, 36, 47)))]
        case _:
            return [block(ink, x, y, side, side), disc(other, x + half, y + half, half)]


def frieze_svg(seed):
    """Return the picture above a list as one SVG element: a low band of squares, drawn from ``seed``.

    Two rows, read from the middle outwards where a screen has no room for all of them. See ``cover_svg``.
    """
    dice = Dice(seed)
    inks = dice.shuffled((RED, OCHRE, INK, SAGE))
    width, height = FRIEZE_COLUMNS * FRIEZE_TILE, 2 * FRIEZE_TILE
    tiles = [block(GROUND, 0, 0, width, height)]
    for y in (0, FRIEZE_TILE):
        for column in range(FRIEZE_COLUMNS):
            ink, other = inks[dice.below(3)], (GROUND, inks[3])[dice.below(2)]
            tiles += draw_tile(dice, column * FRIEZE_TILE, y, ink, other)
    return (
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="xMidYMid slice" '
        f'aria-hidden="true" focusable="false">{"".join(tiles)}</svg>'
    )
