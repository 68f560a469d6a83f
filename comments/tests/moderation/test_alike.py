import pytest

from comments.moderation.alike import Suspect, follow_each_other, hosts_of, own_words, say_the_same, shape_of

ONE = "<p>The wooden benches from your garden article really helped my sore lower back during summer.</p>"
SPUN = "<p>The wooden benches from your garden posting truly helped my aching lower back during summer.</p>"
OTHER = "<p>Could you explain why the second query needs its index? Mine runs well without any here.</p>"
REPLY = "<p>In our old school we sat on stone all winter long and nobody ever complained about anything.</p>"


def alike(one, other, *, answered=("", "")):
    return say_the_same(own_words(one, answered[0]), own_words(other, answered[1]))


def test_text_with_other_synonyms_says_the_same():
    assert alike(ONE, SPUN)
    assert not alike(ONE, OTHER)


def test_words_in_links_and_markup_do_not_count():
    assert alike(ONE, SPUN.replace("garden", "<b>garden</b>") + "<p>https://a.example/b/c/d/e/f/g/h/i</p>")


def test_few_words_in_common_say_nothing():
    """Half of nine words are those of every thank-you."""
    thanks = "<p>Awesome, this is exactly what I've been looking for, thanks Ann!</p>"
    assert not alike(thanks, "<p>Thanks Bob, exactly what I have been looking for, awesome article!</p>")


@pytest.mark.parametrize(
    "quotation",
    [
        "<blockquote><p>{}</p></blockquote>",
        "<blockquote><p>Once more:</p><blockquote>{}</blockquote></blockquote>",
        "<p><q>{}</q></p>",
        "<p>&gt; {}</p>",
        "<p>Ada wrote:<br>&gt; {}</p>",
        "<p>As Ada said: “{}”</p>",
        '<p>"{}" is what she wrote.</p>',
    ],
)
def test_who_quotes_a_comment_is_not_like_it(quotation):
    text = ONE.removeprefix("<p>").removesuffix("</p>")
    first, second = quotation.format(text) + OTHER, quotation.format(text) + REPLY
    assert not alike(first, ONE)
    assert not alike(first, second)
    # What stands beside the quotation counts.
    assert alike(first, OTHER)


def test_quotation_without_a_sign_is_known_by_what_it_answers():
    first, second = ONE + OTHER, ONE + REPLY
    assert not alike(first, ONE, answered=(ONE, ""))
    assert not alike(first, second, answered=(ONE, ONE))
    assert alike(first, OTHER, answered=(ONE, ""))


@pytest.mark.parametrize("html", ["", "<blockquote>", "</blockquote></blockquote>", "<", "&gt;", "<p>&gt;"])
def test_broken_markup_is_read_to_its_end(html):
    assert alike(html.replace("<blockquote>", "<blockquote></blockquote>") + ONE, SPUN)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("Ada Lovelace", "Aa Aa"),
        ("ada", "a"),
        ("HermanTog", "AaAa"),
        ("xrumer77", "a9"),
        ("Moritz  “mo.” Sauer", "Aa “a.” Aa"),
        ("王伟", "a"),
        ("", ""),
        ("a" * 100 + "9", "a"),
    ],
)
def test_shape_of_a_name(name, shape):
    assert shape_of(name) == shape


def test_hosts_are_whole_ones_of_others():
    addresses = [
        "https://WWW.Pills.example/buy?x=1",
        "https://mara.blogs.example/",
        "https://blog.example/2017/03/spasms/",
        "https://bit.ly/3xyz",
        "relative/path",
        "",
    ]
    assert hosts_of(addresses, "blog.example") == {"pills.example", "mara.blogs.example"}


def suspects(*names, host="pills.example", digest=""):
    return [Suspect(pk, name, frozenset([host]), digest or f"text {pk}") for pk, name in enumerate(names, 1)]


@pytest.mark.parametrize(
    ("own", "others", "found"),
    [
        ("HermanTog", ["MiguelRop", "JamesQuill", "AnnaBelt"], {1, 2, 3}),
        # A link of two people may be their own.
        ("HermanTog", ["MiguelRop"], set()),
        # One writer's own page.
        ("Ada", ["Ada", "ADA", "ada"], set()),
        # Names of another making.
        ("Ada Lovelace", ["MiguelRop", "JamesQuill"], set()),
        ("MiguelRop", ["Ada Lovelace", "JamesQuill"], {2}),
    ],
)
def test_one_host_under_several_names_of_one_shape(own, others, found):
    [writer] = suspects(own, digest="own")
    assert follow_each_other(writer, suspects(*others)) == found


def test_another_host_joins_nobody():
    [writer] = suspects("HermanTog", digest="own")
    assert not follow_each_other(writer, suspects("MiguelRop", "JamesQuill", host="blogs.example"))


def test_short_text_that_comes_with_one_host_under_another_name_is_enough():
    [writer] = suspects("Ada Lovelace", digest="thanks")
    assert follow_each_other(writer, suspects("bob", "Ada Lovelace", digest="thanks")) == {1}
