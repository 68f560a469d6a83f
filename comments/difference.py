"""What was removed from a text and what was added, word by word."""

import re
from difflib import SequenceMatcher

# Beyond so many words that differ on either side, one whole is shown to have replaced the other: the time to
# compare grows with the square of their number, and nobody reads it word by word.
MOST_WORDS = 2_000

SAME, REMOVED, ADDED = "same", "removed", "added"

_WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


def difference(before, after):
    """Return pieces, each as SAME, REMOVED or ADDED with its text, in the order in which they are read."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    stop_old, stop_new = len(old) - end, len(new) - end
    pieces = [
        (SAME, old[:start]),
        *_compared(old[start:stop_old], new[start:stop_new]),
        (SAME, old[stop_old:]),
    ]
    return [(kind, "".join(words)) for kind, words in pieces if words]


def _compared(old, new):
    if max(len(old), len(new)) > MOST_WORDS:
        return [(REMOVED, old), (ADDED, new)]
    pieces = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        pieces += [(SAME, old[a:b])] if kind == "equal" else [(REMOVED, old[a:b]), (ADDED, new[c:d])]
    return pieces


def _common(old, new):
    """Return how many words two lists have in common at the beginning."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count
