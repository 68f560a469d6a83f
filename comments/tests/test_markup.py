import json
import random
import re
import threading

import pytest

from articles.tests.structure import problems
from comments.markup import (
    MAX_LENGTH,
    MAX_MARKUP,
    MAX_RENDERED_LENGTH,
    POLICY,
    clean_line,
    clean_text,
    is_blank,
    links_in,
    plain_text,
    safe_url,
    sanitize,
)

REL = 'rel="nofollow ugc noopener"'


def link(url, text=None):
    return f'<a href="{url}" {REL}>{text or url}</a>'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        (" \n\n ", ""),
        ("one", "<p>one</p>"),
        ("one\ntwo", "<p>one<br>two</p>"),
        ("one\r\ntwo\r\rthree", "<p>one<br>two</p><p>three</p>"),
        ("one  \n \t\n\n\n  two\n", "<p>one</p><p>two</p>"),
        ("<p>one</p>\n\n<p>two</p>", "<p>one</p><p>two</p>"),
        ("<p>one\n\ntwo</p>three", "<p>one</p><p>two</p><p>three</p>"),
        ("<p></p><p> </p><b></b><ul><li></li></ul>", ""),
        ("one\n\n<b>two</b>", "<p>one</p><p><b>two</b></p>"),
        ("<b>one\n\n</b>two", "<p><b>one</b></p><p>two</p>"),
        ("<b>one\n\ntwo</b>", "<p><b>one<br><br>two</b></p>"),
        ("one<br>\ntwo<br/>three<br>", "<p>one<br>two<br>three</p>"),
        ("one<br><br><br><br>two", "<p>one<br><br>two</p>"),
        ("one<br>\n\ntwo", "<p>one</p><p>two</p>"),
        (
            "quoting:\n<blockquote>a\n\nb</blockquote>\nme",
            "<p>quoting:</p><blockquote><p>a</p><p>b</p></blockquote><p>me</p>",
        ),
        ("<ul>\n<li>one\ntwo</li>\n<li>three</li>\n</ul>", "<ul><li>one<br>two</li><li>three</li></ul>"),
        ("<ul><li>one<ul><li>two</ul></ul>", "<ul><li>one<ul><li>two</li></ul></li></ul>"),
        ("<ul>one<li>two<p>three</p></ul>", "<ul><li>one</li><li>two<p>three</p></li></ul>"),
        ("<li>one<li>two", "<p>one</p><p>two</p>"),
        (
            "<b>one<ul><li>two</ul>three</b>",
            "<p><b>one</b></p><ul><li><b>two</b></li></ul><p><b>three</b></p>",
        ),
        ("see <i>this </i>and<i> that</i>", "<p>see <i>this</i> and <i>that</i></p>"),
        ("<b><i>crossed</b></i>", "<p><b><i>crossed</i></b></p>"),
        ("<q>one <q>two</q></q> <b>one <b>two</b></b>", "<p><q>one <q>two</q></q> <b>one two</b></p>"),
    ],
)
def test_plain_text_and_simple_markup_become_paragraphs(source, expected):
    assert sanitize(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<pre>\na\n\n  b</pre>", "<pre>a\n\n  b</pre>"),
        ("<pre>\n\na</pre>", "<pre>\n\na</pre>"),
        ("<pre>a<br>b<p>c</p></pre>", "<pre>a\nb\nc</pre>"),
        ("<code>a &lt; b && c < d</code>", "<p><code>a &lt; b &amp;&amp; c &lt; d</code></p>"),
        (
            "<pre><code>http://a.example/</code> http://b.example/</pre>",
            "<pre><code>http://a.example/</code> http://b.example/</pre>",
        ),
    ],
)
def test_code_stays_as_it_was_typed(source, expected):
    assert sanitize(source) == expected


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("List<String> xs = new ArrayList<>();", "List<String> xs = new ArrayList<>();"),
        ("<?php echo 1; ?> and <!DOCTYPE html>", "<?php echo 1; ?> and <!DOCTYPE html>"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a <!-- b", "a <!-- b"),
        ("a<!-- b -->c", "ac"),
        ("<3 <- <= <>", "<3 <- <= <>"),
        ("if x<b then", "if x<b then"),
        ('open <b title="quote> and on', 'open <b title="quote> and on'),
        ("write &amp;lt; for &lt;", "write &lt; for <"),
        (
            "&copy; &nbsp;&#x1F600; &copy 2024 &unknown; &no; &#; &#x;",
            "© \xa0\U0001f600 &copy 2024 &unknown; &no; &#; &#x;",
        ),
        ('<a href="javascript:alert(1)">5 &lt; 6 <b>bold</b></a>', "5 < 6 bold"),
        ('<a href="https://a.example/">5 &lt; 6 &amp;lt;</a>', "5 < 6 &lt;"),
        ("see &#8238;txt.exe", "see txt.exe"),
        ("<b>bold</b" + " " * 4000 + ">", "bold</b" + " " * 4000 + ">"),
    ],
)
def test_what_was_meant_as_text_is_shown(source, shown):
    assert plain_text(sanitize(source)) == shown


