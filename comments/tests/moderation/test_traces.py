import itertools
import json
import subprocess
import sys
import time

import pytest

from comments.moderation.text import words
from comments.moderation.traces import (
    HOSTS,
    NEAR,
    TEXT_LENGTH,
    Trace,
    hosts,
    similarity,
    traces,
    word_set,
)

SPUN = (
    "{Hi|Hello|Hey} there, {I found|I came across|I discovered} your {great|nice|wonderful} "
    "{website|weblog|page} while {searching|looking} for garden furniture and must {say|admit} the "
    "{articles|posts|entries} about wooden benches are really {helpful|useful}, keep writing"
)
STRANGERS = (
    "The third photograph shows the harbour before the fire, not after it; my grandfather worked there.",
    "Could you explain why the second query needs an index on both columns? Mine runs without one.",
    "We tried the recipe with rye instead of wheat and the crust came out far too hard for the children.",
)


def spin(text):
    """Return every tenth text that a template makes."""
    parts = [part.split("|") for part in text.replace("{", "}").split("}")]
    return ["".join(chosen) for chosen in itertools.islice(itertools.product(*parts), 0, None, 10)]


def marks(text, kind="near", **fields):
    found = traces(**{"author_name": "", "author_url": "", "text": text, "links": ()} | fields)
    return {trace.digest for trace in found if trace.kind == kind}


def test_texts_spun_from_one_template_meet_and_are_near():
    one, *cousins = spin(SPUN)
    near = [text for text in cousins if similarity(word_set(one), word_set(text)) >= NEAR]
    assert len(cousins) > 100
    assert len(near) > 0.9 * len(cousins)
    assert sum(bool(marks(one) & marks(text)) for text in near) > 0.9 * len(near)


def test_strangers_neither_meet_nor_are_near():
    for one, other in itertools.combinations((*STRANGERS, spin(SPUN)[0]), 2):
        assert not marks(one) & marks(other)
        assert similarity(word_set(one), word_set(other)) < 0.2


def test_real_spun_comments_meet_and_good_ones_hardly_ever(shared):
    def bodies(name):
        lines = (shared / "corpus" / "spam" / name).read_text(encoding="utf-8").split("\n")
        return [json.loads(line)["body"] for line in lines if line]

    spun = bodies("spintax-a.jsonl")
    good = bodies("made-mistakes.jsonl")

    def near_pairs(texts):
        known = [(words, marks(text)) for text in texts if len(words := word_set(text)) >= 8]
        pairs = [
            (one, other)
            for one, other in itertools.combinations(known, 2)
            if similarity(one[0], other[0]) >= NEAR
        ]
        return len(pairs), sum(bool(one[1] & other[1]) for one, other in pairs)

    near, met = near_pairs(spun)
    assert near > 100
    assert met > 0.8 * near
    assert near_pairs(good)[0] <= 5


def test_case_width_and_invisible_characters_change_no_mark():
    plain = "Great post about garden furniture, benches, tables, chairs, lamps and the wooden fence"
    disguised = plain.upper().replace("GARDEN", "ＧＡＲＤＥＮ").replace("TABLES", "TA\u200bB\u00adLES")
    assert marks(plain) == marks(disguised) != set()
    assert marks("", "name", author_name="Cheap Ｐills") == marks(
        "", "name", author_name=" cheap\u200b  PILLS! "
    )


def test_hosts_of_website_and_links_count_once_each_as_registered():
    found = hosts(
        "https://WWW.Pills.example/",
        ("http://a.b.pills.example:8080/x", "https://other.example?x", "https://xn--bcher-kva.example/"),
    )
    assert found == ("pills.example", "other.example", "bücher.example")
    made = traces(
        author_name="", author_url="https://pills.example/", text="", links=("https://pills.example/a",)
    )
    assert [trace.kind for trace in made] == ["host"]


@pytest.mark.parametrize(
    "address", ["", " ", "#", "/there", "localhost", "mailto:", "https://", "...", "\x00"]
)
def test_address_of_nobody_leaves_no_mark(address):
    assert hosts(address, (address,)) == ()


def test_hosts_have_a_limit():
    links = tuple(f"https://site-{number}.example/" for number in range(50))
    assert hosts("https://own.example/", links) == (
        "own.example",
        *(f"site-{number}.example" for number in range(HOSTS - 1)),
    )


