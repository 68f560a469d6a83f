"""Measure the CPU time of sanitising a comment: ordinary ones, and the worst shapes at the length limit.

Prints milliseconds of CPU, not of the clock, so that a busy machine does not disturb them; of each worst
shape the best of three runs. Ends with status 1 if one takes more than 100 ms or grows beyond the stated
bound.

    python benchmarks/sanitizer_speed.py
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from comments.markup import MAX_LENGTH, MAX_MARKUP, MAX_RENDERED_LENGTH, sanitize

LIMIT_MS = 100

PLAIN = (
    "We have kept bees on the roof for three years now; see https://example.com/bees/?year=3 for the notes. "
)
RICH = (
    '<p>Thank you, <em>really</em>! <a href="https://example.com/a?b=1&amp;c=2" title="notes">My notes</a>'
    "<code>x &lt; y</code>.</p><blockquote>Quoted <strong>words</strong></blockquote>"
    "<ul><li>one</li><li>two &amp; three</li></ul>\n\n"
)

NAMES = ("b", "i", "em", "strong", "s", "code", "del", "cite", "q", "abbr")


def numbered(pattern: str, count: int) -> str:
    return "".join(pattern.replace("#", str(number)) for number in range(count))


def nested(count: int) -> str:
    """Return every inline element of the policy, one in another, titled with ``count`` characters."""
    return "".join(f"<{name} title='{'x' * count}'>" for name in NAMES)


# Cut to the length limit. Most keep just within the limit of markup, where parsing is dearest.
SHAPES: dict[str, str] = {
    "one word": "a" * MAX_LENGTH,
    "spaces": " " * MAX_LENGTH,
    "newlines": "\n" * MAX_LENGTH,
    "letters on lines": "a\n" * 5000,
    "letters in paragraphs": "a\n\n" * 3333,
    "spaces and newlines": " \n" * 5000,
    "spaces without a newline": "a" + " " * 9998 + "b",
    "only <": "<" * MAX_LENGTH,
    "only &": "&" * MAX_LENGTH,
    "only >": ">" * MAX_LENGTH,
    "400 <": "<" * MAX_MARKUP + "x" * 9600,
    "400 < with spaces": "< " * MAX_MARKUP + "x " * 4600,
    "400 &": "&" * MAX_MARKUP + "x" * 9600,
    "400 &amp;": "&amp;" * MAX_MARKUP + "x " * 4000,
    "400 nearly entities": "&CounterClockwiseContourIntegra" * 320,
    "400 numeric references": "&#x1F600;" * MAX_MARKUP,
    "references to marks": "&#769;" * MAX_MARKUP,
    "long reference": "&#" + "1" * 9990 + ";",
    "long reference in a link": '<a href="http://a.example/&#' + "1" * 9900 + ';">x</a>',
    "references wrapped in references": '<a href="http://a.example/' + "&amp;" * 399 + 'lt;">x</a>',
    "controls": "\x01" * MAX_LENGTH,
    "lone surrogates": "\ud800" * MAX_LENGTH,
    "marks": "e" + "\u0301" * 9999,
    "emoji": "\U0001f600" * MAX_LENGTH,
    "joiners": "\u200d" * MAX_LENGTH,
    "tag characters": "\U0001f3f4" * 3000 + "\U000e0067" * 7000,
    "addresses": "http://a.co " * 833,
    "addresses on lines": "http://a.co\n" * 833,
    "addresses without spaces": "http://a.co," * 833,
    "beginnings of addresses": "http://" * 1428,
    "half addresses": "https:/" * 1428,
    "address of one label": "http://" + "a-" * 490 + " " + "b " * 4000,
    "addresses of many labels": ("http://" + "a." * 490 + "\u00e9 ") * 10,
    "address of brackets": ("http://a.co/" + "(" * 490 + ")" * 490 + " ") * 10,
    "address of closing brackets": ("http://a.co/" + ")" * 980 + " ") * 10,
    "address of full stops": ("http://a.co/" + "." * 980 + " ") * 10,
    "long address": "http://a.co/" + "a" * 9900,
    "deep <b>": "<b>" * MAX_MARKUP + "x",
    "deep <b>, numbered": numbered("<b a#>", MAX_MARKUP) + "x",
    "deep <blockquote>": "<blockquote>" * MAX_MARKUP + "x",
    "deep <ul><li>": "<ul><li>" * (MAX_MARKUP // 2) + "x",
    "deep <ol><li><p>": "<ol><li><p>" * (MAX_MARKUP // 3) + "x",
    "deep <pre>": "<pre>" * MAX_MARKUP + "x",
    "deep <q>": "<q>x" * MAX_MARKUP,
    "deep, all inline names": "".join(f"<{name}>" for name in NAMES) * 40 + "x",
    "many <p>": "<p>x" * MAX_MARKUP,
    "many </p>": "</p>" * MAX_MARKUP,
    "many <br>": "<br>x" * MAX_MARKUP,
    "many <li>": "<li>x" * MAX_MARKUP,
    "many links": "<a href='http://a.co'>x" * MAX_MARKUP,
    "many links with paragraphs": "<a href='http://a.co'><p>x" * 200,
    "<b>, numbered, then <p>": numbered("<b a#>", 200) + "<p>" * 200,
    "<b>, numbered, then <p>x": numbered("<b a#>", 200) + "<p>x" * 200,
    "<b>, numbered, then <li>": numbered("<b a#>", 133) + "<ul>" + "<li>x" * 266,
    "<b>, numbered, 100, then <p>x": numbered("<b a#>", 100) + "<p>x" * 300,
    "inline names, numbered, then <p>x": "".join(f"<{NAMES[n % 10]} a{n}>" for n in range(200))
    + "<p>x" * 200,
    "titles repeated in paragraphs": nested(700) + "<p>x" * 380,
    "title repeated in paragraphs": f"<abbr title='{'x' * 8000}'>" + "<p>x" * 390,
    "title of quotes": "<abbr title='" + '"' * 9900 + "'>x</abbr>",
    "adoption": numbered("<b a#><p>", 100) + "</b>" * 200,
    "adoption of links": "<a href='http://a.co'><b><p>" * 100 + "</a></b>" * 50,
    "crossed": "<a><b><i>" * 66 + "<p></a></b></i>" * 50,
    "formatting, then closers": "<b><i><s><em><strong><code>" * 33 + "</b></i></s></em></strong></code>" * 33,
    "many attributes": "<a " + " ".join(f"a{number}=1" for number in range(1300)) + ">x</a>",
    "long attribute name": "<a " + "a" * 9900 + ">x</a>",
    "long attribute": "<a title='" + "x" * 9900 + "'>x</a>",
    "unclosed attribute": "<a href='" + "x" * 9900,
    "unclosed attributes": '<a "' * MAX_MARKUP,
    "half tags": "<b " * MAX_MARKUP + "x" * 8000,
    "half tags with quotes": '<a href="">"'.replace(">", "") * 399,
    "comments": "<!--" * MAX_MARKUP,
    "comments with an end": "<!--" * 399 + "-->",
    "short comments": "<!---->" * MAX_MARKUP,
    "closed and open": "<b>x</b>" * 200,
    "honest, rich": (RICH * 30)[:MAX_LENGTH],
    "honest, plain": (PLAIN * 100)[:MAX_LENGTH],
}


def cpu_ms(task: Callable[[], object], runs: int = 3) -> float:
    times = []
    for _ in range(runs):
        start = time.process_time()
        task()
        times.append((time.process_time() - start) * 1000)
    return min(times)


def main() -> int:
    sanitize("<b>warm</b> http://a.co")
    for name, base in (("plain", PLAIN), ("rich", RICH)):
        for length in (300, 3000):
            text = (base * (length // len(base) + 1))[:length]
            ms = cpu_ms(lambda text=text: sanitize(text), 20)
            print(f"{name} comment of {length:,} characters: {ms:.2f} ms")
    worst = {}
    largest = 0
    for name, shape in SHAPES.items():
        text = shape[:MAX_LENGTH]
        worst[name] = cpu_ms(lambda text=text: sanitize(text))
        rendered = len(sanitize(text))
        largest = max(largest, rendered)
        print(f"{worst[name]:7.1f} ms  {len(text):6,} in  {rendered:6,} out  {name}")
    name = max(worst, key=worst.__getitem__)
    print(
        f"worst of {len(worst)} shapes: {worst[name]:.1f} ms ({name}); largest result {largest:,} characters"
    )
    return 0 if worst[name] <= LIMIT_MS and largest <= MAX_RENDERED_LENGTH else 1


if __name__ == "__main__":
    sys.exit(main())
