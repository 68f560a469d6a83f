"""How much each finding weighs, in one place.

The unit is the deciban: 10·log10 of how many times more often a thing is seen on spam than on good
comments. So 10 means ten times as often, 3 twice as often, 0 equally often, −10 ten times less often.
A number is "counted" (on labelled comments; docs/moderation.md has the table) or a "guess", and says which.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """The points, in decibans, that the rules may give."""

    honeypot: float = 30.0
    """The hidden field was filled in. Guess. Enough for spam alone, except against a known good writer:
    there it may be a browser that fills in forms, and a person looks."""

    link_count: tuple[float, ...] = (-3.0, 5.0, 10.0, 12.0, 15.0)
    """By number of links; the last counts for all greater numbers. Counted on 6,765 comments of ten blogs.
    Three links, too rare to count, lie between their neighbours. The last was lowered from 19: few good
    comments had so many, and one blog most of the spam."""

    website: float = 3.0
    """The writer gave a website. Counted on 2,908 comments of the six blogs that kept websites."""

    no_website: float = -3.0
    """The writer gave none. Counted as for ``website`` (−5), and lowered: spam without a website is what a
    site is left with as soon as the form has no field for one."""

    repeated_text: tuple[float, ...] = (0.0, 8.0, 12.0, 16.0)
    """By number of other comments with the same text; the last counts for all greater numbers. Guess: the
    labelled comments had their repeats removed."""

    repeated_short_text: tuple[float, ...] = (0.0, 0.0, 1.0, 2.0)
    """The same for short texts, which many people write ("Thanks!"). Guess."""

    staff: float = -40.0
    """A member of the staff. Guess: as good as certain."""

    known_good: float = -15.0
    """Proved to be the writer of approved comments, with none declined. Guess. It outweighs a link and a
    website, but neither four links nor the hidden field."""

    known_bad: float = 10.0
    """Proved to be a writer with more comments declined than approved. Guess."""

    blocklist_hold: float = 5.0
    """An entry that holds was found. Guess. It only sorts the queue: the order to hold stands without it."""

    blocklist_spam: float = 40.0
    """An entry that marks as spam was found. Guess. The order to mark stands without it too."""


DEFAULT = Weights()
