import re
from xml.etree import ElementTree

import pytest

from articles.cover_art import FRIEZE_COLUMNS, MOTIFS, Dice, cover_svg, frieze_svg, lens

SEEDS = [f"2024/{number:02}/an-article/" for number in range(60)]
INKS = {"cover-ground", "cover-1", "cover-2", "cover-3", "cover-4", "cover-line"}
ATTRIBUTES = {
    "svg": {"viewBox", "preserveAspectRatio", "aria-hidden", "focusable"},
    "rect": {"class", "x", "y", "width", "height"},
    "circle": {"class", "cx", "cy", "r"},
    "path": {"class", "d", "fill", "stroke-width"},
}

every_motif = pytest.mark.parametrize("motif", MOTIFS)


def test_same_seed_draws_the_same_cover():
    assert cover_svg("bread-by-feel/") == cover_svg("bread-by-feel/")


def test_dice_throw_the_same_numbers_on_every_machine():
    dice = Dice("bread-by-feel/")
    assert [dice.below(1000) for _ in range(5)] == [188, 682, 280, 463, 899]


@every_motif
def test_different_seeds_draw_different_covers(motif):
    assert len({cover_svg(seed, motif=motif) for seed in SEEDS}) > len(SEEDS) * 0.8


def test_seed_chooses_among_all_motifs():
    chosen = {motif for seed in SEEDS for motif in MOTIFS if cover_svg(seed) == cover_svg(seed, motif=motif)}
    assert chosen == set(MOTIFS)


def test_unknown_motif_is_an_error():
    with pytest.raises(KeyError):
        cover_svg("bread-by-feel/", motif="marble")


@every_motif
@pytest.mark.parametrize("seed", [*SEEDS, "", "日本語の茶/", '"><script>'])
def test_cover_is_well_formed_small_and_without_ids_styles_or_scripts(motif, seed):
    svg = cover_svg(seed, motif=motif)
    assert len(svg.encode()) < 2500
    assert "<" not in re.sub(r"<[^<>]+>", "", svg)
    root = ElementTree.fromstring(svg)
    assert root.attrib == {
        "viewBox": "0 0 800 450",
        "preserveAspectRatio": "xMidYMid slice",
        "aria-hidden": "true",
        "focusable": "false",
    }
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        if element is not root:
            assert element.get("class") in INKS


@every_motif
def test_ground_covers_the_whole_paper(motif):
    first = ElementTree.fromstring(cover_svg("bread-by-feel/", motif=motif))[0]
    assert (first.tag, first.get("width"), first.get("height")) == ("rect", "800", "450")


@every_motif
def test_lines_are_never_filled(motif):
    for seed in SEEDS:
        for element in ElementTree.fromstring(cover_svg(seed, motif=motif)).iter("path"):
            assert (element.get("class") == "cover-line") == (element.get("fill") == "none")


def test_lens_of_two_equal_discs_spans_their_crossing_points():
    assert lens((0, 0, 5), (8, 0, 5)) == "M4.0 -3.0A5 5 0 0 1 4.0 3.0A5 5 0 0 1 4.0 -3.0"


def test_same_seed_draws_the_same_frieze_and_others_draw_others():
    assert frieze_svg("/category/health/") == frieze_svg("/category/health/")
    assert len({frieze_svg(seed) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", [*SEEDS[:20], "", "日本語/", '"><script>'])
def test_frieze_is_well_formed_small_and_in_the_inks_of_covers(seed):
    svg = frieze_svg(seed)
    assert len(svg.encode()) < 6000
    root = ElementTree.fromstring(svg)
    assert root.get("viewBox") == f"0 0 {FRIEZE_COLUMNS * 100} 200"
    assert root.get("aria-hidden") == "true"
    for element in root:
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert element.get("class") in INKS
