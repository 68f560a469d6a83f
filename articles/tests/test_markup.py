import random

import pytest

from articles.markup import MAX_LENGTH, MAX_MARKUP, POLICY, RESERVED_IDS, sanitize_article
from articles.tests.structure import problems


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("<p>wrapped\nline</p>\n<p>next</p>", "<p>wrapped\nline</p><p>next</p>"),
        ("intro\n\n<h2>Head</h2>\n\nbody", "<p>intro</p><h2>Head</h2><p>body</p>"),
        ("<h2><p>one</p><p>two</p></h2>", "<h2>one two</h2>"),
        ("one<hr>two", "<p>one</p><hr><p>two</p>"),
        ("<dl><dt>T<dd>D<p>E</dl>", "<dl><dt>T</dt><dd>D<p>E</p></dd></dl>"),
        (
            "<figure>\n<img src='/a.jpg' alt='A'>\n<figcaption>Cat</figcaption>\n</figure>",
            '<figure><img src="/a.jpg" alt="A"><figcaption>Cat</figcaption></figure>',
        ),
        ("<figcaption>lone</figcaption>", "<p>lone</p>"),
        (
            "<table><caption>C</caption><tr><th scope=row>a<td colspan=2></table>",
            '<table><caption>C</caption><tbody><tr><th scope="row">a</th><td colspan="2"></td></tr></tbody>'
            "</table>",
        ),
        (
            "<table><colgroup><col><tr><td>a<ul><li>b</ul></table>",
            "<table><colgroup><col></colgroup><tbody><tr><td>a<ul><li>b</li></ul></td></tr></tbody></table>",
        ),
        (
            "<table>a<tr>b<td>c</table>",
            "<p>ab</p><table><tbody><tr><td>c</td></tr></tbody></table>",
        ),
        ("<tr><td>lone", "<p>lone</p>"),
        ("x<sup>a<sup>b</sup></sup>", "<p>x<sup>a<sup>b</sup></sup></p>"),
        ('<p lang="ar" dir="rtl">x</p>', '<p lang="ar" dir="rtl">x</p>'),
        ('<span lang="fr">mot</span>', '<p><span lang="fr">mot</span></p>'),
        (
            '<time datetime="2017-03-20T07:31">then</time>',
            '<p><time datetime="2017-03-20T07:31">then</time></p>',
        ),
        (
            "<kbd>a</kbd><mark>b</mark><ins>c</ins><sub>d</sub>",
            "<p><kbd>a</kbd><mark>b</mark><ins>c</ins><sub>d</sub></p>",
        ),
        ("<pre>a\n\n<b>b</b></pre>", "<pre>a\n\n<b>b</b></pre>"),
    ],
)
def test_an_author_has_the_elements_of_an_article(source, expected):
    assert sanitize_article(source) == expected
    assert problems(expected, POLICY) == []


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("https://a.example/?a=1&amp;b=2", "https://a.example/?a=1&amp;b=2"),
        ("mailto:me@a.example", "mailto:me@a.example"),
        ("/about/?x#y", "/about/?x#y"),
        ("#sources", "#sources"),
        ("//a.example/", None),
        ("/\\a.example/", None),
        ("/&#9;/a.example/", None),
        ("&#47;/a.example", None),
        ("about/", None),
        ("javascript:alert(1)", None),
        ("http://user:pass@a.example/", None),
    ],
)
def test_links_lead_to_public_addresses_or_stay_on_the_site(href, kept):
    expected = f'<p><a href="{kept}">x</a></p>' if kept else "<p>x</p>"
    assert sanitize_article(f'<a href="{href}" target="_blank" onclick="x">x</a>') == expected


def test_addresses_in_text_become_links_without_a_rel():
    assert sanitize_article("see https://a.example/.") == (
        '<p>see <a href="https://a.example/">https://a.example/</a>.</p>'
    )


@pytest.mark.parametrize(
    ("attributes", "kept"),
    [
        ('src="/media/a.jpg" alt="a &quot;cat&quot;" width="300" height="200" loading="lazy"', None),
        (
            'src="/a.jpg" width="100%" height="-1" loading="now" srcset="/b.jpg" onerror="x" style="x"',
            'src="/a.jpg"',
        ),
        ('src="https://a.example/a.jpg"', ""),
        ('src="//a.example/a.jpg"', ""),
        ('src="data:image/png;base64,x"', ""),
        ('alt="nothing"', ""),
    ],
)
def test_images_come_from_the_site(attributes, kept):
    kept = attributes if kept is None else kept
    assert sanitize_article(f"<figure>x<img {attributes}></figure>") == (
        f"<figure>x<img {kept}></figure>" if kept else "<figure>x</figure>"
    )


@pytest.mark.parametrize("slug", ["sources", "part-2", "h2o"])
def test_headings_keep_an_id_that_is_a_slug(slug):
    assert sanitize_article(f'<h2 id="{slug}">x</h2>') == f'<h2 id="{slug}">x</h2>'


@pytest.mark.parametrize(
    "name", [*sorted(RESERVED_IDS), "comment-1", "comment-99", "Sources", "a_b", "1a", "", "a b", "a-"]
)
def test_headings_lose_an_id_that_is_the_pages_own_or_no_slug(name):
    assert sanitize_article(f'<h3 id="{name}">x</h3>') == "<h3>x</h3>"


def test_an_id_is_given_once():
    assert (
        sanitize_article('<h2 id="a">x</h2><h3 id="a">y</h3><p id="b">z</p>')
        == '<h2 id="a">x</h2><h3>y</h3><p>z</p>'
    )


@pytest.mark.parametrize("tag", ["script", "iframe", "svg", "style", "form", "h1", "div", "video"])
def test_other_elements_are_shown_to_the_author_as_text(tag):
    assert sanitize_article(f"<{tag}>x</{tag}>") == f"<p>&lt;{tag}&gt;x&lt;/{tag}&gt;</p>"


def test_limits_are_refused_with_a_sentence():
    with pytest.raises(ValueError, match=r"at most 200,000 characters; this one has 200,001"):
        sanitize_article("x" * (MAX_LENGTH + 1))
    with pytest.raises(ValueError, match=r"at most 4,000 tags and entities; this one has 4,001"):
        sanitize_article("&" * (MAX_MARKUP + 1))


def test_an_article_of_three_thousand_tags_comes_through():
    source = "<p>Some <em>honest</em> words.</p>\n" * 750
    assert sanitize_article(source) == source.replace("\n", "")


FRAGMENTS = (
    *(f"<{tag}>" for tag in sorted(POLICY.tags)),
    *(f"</{tag}>" for tag in sorted(POLICY.tags)),
    "<img src=/a.jpg>", "<a href=#x>", "<h2 id=a>", "<h2 id=comments>", "<p lang=de>", "<script>", "<svg>",
    "<math>", "<select>", "text", "\n", "\n\n", " ", "http://a.example/", "&lt;", "&nbsp;", "<", "<!--",
    "-->",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_any_text_gives_sound_markup(seed):
    chance = random.Random(seed)
    for _ in range(120):
        source = "".join(chance.choices(FRAGMENTS, k=chance.randint(1, 40)))
        assert problems(sanitize_article(source), POLICY) == [], source
