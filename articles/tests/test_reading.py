import pytest

from articles.markup import RESERVED_IDS, sanitize_article
from articles.reading import FEWEST_PARTS, LONG_MINUTES, Part, minutes_to_read, read


@pytest.mark.parametrize(
    ("headings", "parts"),
    [
        ("<h2>Heat</h2><h3>A pad</h3>", [Part("heat", "Heat", 2), Part("a-pad", "A pad", 3)]),
        ('<h2 id="own">Heat &amp; <em>cold</em></h2>', [Part("own", "Heat & cold", 2)]),
        ("<h2>Rest</h2><h2>Rest</h2>", [Part("rest", "Rest", 2), Part("rest-part-2", "Rest", 2)]),
        ('<h2 id="own">A</h2><h2 id="own">B</h2>', [Part("own", "A", 2), Part("b", "B", 2)]),
        ("<h2>腰痛</h2><h2>Боль</h2>", [Part("part", "腰痛", 2), Part("part-part-2", "Боль", 2)]),
        ("<h2>Comments</h2>", [Part("comments-part-2", "Comments", 2)]),
        ("<h2>Comment 7</h2>", [Part("comment-7-part-2", "Comment 7", 2)]),
        ("<h2> </h2><h4>Too deep</h4>", []),
        ("<p>&lt;h2>Text that looks so&lt;/h2></p>", []),
        ('<h2 lang="de">Wärme</h2>', [Part("warme", "Wärme", 2)]),
        (f"<h2>{'long ' * 40}</h2>", [Part("-".join(["long"] * 12), " ".join(["long"] * 40), 2)]),
    ],
)
def test_parts_are_named_and_can_be_linked_to(headings, parts):
    text = read(sanitize_article(headings))
    assert list(text.parts) == parts
    for part in parts:
        assert text.body_html.count(f'id="{part.anchor}"') == 1


def test_no_id_stands_twice_on_the_page():
    source = '<p id="fn1">one</p><p id="fn1">two says id="fn1" and more</p><h2>Fn1</h2>'
    html = read(sanitize_article(source)).body_html
    assert html.count('<p id="fn1">') == 1
    assert 'two says id="fn1" and more' in html
    assert '<h2 id="fn1-part-2">' in html


def test_ids_of_the_page_are_no_ones_else():
    # As an earlier version, which knew fewer of them, may have stored it.
    for name in RESERVED_IDS:
        assert f'id="{name}"' not in read(f'<h2 id="{name}">A part</h2>').body_html


@pytest.mark.parametrize(
    ("html", "minutes"),
    [
        ("", 1),
        ("<p>one</p>", 1),
        (f"<p>{'word ' * 238}</p>", 1),
        (f"<p>{'word ' * 239}</p>", 2),
        (f"<p>{'<b>word</b> &amp; ' * 476}</p>", 2),
        (f"<p>{'腰' * 800}</p>", 2),
        (f"<p>{'腰' * 400} {'word ' * 119}</p>", 2),
    ],
)
def test_reading_takes_so_many_minutes(html, minutes):
    assert minutes_to_read(html) == minutes


@pytest.mark.parametrize(
    ("parts", "words", "needed"),
    [
        (FEWEST_PARTS, 238 * LONG_MINUTES, True),
        (FEWEST_PARTS - 1, 238 * LONG_MINUTES, False),
        (FEWEST_PARTS, 238 * (LONG_MINUTES - 1) - 3, False),
    ],
)
def test_contents_are_for_long_texts_in_parts(parts, words, needed):
    html = "".join(f"<h2>Part{number}</h2>" for number in range(parts)) + f"<p>{'word ' * words}</p>"
    assert read(html).needs_contents is needed