@pytest.mark.parametrize(
    ("name", "count"), [("", 0), ("Al", 0), ("12345", 0), ("☺☺☺☺", 0), ("Ana", 1), ("王小明", 1)]
)
def test_name_of_three_letters_leaves_a_mark(name, count):
    assert len(marks("", "name", author_name=name)) == count


def test_text_of_few_words_leaves_none():
    assert marks("Thanks a lot for this!") == set()
    assert marks("one two one two " * 90) == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Chinese, with one word changed, and Thai, with vowel signs that are no letters.
        (
            "这篇文章写得非常好,我会经常来看你的博客,谢谢分享!",
            "这篇文章写得真的好,我会经常来看你的博客,谢谢分享!",
        ),
        ("บทความนี้ดีมากขอบคุณที่แบ่งปันนะครับ", "บทความนี้ดีมากขอบคุณที่แบ่งปันนะคะ"),
    ],
)
def test_scripts_without_spaces_are_compared_by_pairs_of_characters(one, other):
    assert similarity(word_set(one), word_set(other)) >= NEAR
    assert marks(one) & marks(other)
    assert all(len(word) <= 2 for word in word_set(one))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("Heat, HEAT it is", {"heat"}),
        # Short words count where there are no others.
        ("it is so", {"it", "is", "so"}),
        ("don't", {"don't"}),
        ("see 赌场", {"see", "赌场"}),
        ("e\u0301te\u0301 ｃａｓｉｎｏ", {"été", "casino"}),
    ],
)
def test_words_are_those_of_the_judge_that_tell_one_text_from_another(text, expected):
    assert word_set(text) == expected
    assert expected <= set(words(text))


def test_words_beyond_what_is_looked_at_do_not_count():
    assert word_set("heat " * (TEXT_LENGTH // 5) + "zebra") == {"heat"}


def test_marks_and_words_are_made_once():
    comment = {"author_name": "Ana", "author_url": "", "text": SPUN, "links": ("https://a.example/",)}
    assert traces(**comment) is traces(**comment)
    assert word_set(SPUN) is word_set(SPUN)


def test_comments_that_differ_in_one_field_have_marks_of_their_own():
    comment = {"author_name": "Ana", "author_url": "", "text": SPUN, "links": ()}
    others = [
        {"author_name": "Bob"},
        {"author_url": "https://a.example/"},
        {"text": STRANGERS[0]},
        {"links": ("https://b.example/",)},
    ]
    found = [traces(**comment), *(traces(**(comment | other)) for other in others)]
    assert len(set(found)) == len(found)


def test_scripts_mixed_in_one_word_are_taken_apart():
    assert word_set("iPhone手机壳") == {"iphone", "手机", "机壳"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "👍" * 65_000,
        "a" * 65_000,
        "a\u0301" * 32_500,
        "e" + "\u0301" * 65_000,
        " ".join(map(str, range(13_000)))[:65_000],
        "王" * 65_000,
        "\x00\u202e\ud800" * 20_000,
        "".join(map(chr, range(0x4E00, 0x9FFF))) * 3,
    ],
)
def test_hostile_text_takes_little_time(text):
    start = time.process_time()
    made = traces(author_name=text, author_url=text, text=text, links=(text,) * 1000)
    assert time.process_time() - start < 0.5
    assert len(made) == len(set(made)) <= 8 + HOSTS + 1
    assert all(-(2**63) <= trace.digest < 2**63 for trace in made)


def test_marks_are_the_same_in_every_process():
    code = (
        "from comments.moderation.traces import traces;"
        f"print(traces(author_name='Ana B', author_url='https://a.example', text={SPUN!r}, links=()))"
    )
    here = traces(author_name="Ana B", author_url="https://a.example", text=SPUN, links=())
    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip() == repr(here)


def test_marks_stay_what_they_are():
    """Stored ones are met by these alone. Where they must change, traces.py says what that means."""
    text = "One plain sentence whose different words leave every kind of mark here."
    made = traces(author_name="Ana B", author_url="https://a.example", text=text, links=())
    assert [made[0], *made[8:]] == [
        Trace("near", 8976292226503749334),
        Trace("host", -3708638754230619634),
        Trace("name", -1481745286785469569),
    ]
