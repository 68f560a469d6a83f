"""The one module that knows bleach: hostile markup in, safe markup out, by a policy.

``articles.markup`` and ``comments.markup`` each own a policy; everything that depends on the sanitising
library is here (why, and what replacing it takes: docs/decisions/0004-bleach-behind-one-module.md).

The library gets little to decide. Before it, every ``<`` that does not begin a complete tag of the policy is
escaped, so no other element ever reaches its parser, and what a writer meant as text stays readable. After
it, in the same pass, character references are resolved once, each attribute's value is judged by our own
rule, addresses in the text become links, and the tokens are arranged into paragraphs. The result is written
out with every character escaped that needs it. It is never parsed, cut or sanitised again.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from html.entities import html5
from html.parser import HTMLParser

from bleach.html5lib_shim import HTMLSerializer  # type: ignore[import-untyped]
from bleach.linkifier import LinkifyFilter  # type: ignore[import-untyped]
from bleach.sanitizer import Cleaner  # type: ignore[import-untyped]

from .links import safe_url
from .paragraphs import BLOCKS, Token, arrange
from .text import clean_line, clean_text

Check = Callable[[str], str | None]
"""Judges an attribute's value: returns the value to use, or None if the attribute must go."""

MAX_WORD_WITH_LINKS = 1_000
"""Characters. Where a word is longer no address is looked for in the text at all."""

MAX_TAG_LENGTH = 4_000
"""Characters; an address and a title have room. What is longer is text: the parser takes time with the square
of the number of attributes."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What may stand in a text of one kind.

    ``attributes``: for each element its attributes, each with the rule for its value; elements not named have
    none. ``needed``: an attribute without which an element goes and only its content stays. ``rel``: the
    ``rel`` of every link; empty: none is written. ``breaks_everywhere``: see ``paragraphs.arrange``.
    """

    tags: frozenset[str]
    attributes: Mapping[str, Mapping[str, Check]]
    needed: Mapping[str, str]
    rel: str = ""
    breaks_everywhere: bool = True


def render(source: str, policy: Policy) -> str:
    """Return ``source`` as safe HTML.

    Takes time that grows with the square of the number of tags: callers limit them.
    """
    filters: list[Callable[..., Iterable[Token]]] = [partial(_judge, policy=policy)]
    if max(map(len, source.split()), default=0) < MAX_WORD_WITH_LINKS:
        filters.append(partial(_LinkFilter, callbacks=[partial(_new_link, policy=policy)]))
    filters.append(partial(arrange, breaks_everywhere=policy.breaks_everywhere))
    # A Cleaner holds the state of its parser and is not safe to share between threads; making one takes 0.1
    # ms.
    cleaner = Cleaner(
        tags=policy.tags,
        attributes=partial(_is_allowed, policy),
        protocols=frozenset(("http", "https", "mailto")),
        strip=False,
        strip_comments=True,
        filters=filters,
    )
    # bleach's own serializer expects unresolved character references and takes "&lt;" in a text for one.
    cleaner.serializer = _serializer()
    rendered: str = cleaner.clean(_leave_only_tags(source, policy))
    return rendered


def render_plain(text: str) -> str:
    """Return ``text``, markup and all, as paragraphs that show it as it was typed."""
    rendered: str = _serializer().render(
        arrange([{"type": "Characters", "data": text}], breaks_everywhere=True)
    )
    return rendered


def _serializer() -> HTMLSerializer:
    return HTMLSerializer(
        quote_attr_values="always",
        quote_char='"',
        escape_lt_in_attrs=True,
        escape_rcdata=True,
        minimize_boolean_attributes=False,
        omit_optional_tags=False,
        resolve_entities=False,
    )


# Before the parser


