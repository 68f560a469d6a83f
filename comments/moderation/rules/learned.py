"""What words say: those the base model knows, and those this site's editors have taught it.

The two share one cap, so that words alone can hold a comment and never bin it.
"""

import math

from ..types import Finding, Submission
from ..weights import Weights
from ..words import Opinion
from .phrases import quote

# Decibans that words can reach, either way. With the prior it stays below SPAM_AT: whatever the words are, a
# person looks. A system check sees to it.
CAP = 26.0
# How sharp the bend towards it is: half of the cap still counts nearly whole.
SHARPNESS = 4

# Decibans that what a site has taught can reach: less for a writer than against one, since names and words
# are typed, and anybody can type those that were approved. Chosen by playing sources in time order.
SITE_CAP_FOR = 8.0
SITE_CAP_AGAINST = 14.0

# The share of spam for which the prior is right, and how many decisions of a site weigh as much as that. The
# first was chosen on sources left out whole, where it makes the probabilities most right; among the comments
# that are fitted on, spam is more frequent than where it lands. The second is a guess: it keeps the first
# dozens of decisions from tipping the scales.
USUAL_SHARE = 0.27
SHARE_STRENGTH = 100.0

# Decibans that it can reach. Guess: whoever decides on nothing but spam must not make spam of everything.
SHARE_CAP = 3.0


def words(submission: Submission, weights: Weights) -> Finding:
    """Weigh the words by what is known of them from the start."""
    opinion = submission.words
    if opinion is None:
        return Finding.not_evaluated("words", "the base model could not be read")
    return _finding("words", capped(opinion.points), opinion)


def site_words(submission: Submission, weights: Weights) -> Finding:
    """Weigh the words by what this site's editors decided on comments with them."""
    base, site = submission.words, submission.site_words
    if site is None:
        return Finding.not_evaluated("site_words", "what this site has learned could not be read")
    before = base.points if base else 0.0
    taught = bent(site.points, SITE_CAP_AGAINST if site.points > 0 else SITE_CAP_FOR)
    points = capped(before + taught) - capped(before)
    return _finding("site_words", points, site)


def site_share(submission: Submission, weights: Weights) -> Finding:
    """Set what is known before looking right for this site: on some, nearly every comment is spam."""
    if submission.site_share is None:
        return Finding.not_evaluated("site_share", "what this site has learned could not be read")
    spam, good = submission.site_share.spam, submission.site_share.good
    if spam + good < 1:
        return Finding("site_share", 0.0, "nothing was decided on this site yet", case="none")
    usual = USUAL_SHARE
    share = (spam + SHARE_STRENGTH * usual) / (spam + good + SHARE_STRENGTH)
    points = 10 * math.log10(share / (1 - share) * (1 - usual) / usual)
    points = max(-SHARE_CAP, min(SHARE_CAP, points))
    detail = f"{spam / (spam + good):.0%} of what editors decided here was spam"
    return Finding("site_share", round(points, 2), detail, case="counted")


def capped(points: float) -> float:
    """Bend the opinion of all words towards their cap."""
    return bent(points, CAP)


def bent(points: float, cap: float) -> float:
    """Bend towards a cap, so that ever more of the same counts ever less."""
    # Beyond ten times the cap nothing changes any more, except that the power would overflow.
    points = max(-10 * cap, min(10 * cap, points))
    return float(points / (1 + abs(points / cap) ** SHARPNESS) ** (1 / SHARPNESS))


def _finding(rule: str, points: float, opinion: Opinion) -> Finding:
    case = "none" if abs(points) < 0.5 else "against" if points > 0 else "for"
    shown = [f"{quote(word)} {weight:+.0f}" for word, weight in opinion.words if abs(weight) >= 0.5]
    detail = "; ".join(shown[:6]) or "no word that says anything"
    return Finding(rule, round(points, 2), detail, case=case)
