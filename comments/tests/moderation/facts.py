"""Facts and weights for the tests of the judge: a harmless comment, and what differs from it."""

import dataclasses

from comments.moderation.background import Background, number_of
from comments.moderation.types import Echoes, SiteShare, Submission
from comments.moderation.weights import Weight, Weights
from comments.moderation.words import Opinion


def background(words, **site):
    """Make a table of words from ``{word: (rarity, is it a common word)}``."""
    return Background(
        shares={number_of(word): rarity for word, (rarity, _common) in words.items()},
        common=frozenset(number_of(word) for word, (_rarity, common) in words.items() if common),
        **site,
    )


HARMLESS = Submission(
    author_name="Ada",
    author_email="ada@example.org",
    author_url="",
    address="192.0.2.0",
    body="Heat helped my back more than the cold packs did.",
    text="Heat helped my back more than the cold packs did.",
    links=(),
    honeypot="",
    is_staff=False,
    sender_verified=True,
    email_is_disposable=False,
    record=None,
    blocklist=(),
    article_title="Heat or cold?",
    article_text="Some treat a sore back with heat, others with cold. We asked ten doctors what helps.",
    parent_text=None,
    background=background({"heat": (20, True), "back": (14, True), "the": (1, True)}),
    words=Opinion(0.0),
    site_words=Opinion(0.0),
    site_share=SiteShare(0.0, 0.0),
    echoes=Echoes(),
)


def submission(*, typed=None, **facts):
    """Change some facts. ``typed``: a body whose text readers see as it was typed."""
    if typed is not None:
        facts = {"body": typed, "text": typed} | facts
    return dataclasses.replace(HARMLESS, **facts)


def numbered(rows):
    """Make weights with points of its own for every case in a table of rule, facts, case, detail."""
    table = {}
    for points, (rule, case) in enumerate(dict.fromkeys((row[0].__name__, row[2]) for row in rows), start=1):
        table.setdefault(rule, {})[case] = Weight(float(points))
    return Weights(table)