@pytest.mark.parametrize(
    ("source", "urls"),
    [
        ("See http://a.example.", ("http://a.example",)),
        ("(https://a.example/Rust_(language)).", ("https://a.example/Rust_(language)",)),
        ("[https://a.example/x], https://b.example/?", ("https://a.example/x", "https://b.example/")),
        ("HTTP://A.example/?a=1&b=2#c", ("HTTP://A.example/?a=1&b=2#c",)),
        ('<a href="http://a.example/?a=1&amp;b=2">x</a>', ("http://a.example/?a=1&b=2",)),
        ("<https://a.example/>", ("https://a.example/",)),
        (
            "こちらhttps://a.example/です。 https://b.exampleを見て",
            ("https://a.example/です", "https://b.example"),
        ),
        ("https://例え.jp/日本", ("https://例え.jp/日本",)),
        ('<a href="mailto:me@a.example">me</a>', ("mailto:me@a.example",)),
        ("<a href='https://a.example/\"><b>'>x</a>", ("https://a.example/",)),
        (
            "<a href='https://a.example/&quot;&gt;&lt;b&gt;&#39;'>x</a>",
            ("https://a.example/%22%3E%3Cb%3E%27",),
        ),
        ("me@a.example README.md file.py a.example www.a.example //a.example ftp://a.example", ()),
        ("http://localhost:8000/ http://127.0.0.1/ http://u:p@a.example/", ()),
        (
            "<a>x</a> <a href>x</a> <a href=/admin/>x</a> <a href=//a.example>x</a> <a href=?x>x</a>",
            (),
        ),
        ("http://a.example/ " + "x" * 1000, ()),
        ("http://a.example/" + "x" * 3000, ()),
    ],
)
def test_only_public_absolute_addresses_are_links(source, urls):
    assert links_in(sanitize(source)) == urls


