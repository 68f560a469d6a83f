import re

import pytest
from django.conf import settings

from articles import raster
from articles.cover_art import MOTIFS, Dice, cover_svg


def colour_at(image, x, y):
    return "#{:02x}{:02x}{:02x}".format(*image.getpixel((round(x), round(y))))


def test_inks_are_those_of_the_light_style_sheet():
    tokens = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    assert dict(re.findall(r"--(cover-\w+): light-dark\((#\w+),", tokens)) == raster.INKS


@pytest.mark.parametrize(
    ("path", "outline"),
    [
        ("M1 2H5V7z", [(1, 2), (5, 2), (5, 7), (1, 2)]),
        ("M1 2l3 4-1-1", [(1, 2), (4, 6), (3, 5)]),
        ("M0 0L3.5 4", [(0, 0), (3.5, 4)]),
    ],
)
def test_straight_lines_go_where_they_lead(path, outline):
    assert raster.outlines(path) == [outline]


def test_each_move_begins_an_outline():
    assert raster.outlines("M0 0H5M0 2H5") == [[(0, 0), (5, 0)], [(0, 2), (5, 2)]]


@pytest.mark.parametrize(
    ("path", "middle", "end"),
    [
        ("M0 0C0 10 10 10 10 0", (5, 7.5), (10, 0)),
        ("M0 0q5 10 10 0", (5, 5), (10, 0)),
        ("M0 0A5 5 0 0 1 10 0", (5, -5), (10, 0)),
        ("M0 0A5 5 0 0 0 10 0", (5, 5), (10, 0)),
        ("M0 5a5 5 0 0 1 5-5", (5 - 5 * 0.5**0.5, 5 - 5 * 0.5**0.5), (5, 0)),
        ("M0 0A5 5 0 1 1 5 5", (5 + 5 * 0.5**0.5, -5 * 0.5**0.5), (5, 5)),
    ],
)
def test_curves_pass_where_they_should(path, middle, end):
    (points,) = raster.outlines(path)
    assert points[raster.STEPS // 2] == pytest.approx(middle)
    assert points[-1] == pytest.approx(end)


def test_waves_go_on_in_mirrored_curves():
    (points,) = raster.outlines("M0 0q5-10 10 0t10 0t10 0")
    crests = [points[raster.STEPS // 2 + raster.STEPS * wave] for wave in range(3)]
    assert crests == [pytest.approx((5, -5)), pytest.approx((15, 5)), pytest.approx((25, -5))]


def seed_of(motif):
    return next(f"{n}/" for n in range(1000) if Dice(f"{n}/").pick(tuple(MOTIFS)) == motif)


@pytest.mark.parametrize("motif", MOTIFS)
def test_every_motif_is_drawn_in_the_inks_of_its_cover(motif):
    seed = seed_of(motif)
    image = raster.draw_cover(seed, 400, 225)
    named = {raster.INKS[name] for name in re.findall(r'class="([\w-]+)"', cover_svg(seed))}
    seen = {"#{:02x}{:02x}{:02x}".format(*colour) for count, colour in image.getcolors(90_000) if count > 100}
    assert image.size == (400, 225)
    assert seen & set(raster.INKS.values()) == named


def test_shapes_stand_where_the_cover_has_them():
    svg = cover_svg(seed_of("hills"))
    x, y = map(float, re.search(r'cx="([\d.]+)" cy="([\d.]+)"', svg).groups())
    ink = raster.INKS[re.search(r'<circle class="([\w-]+)"', svg)[1]]
    assert colour_at(raster.draw_cover(seed_of("hills"), 800, 450), x, y - 40) == ink
    # As the page does: a frame of another form shows the middle.
    assert colour_at(raster.draw_cover(seed_of("hills"), 800, 400), x, y - 40 - 25) == ink


def test_many_seeds_are_drawn():
    for number in range(60):
        raster.draw_cover(f"seed-{number}/", 80, 45)