def _leave_only_tags(source: str, policy: Policy) -> str:
    """Escape each ``<`` that does not begin a tag of the policy, complete to its ``>``, or a comment that
    ends.

    Tags of elements that have no attributes lose what they carry: the parser copies elements, within limits,
    but takes ``<b x1>`` and ``<b x2>`` for different ones and copies those without limit.
    """
    last_comment_end = source.rfind("-->")

    def replacement(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            ends = match[0] == "<!--" and match.start() < last_comment_end
            return match[0] if ends else "&lt;" + match[0][1:]
        if len(match[0]) > MAX_TAG_LENGTH:
            return "&lt;" + match[0][1:]
        return match[0] if policy.attributes.get(name.lower()) else f"<{match['slash']}{name}>"

    return _tag_pattern(policy.tags).sub(replacement, source)


@cache
def _tag_pattern(tags: frozenset[str]) -> re.Pattern[str]:
    """Return what finds complete tags of ``tags``, beginnings of comments, and any other ``<``.

    No alternative runs past the next ``<``, so the search takes linear time.
    """
    names = "|".join(sorted(tags))
    return re.compile(
        rf"""<(?P<slash>/?)(?P<name>{names})(?=[\s/>])(?:[^<>"']|"[^"<]*"|'[^'<]*')*>|<!--|<""", re.I | re.A
    )


# Filters of the token stream


_REFERENCE = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def _resolve(name: str) -> str:
    """Return what the character reference ``&name;`` stands for; an unknown one for itself."""
    reference = f"&{name};"
    if name.startswith("#"):
        return html.unescape(reference) if _REFERENCE.fullmatch(reference) else reference
    return html5.get(f"{name};", reference)


def _is_allowed(policy: Policy, element: str, attribute: str, value: str) -> bool:
    """Tell bleach whether to keep an attribute; asked before bleach looks at addresses itself."""
    return _judged(policy, element, attribute, value) is not None


def _judged(policy: Policy, element: str, attribute: str, value: str) -> str | None:
    check = policy.attributes.get(element, {}).get(attribute)
    return check(_REFERENCE.sub(lambda match: _resolve(match[1]), value)) if check else None


def _judge(source: Iterable[Token], policy: Policy) -> Iterator[Token]:
    """Resolve character references, put judged values into attributes, drop elements that lack a needed one.

    Neighbouring text comes out as one token. What references resolve to is cleaned as typed text was.
    """
    text = ""
    has_references = False
    shown: list[bool] = []
    ids: set[str] = set()
    for token in source:
        kind = token["type"]
        if kind in ("Characters", "SpaceCharacters"):
            text += token["data"]
            continue
        if kind == "Entity":
            text += _resolve(token["name"])
            has_references = True
            continue
        if text:
            yield {"type": "Characters", "data": clean_text(text) if has_references else text}
            text = ""
            has_references = False
        if kind == "EndTag":
            if shown.pop():
                yield token
            continue
        attributes = _attributes(token, policy, ids)
        is_shown = policy.needed.get(token["name"]) is None or policy.needed[token["name"]] in attributes
        if kind == "StartTag":
            shown.append(is_shown)
        if is_shown:
            yield token | {"data": {(None, name): value for name, value in attributes.items()}}
    if text:
        yield {"type": "Characters", "data": clean_text(text) if has_references else text}


def _attributes(token: Token, policy: Policy, ids: set[str]) -> dict[str, str]:
    """Return the judged attributes of a start tag; ``ids`` are those already given in this text."""
    attributes = {}
    for (_, name), typed in token["data"].items():
        value = _judged(policy, token["name"], name, typed)
        if value is not None and (name != "id" or value not in ids):
            attributes[name] = value
    if "id" in attributes:
        ids.add(attributes["id"])
    if token["name"] == "a" and "href" in attributes and policy.rel:
        attributes["rel"] = policy.rel
    return attributes


# An address in text: up to a character that no address holds unescaped, or that ends a sentence in Chinese or
# Japanese. The first alternative lets a word in another script follow the host without a space.
_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9_])https?://"
    r"(?:(?:[a-z0-9-]+\.)+[a-z]{2,24}(?=[^\x00-\x7f])(?![^\x00-\x7f]+[a-z0-9-]*\.)"
    r"|[^\s<>\"`\\^{}|\u3000-\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]+)",
    re.I,
)
_SENTENCE_ENDS = ".,;:!?'\u2019\u201d\u00bb\u2026*_~"
_BRACKETS = {")": "(", "]": "["}


class _LinkFilter(LinkifyFilter):  # type: ignore[misc]
    """Make links of the addresses in text, except in links and in code.

    bleach's own walk loses references in links, resolves others twice and forgets that it is inside ``pre``
    after a ``code``; of it only ``handle_links`` is used.
    """

    def __init__(self, source: Iterable[Token], callbacks: list[Callable[..., object]]) -> None:
        super().__init__(source, callbacks=callbacks, url_re=_ADDRESS, parse_email=False)

    def __iter__(self) -> Iterator[Token]:
        closed = 0
        for token in self.source:
            kind = token["type"]
            if kind == "Characters" and not closed:
                yield from self.handle_links([token])
                continue
            if kind == "StartTag" and token["name"] in ("a", "code", "pre"):
                closed += 1
            elif kind == "EndTag" and token["name"] in ("a", "code", "pre"):
                closed -= 1
            yield token

    def strip_non_url_bits(self, fragment: str) -> tuple[str, str, str]:
        """Part an address from the punctuation of the sentence around it: (address, before, after)."""
        unmatched = {
            closing: fragment.count(closing) - fragment.count(_BRACKETS[closing]) for closing in _BRACKETS
        }
        end = len(fragment)
        while True:  # to the letters of "http" at the latest
            last = fragment[end - 1]
            if unmatched.get(last, 0) > 0:
                unmatched[last] -= 1
            elif last not in _SENTENCE_ENDS:
                return fragment[:end], "", fragment[end:]
            end -= 1


def _new_link(attributes: dict[object, str], new: bool, policy: Policy) -> dict[object, str] | None:
    url = safe_url(attributes[(None, "href")])
    if url is None:
        return None
    attributes[(None, "href")] = url
    if policy.rel:
        attributes[(None, "rel")] = policy.rel
    return attributes


# Reading the result


def links_in(rendered: str) -> tuple[str, ...]:
    """Return the addresses of the links in sanitised HTML, in order, repeated ones too."""
    return tuple(_read(rendered).links)


def plain_text(rendered: str) -> str:
    """Return the text of sanitised HTML, each block and each broken line on a line of its own."""
    lines = "".join(_read(rendered).text).split("\n")
    return "\n".join(line for line in (line.strip() for line in lines) if line)


class _Reader(HTMLParser):
    """Collects text and links of HTML that is already safe."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS or tag == "br":
            self.text.append("\n")
        self.links.extend(value or "" for name, value in attrs if tag == "a" and name == "href")

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


# One text is read for its words, for its links and for its digest.
@lru_cache(maxsize=8)
def _read(rendered: str) -> _Reader:
    reader = _Reader()
    reader.feed(rendered)
    reader.close()
    return reader


def line_value(value: str) -> str | None:
    """A check: any text, on one line."""
    return clean_line(value)