def test_every_link_says_that_a_visitor_made_it():
    rendered = sanitize(
        'http://a.example/ <a href="http://b.example/" rel="me" target="_blank" title=\'"a" &amp; b\'>b</a>'
    )
    assert rendered == (
        f"<p>{link('http://a.example/')} "
        f'<a href="http://b.example/" title="&quot;a&quot; &amp; b" {REL}>b</a></p>'
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example",
        "https://a.example./",
        "HTTPS://A.Example:65535/x?y#z",
        "https://sub_domain.a-b.example/~me",
        "http://xn--80ak6aa92e.com/",
        "http://xn--strae-oqa.example/",
        "https://münchen.example/ü",
        "https://例え。jp/",
        "mailto:first.last+tag@a.example",
    ],
)
def test_public_addresses_are_safe(url):
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example",
        "//a.example/",
        "/path",
        "#id",
        "http:a.example",
        "http:/a.example",
        "http:///a.example",
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "javascript:123",
        "java\tscript:alert(1)",
        "javascript&colon;alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://a.example/",
        "http://localhost/",
        "http://app.localhost/",
        "http://printer.local/",
        "http://localhost.:8000/",
        "http://127.0.0.1/",
        "http://127.0.0.1./",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.0x1/",
        "http://0177.0.0.01/",
        "http://１２７.０.０.１/",
        "http://127。0。0。1/",
        "http://①②⑦.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://ex%61mple.com/",
        "http://user:pass@a.example/",
        "http://a.example@b.example/",
        "http://a.example&#64;b.example/",
        "http://a.example／@b.example/",
        "http://a.example:0/",
        "http://a.example:99999/",
        "http://a.example:x/",
        "http://a.example:８０/",
        "http://a..example/",
        "http://-a.example/",
        "http://xn--xn.example/",
        "http://xn--a.example/",
        "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 200 + "example/",
        " http://a.example/",
        "http://a.example/ x",
        "http://a.example/\r\nX: y",
        "http://a.example/&#10;x",
        "http://a.example\\@b.example/",
        "http://a.example/&bsol;x",
        "http://a.example/\u202ecod",
        "http://a.exam\u200bple/",
        "http://a.example/\x00",
        "http://a.example/\ud800",
        "http://a.example/" + "x" * 2000,
        "http://a.example/&" + "amp;" * 20 + "lt;",
        "mailto:",
        "mailto:me",
        "mailto:me@localhost",
        "mailto:me@a.example?subject=x",
        "mailto:me@a.example,you@a.example",
        "mailto:me@a.example%0abcc:x",
        "mailto:a@b@a.example",
    ],
)
def test_other_addresses_are_not(url):
    assert safe_url(url) is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("a\r\nb\rc\u2028d\u2029e\x85f", "a\nb\nc\nd\ne\nf"),
        ("a\x00b\x08\x1b[31m\x7f\x9fc\td", "ab[31mc\td"),
        ("\u202eevil\u202c \u2066a\u2069", "evil a"),
        ("שלום\u200f (a)\u200e", "שלום\u200f (a)\u200e"),
        ("ad\u200bm\u2060in\ufeff", "admin"),
        ("\ufffe\uffff\ufdd0\U0001ffff x \ud800\udfff", " x "),
        ("\U000e0041\U000e0042x", "x"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", None),
        ("\U0001f3f4\U000e0067\U000e0062", "\U0001f3f4"),
        ("a\u200d\u200d\u200c\u200db", "a\u200db"),
        ("a\xad\xad\xadb", "a\xadb"),
        ("e" + "\u0301" * 50 + "x", "e" + "\u0301" * 8 + "x"),
        ("e" + "\u0301\u034f\u200c" * 50, "e" + "\u0301\u034f\u200c" * 4 + "\u200c"),
        ("👩‍👩‍👧‍👦 🧑🏽‍💻 ❤️ 🇩🇪 1️⃣", None),
        ("क्षत्रिय ไทย שָׁלוֹם العَرَبِيَّة བརྒྱད não coração", None),
    ],
)
def test_text_loses_what_hides_or_floods_and_nothing_else(typed, expected):
    cleaned = clean_text(typed)
    if expected is None:
        assert cleaned == typed
    else:
        assert cleaned.rstrip("\u200c") == expected.rstrip("\u200c")
    assert clean_text(cleaned) == cleaned


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("  Eve\r\n\u2028\xa0 Example\t", "Eve Example"),
        ("Eve\nBcc: x@a.example", "Eve Bcc: x@a.example"),
        ("e\u0301", "é"),
        ("ad\u200bmin\u202e", "admin"),
        ("\n", ""),
    ],
)
def test_names_are_one_composed_line(typed, expected):
    assert clean_line(typed) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n\t",
        "\xa0\u3000",
        "\u3164\u115f\u1160\uffa0",
        "\u2800",
        "\u200d\ufe0f",
        "\u0301",
        "\u200b\xad",
        "\x00",
    ],
)
def test_text_that_nobody_would_see_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", " . ", "\u3164x", "한", "🙂", "0", "\ufdfa"])
def test_text_that_somebody_would_see_is_not(text):
    assert not is_blank(text)


def test_a_comment_over_the_limit_is_refused_with_a_sentence():
    assert sanitize("x" * MAX_LENGTH)
    with pytest.raises(ValueError, match=r"at most 10,000 characters; this one has 10,001"):
        sanitize("x" * (MAX_LENGTH + 1))


def test_a_comment_with_too_much_markup_is_shown_as_it_was_typed():
    source = "<b>bold</b> &amp;\n\n" + "<" * MAX_MARKUP
    assert sanitize(source) == "<p>&lt;b&gt;bold&lt;/b&gt; &amp;amp;</p><p>" + "&lt;" * MAX_MARKUP + "</p>"
    assert sanitize("<b>" + "<" * (MAX_MARKUP - 1)).startswith("<p><b>")


WORST_SHAPES = {
    "line breaks": "a\n" * 5000,
    "paragraphs": "a\n\n" * 3333,
    "ampersands": "&" * MAX_LENGTH,
    "angle brackets": ">" * MAX_LENGTH,
    "addresses": "http://a.co\n" * 833,
    "quotes": "<abbr title='" + '"' * 9900 + "'>x</abbr>",
    "bold in bold": "".join(f"<b a{n}>" for n in range(200)) + "<p>x" * 200,
    "inline names in paragraphs": "".join(f"<{n}>" for n in ("b", "i", "em", "s", "code", "del", "q"))
    + "<p>x" * 393,
    "a long title in paragraphs": f"<abbr title='{'x' * 8000}'>" + "<p>x" * 390,
    "a title in quoted paragraphs": f"<abbr title='{'x' * 8000}'>" + "<blockquote>x</blockquote>" * 70,
    "a title in lists": f"<ul><li><abbr title='{'x' * 8000}'>" + "<ul><li>x</ul>" * 100,
    "links in paragraphs": "<a href='http://a.co'><p>x" * 200,
    "nested lists": "<ul><li>x" * 200,
    "nested quotations": "<blockquote>x" * 400,
    "crossed": "".join(f"<b a{n}><p>" for n in range(100)) + "</b>" * 200,
    "references": "&#x1F600;" * 400,
}


