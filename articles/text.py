"""What people typed, made fit to be stored and shown.

Text only: no markup, no Django. Nothing here shortens honest writing in any script; what goes is what a
reader cannot see and a writer does not need, because it hides, reverses or floods the text around it.
"""

import re
import unicodedata

MAX_MARKS_IN_A_ROW = 8
"""Combining marks kept on one letter: more than any script needs, fewer than a tower of accents."""

_NEWLINES = re.compile("\r\n|[\r\x85\u2028\u2029]")

# Controls but tab and line ends, lone surrogates, noncharacters, bidirectional embeddings, overrides and
# isolates, and the invisible operators, separators and annotations. The marks U+200E, U+200F and U+061C stay:
# right-to-left writing needs them and they reorder nothing beyond their neighbours.
_UNWANTED = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)

# Tag characters spell invisible text, except after the black flag: there they name a region (England,
# Scotland …).
_TAG_CHARACTERS = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)|[\U000e0000-\U000e007f]"
)

_REPEATED_JOINERS = re.compile("([\u200c\u200d])[\u200c\u200d]+")
_REPEATED_HINTS = re.compile("([\xad\u061c\u200e\u200f])\\1+")

# Letters and symbols by their category, blank by their shape: Hangul fillers, the empty braille cell.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_BLANK_CATEGORIES = frozenset(("Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Mc", "Me"))


def clean_text(text: str) -> str:
    r"""Return ``text`` fit to be stored and shown, its lines ended by ``\n``.

    Never longer than what came in, and cleaning twice changes nothing more. Spaces and blank lines stay.
    """
    text = _UNWANTED.sub("", text)
    text = _NEWLINES.sub("\n", text)
    text = _TAG_CHARACTERS.sub(r"\1", text)
    text = _limit_marks(text)
    text = _REPEATED_JOINERS.sub(r"\1", text)
    return _REPEATED_HINTS.sub(r"\1", text)


def clean_line(text: str) -> str:
    """Return ``text``, for example a name, cleaned, composed (NFC) and on one line with single spaces."""
    return unicodedata.normalize("NFC", " ".join(clean_text(text).split()))


def is_blank(text: str) -> bool:
    """Tell whether a reader would see nothing: only spaces, invisible letters, joiners or marks without a
    letter.

    Of text, not of markup: for a comment ask about the text that readers will see.
    """
    return all(
        character in _BLANK_LETTERS or unicodedata.category(character) in _BLANK_CATEGORIES
        for character in text
    )


def _limit_marks(text: str) -> str:
    """Drop combining marks beyond ``MAX_MARKS_IN_A_ROW``; joiners between marks do not start a new count."""
    if text.isascii():
        return text
    kept = []
    marks = 0
    for character in text:
        if character < "\u0300":
            marks = 0
        else:
            category = unicodedata.category(character)
            if category[0] == "M":
                marks += 1
                if marks > MAX_MARKS_IN_A_ROW:
                    continue
            elif category != "Cf":
                marks = 0
        kept.append(character)
    return "".join(kept)
