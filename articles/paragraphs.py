"""Plain text into paragraphs, and whatever markup came with it into a form that nests as HTML wants it.

The sanitiser parses once; what it lets through arrives here as a stream of tokens (those of html5lib:
dictionaries with a type, a name and data) and leaves as another one. Nothing is parsed or read as markup
here, and no element is added but ``p``, ``br`` and the items or cells that text in a list or table lacks.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Token = dict[str, Any]

PHRASING_BLOCKS = frozenset(("caption", "dt", "h2", "h3", "h4", "pre"))
"""Blocks that hold text and inline elements, but no other block."""

LOOSE_TEXT_BLOCKS = frozenset(("dd", "figcaption", "figure", "li", "td", "th"))
"""Blocks in which text needs no paragraph, though blocks may stand beside it."""

CHILDREN = {
    "ul": frozenset(("li",)),
    "ol": frozenset(("li",)),
    "dl": frozenset(("dt", "dd")),
    "table": frozenset(("caption", "colgroup", "thead", "tbody", "tfoot", "tr")),
    "colgroup": frozenset(("col",)),
    "thead": frozenset(("tr",)),
    "tbody": frozenset(("tr",)),
    "tfoot": frozenset(("tr",)),
    "tr": frozenset(("td", "th")),
}
"""What the blocks hold that hold nothing else."""

IMPLIED_CHILD = {
    "ul": "li",
    "ol": "li",
    "dl": "dd",
    "table": "tbody",
    "thead": "tr",
    "tbody": "tr",
    "tfoot": "tr",
    "tr": "td",
}
"""What is put around text that stands in such a block directly."""

NEEDED_PARENTS = {"figcaption": frozenset(("figure",))}
for _parent, _children in CHILDREN.items():
    for _child in _children:
        NEEDED_PARENTS[_child] = NEEDED_PARENTS.get(_child, frozenset()) | {_parent}

CONTAINERS = frozenset(("blockquote", "dl", "figure", "ol", "table", "ul"))
BLOCKS = CONTAINERS | PHRASING_BLOCKS | LOOSE_TEXT_BLOCKS | frozenset(CHILDREN) | {"col", "hr", "p"}

MAX_DEPTH = 16
"""Containers within containers; deeper ones lose their tags and keep their text. Browsers stop near 512, the
eye long before."""

# These say something more inside themselves (a quotation in a quotation, a power of a power); bold bold does
# not.
_NESTABLE = frozenset(("q", "span", "sub", "sup"))
_MAX_NESTED = 3

_MAX_BREAKS_IN_A_ROW = 2
_SPACES = " \t\f\r"


@dataclass(slots=True)
class _Block:
    """A block element that is open in the source.

    ``token`` is its start tag, or None if it is not to be shown; ``context`` the shown block that text in it
    stands in (empty: none), ``depth`` the number of shown containers around that text.
    """

    token: Token | None
    context: str
    depth: int
    implied: bool = False
    paragraph: Token | None = None


def arrange(source: Iterable[Token], *, breaks_everywhere: bool) -> list[Token]:
    """Return the tokens of ``source`` as paragraphs and well-nested blocks.

    - Text outside blocks, and directly in a ``blockquote``, is wrapped in ``p``; a blank line begins a new
      one, or two line breaks where an inline element is open across it. At most two line breaks stand in a
      row.
    - Every other newline becomes a ``br``; with ``breaks_everywhere`` false only where the source has no
      element of its own around the text (in ``<p>`` and ``<li>`` it is then a space, as in HTML).
    - A ``pre`` is left as it is, but for blocks inside it.
    - An inline element that holds blocks is opened anew in each of them. Elements without content vanish, but
      for table cells. Tags of blocks where HTML has no place for them vanish and part the text around them.
    """
    arranger = _Arranger(breaks_everywhere)
    for token in source:
        arranger.take(token)
    arranger.close_run()
    return arranger.out


class _Arranger:
    def __init__(self, breaks_everywhere: bool) -> None:
        self.breaks_everywhere = breaks_everywhere
        self.out: list[Token] = []
        self.blocks = [_Block(None, "", 0)]
        self.opened_blocks = 1  # so many of them, from the outside, have been written
        self.inline_is_shown: list[bool] = []  # for every inline element open in the source
        self.inlines: list[Token] = []  # those to be shown
        self.inline_names: Counter[str] = Counter()
        self.opened_inlines = 0
        self.in_paragraph = False
        self.in_run = False  # something has been written since the last edge of a block
        # The white space since the last piece of content.
        self.gap_spaces = ""
        self.gap_has_newline = False
        self.gap_is_blank = False
        self.gap_breaks = 0
        self.newlines_in_a_row = 0

    def take(self, token: Token) -> None:
        kind = token["type"]
        if kind in ("Characters", "SpaceCharacters"):
            if self.blocks[-1].context == "pre":
                self.take_preformatted(token["data"])
            else:
                self.take_text(token["data"])
        elif token["name"] in BLOCKS:
            if kind == "EndTag":
                self.end_block()
            else:
                self.start_block(token)
                if kind == "EmptyTag":
                    self.open_blocks()
                    self.blocks.pop()
                    self.opened_blocks = min(self.opened_blocks, len(self.blocks))
        elif kind == "EndTag":
            self.end_inline()
        elif kind == "StartTag":
            self.start_inline(token)
        elif token["name"] == "br":
            self.take_break()
        else:
            self.write(token)

    # Text, and the gaps in it

    def take_text(self, text: str) -> None:
        for number, line in enumerate(text.split("\n")):
            if number:
                self.newlines_in_a_row += 1
                self.gap_has_newline = True
                self.gap_is_blank |= self.newlines_in_a_row > 1
                self.gap_spaces = ""
            words = line.strip(_SPACES)
            if words:
                indent = len(line) - len(line.lstrip(_SPACES))
                self.gap_spaces += line[:indent]
                self.write({"type": "Characters", "data": words}, ends_with=line[indent + len(words) :])
            else:
                self.gap_spaces += line

    def take_preformatted(self, text: str) -> None:
        if not text:
            return
        if self.opened_blocks < len(self.blocks) and text.startswith("\n"):
            # Browsers drop a newline right after <pre>; this one is meant.
            text = "\n" + text
        self.open_blocks()
        self.open_inlines()
        self.out.append({"type": "Characters", "data": text})

    def take_break(self) -> None:
        if self.blocks[-1].context == "pre":
            self.take_preformatted("\n")
            return
        self.gap_breaks += 1
        self.newlines_in_a_row = 0

    def forget_gap(self) -> None:
        """Forget the white space since the last content: at the edge of a block it means nothing."""
        self.gap_spaces = ""
        self.gap_has_newline = False
        self.gap_is_blank = False
        self.gap_breaks = 0
        self.newlines_in_a_row = 0

    def write_gap(self) -> None:
        """Write what the white space between two pieces of content in one run means."""
        breaks = min(self.gap_breaks, _MAX_BREAKS_IN_A_ROW)
        spaces = self.gap_spaces
        if self.gap_is_blank:
            if self.in_paragraph and not self.opened_inlines:
                self.close_paragraph()
                self.open_paragraph()
                return
            breaks = _MAX_BREAKS_IN_A_ROW
        elif self.gap_has_newline and not breaks:
            if self.breaks_everywhere or (self.in_paragraph and self.blocks[-1].paragraph is None):
                breaks = 1
            else:
                spaces = "\n"
        if breaks and self.blocks[-1].context not in PHRASING_BLOCKS:
            self.out.extend({"type": "EmptyTag", "name": "br", "data": {}} for _ in range(breaks))
        elif breaks:
            self.out.append({"type": "Characters", "data": " "})
        elif spaces:
            self.out.append({"type": "Characters", "data": spaces})

    def write(self, token: Token, ends_with: str = "") -> None:
        """Write a piece of content where it may stand, after what must be opened before it.

        ``ends_with``: white space after it, written only if more content follows.
        """
        self.imply_blocks_for("")
        self.open_blocks()
        if not self.in_paragraph and self.needs_paragraph():
            self.open_paragraph()
        if self.in_run:
            self.write_gap()
        self.forget_gap()
        self.open_inlines()
        self.out.append(token)
        self.in_run = True
        self.gap_spaces = ends_with

    # Paragraphs

    def needs_paragraph(self) -> bool:
        block = self.blocks[-1]
        if block.context in PHRASING_BLOCKS:
            return False
        return block.paragraph is not None or block.context in ("", "blockquote")

    def open_paragraph(self) -> None:
        paragraph = self.blocks[-1].paragraph
        self.out.append({"type": "StartTag", "name": "p", "data": paragraph["data"] if paragraph else {}})
        self.in_paragraph = True

    def close_paragraph(self) -> None:
        self.out.append({"type": "EndTag", "name": "p"})
        self.in_paragraph = False

    def close_inlines(self, keep: int) -> None:
        while self.opened_inlines > keep:
            self.opened_inlines -= 1
            self.out.append({"type": "EndTag", "name": self.inlines[self.opened_inlines]["name"]})

    def close_run(self) -> None:
        """Close what may not reach across the edge of a block."""
        self.close_inlines(keep=0)
        if self.in_paragraph:
            self.close_paragraph()
        self.in_run = False
        self.forget_gap()

    # Blocks

    def start_block(self, token: Token) -> None:
        name = token["name"]
        parent = self.blocks[-1]
        if parent.context in PHRASING_BLOCKS:
            if parent.context == "pre" and self.opened_blocks == len(self.blocks):
                self.out.append({"type": "Characters", "data": "\n"})
            else:
                self.gap_spaces = self.gap_spaces or " "
            self.push(None, parent)
            return
        self.close_run()
        self.end_implied_blocks_for(name)
        self.imply_blocks_for(name)
        parent = self.blocks[-1]
        if name == "p":
            self.push(None, parent)
            self.blocks[-1].paragraph = token
        elif not self.has_place(name, parent):
            self.push(None, parent)
        else:
            self.push(token, parent)
            if name in ("td", "th"):
                self.open_blocks()

    def has_place(self, name: str, parent: _Block) -> bool:
        if name in CONTAINERS and parent.depth >= MAX_DEPTH:
            return False
        if name in NEEDED_PARENTS:
            return parent.context in NEEDED_PARENTS[name]
        return parent.context not in CHILDREN

    def end_block(self) -> None:
        if self.blocks[-1].token is None and self.blocks[-1].context in PHRASING_BLOCKS:
            self.gap_spaces = self.gap_spaces or " "
        else:
            self.close_run()
        while self.pop().implied:
            pass

    def push(self, token: Token | None, parent: _Block) -> None:
        if token is None:
            self.blocks.append(_Block(None, parent.context, parent.depth))
        else:
            self.blocks.append(_Block(token, token["name"], parent.depth + (token["name"] in CONTAINERS)))

    def imply_blocks_for(self, name: str) -> None:
        """Open what must stand between the innermost block and ``name`` (empty: text)."""
        while (context := self.blocks[-1].context) in IMPLIED_CHILD and name not in CHILDREN[context]:
            self.push({"type": "StartTag", "name": IMPLIED_CHILD[context], "data": {}}, self.blocks[-1])
            self.blocks[-1].implied = True

    def end_implied_blocks_for(self, name: str) -> None:
        """End implied blocks, if ``name`` may stand where one of them stands."""
        first = len(self.blocks)
        while self.blocks[first - 1].implied:
            first -= 1
            if name in CHILDREN[self.blocks[first - 1].context]:
                while len(self.blocks) > first:
                    self.pop()
                return

    def pop(self) -> _Block:
        block = self.blocks.pop()
        if self.opened_blocks > len(self.blocks):
            self.opened_blocks = len(self.blocks)
            if block.token is not None:
                self.out.append({"type": "EndTag", "name": block.token["name"]})
        return block

    def open_blocks(self) -> None:
        for block in self.blocks[self.opened_blocks :]:
            if block.token is not None:
                self.out.append(block.token)
        self.opened_blocks = len(self.blocks)

    # Inline elements

    def start_inline(self, token: Token) -> None:
        name = token["name"]
        shown = self.inline_names[name] < (_MAX_NESTED if name in _NESTABLE else 1)
        self.inline_is_shown.append(shown)
        if shown:
            self.inlines.append(token)
            self.inline_names[name] += 1
        self.newlines_in_a_row = 0

    def end_inline(self) -> None:
        self.newlines_in_a_row = 0
        if self.inline_is_shown.pop():
            self.close_inlines(keep=len(self.inlines) - 1)
            self.inline_names[self.inlines.pop()["name"]] -= 1

    def open_inlines(self) -> None:
        self.out.extend(self.inlines[self.opened_inlines :])
        self.opened_inlines = len(self.inlines)