@pytest.mark.parametrize("name", WORST_SHAPES)
def test_no_shape_multiplies_beyond_the_bound(name):
    rendered = sanitize(WORST_SHAPES[name])
    assert len(rendered) <= MAX_RENDERED_LENGTH
    assert problems(rendered, POLICY) == []


def test_markup_that_multiplies_is_shown_as_it_was_typed(monkeypatch):
    monkeypatch.setattr("comments.markup.MAX_RENDERED_LENGTH", 20)
    assert sanitize("<b>12345678901234567890</b>") == "<p>&lt;b&gt;12345678901234567890&lt;/b&gt;</p>"


FRAGMENTS = (
    *(f"<{tag}>" for tag in sorted(POLICY.tags)),
    *(f"</{tag}>" for tag in sorted(POLICY.tags)),
    "<a href='http://a.example/?a=1&amp;b'>", "<a href=javascript:alert(1)>", "<abbr title='&quot;>&lt;'>",
    "<b onclick=x>", "<script>", "</script>", "<svg>", "<math>", "<table>", "<td>",
    "<img src=x onerror=alert(1)>", "<style>", "<template>", "<!--", "-->", "<![CDATA[", "]]>", "<!", "<?",
    "</", "<", ">", "&", "&lt;", "&amp;", "&#0;", "&#x202e;", "&#" + "9" * 5000 + ";",
    "&CounterClockwiseContourIntegral;", "'", '"', "`", "=", "\\", "/", ":", "\n", "\n\n", " ", "\t", "\r",
    "\x00", "\x0b", "\x0c", "\u2028", "\u202e", "\u2066", "\ufeff", "\ud800", "\udfff", "\U0010ffff",
    "http://a.example/", "https://b.example/(x).", "x", "http://", "javascript:1", "é", "\u0301", "漢字",
    "🙂",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_any_text_gives_sound_markup(seed):
    chance = random.Random(seed)
    for _ in range(150):
        source = "".join(chance.choices(FRAGMENTS, k=chance.randint(1, 60)))[:MAX_LENGTH]
        rendered = sanitize(source)
        assert problems(rendered, POLICY) == [], ascii(source)
        assert clean_text(rendered) == rendered, ascii(source)


@pytest.mark.parametrize(
    "source",
    [
        "\ud800" * MAX_LENGTH,
        "&#" + "1" * 9000 + ";",
        "<a href='http://a.example/&#" + "1" * 9000 + ";'>x</a>",
        "<b>" * 3333,
    ],
)
def test_no_text_within_the_limit_raises(source):
    assert problems(sanitize(source), POLICY) == []


def test_threads_do_not_disturb_each_other():
    sources = [f"<b>{n}</b> <ul><li>{n} http://a.example/{n}" for n in range(4)]
    expected = [sanitize(source) for source in sources]
    wrong = []

    def work(number):
        wrong.extend(n for n in range(40) if sanitize(sources[number]) != expected[number])

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_plain_text_puts_blocks_on_lines_of_their_own():
    rendered = sanitize("one <b>two</b><br>three\n\n<ul><li>four &amp; <li>five</ul>")
    assert plain_text(rendered) == "one two\nthree\nfour &\nfive"


def test_known_attacks_become_sound_markup(shared):
    count = 0
    for file in sorted((shared / "corpus" / "xss").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            attack = json.loads(line)
            rendered = sanitize(attack["payload"][:MAX_LENGTH])
            assert problems(rendered, POLICY) == [], attack["id"]
            assert len(rendered) <= MAX_RENDERED_LENGTH, attack["id"]
            count += 1
    assert count > 5000


def test_honest_comments_come_through(shared):
    def folded(text):
        return re.sub(r"\s+", " ", text)

    for line in (shared / "corpus" / "benign" / "benign.jsonl").read_text(encoding="utf-8").splitlines():
        comment = json.loads(line)
        rendered = sanitize(comment["payload"])
        for text in comment["text"]:
            assert folded(text).strip() in folded(plain_text(rendered)), comment["id"]
        for tag, count in comment["tags"].items():
            assert len(re.findall(rf"<{tag}\b", rendered)) == count, comment["id"]
        assert set(comment["hrefs"]) <= set(links_in(rendered)), comment["id"]
        assert problems(rendered, POLICY) == [], comment["id"]


def test_hostile_addresses_are_refused_and_honest_ones_accepted(shared):
    for line in (
        (shared / "corpus" / "inputs" / "hostile-inputs.jsonl").read_text(encoding="utf-8").splitlines()
    ):
        entry = json.loads(line)
        if (
            entry["kind"] == "url"
            and "scheme assumed" not in entry["note"]
            and "over 200" not in entry["note"]
        ):
            assert (safe_url(entry["value"]) is None) == (entry["expect"] == "refuse"), entry["id"]
