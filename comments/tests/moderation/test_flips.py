import itertools
import random

import pytest

from comments.moderation.flips import Flip, verdict_of, what_would_flip
from comments.moderation.pipeline import HOLD_AT, PRIOR, SPAM_AT
from comments.moderation.types import Finding, Outcome

PUBLISH, HOLD, SPAM = Outcome.PUBLISH, Outcome.HOLD, Outcome.SPAM

MISSING = Finding.not_evaluated("missing", "a fact was missing")


def found(name, points, **more):
    return Finding(name, float(points), name, **more)


def test_held_comment_is_published_without_the_heaviest_against_it():
    links, praise, calm = found("links", 5), found("praise", 3), found("calm", -1)
    assert what_would_flip([calm, praise, links], prior=-9.0) == Flip(PUBLISH, (links,))


def test_as_many_go_as_it_takes_and_no_more():
    findings = [found("a", 4), found("b", 3), found("c", 2), found("d", -2)]
    assert what_would_flip(findings, prior=-6.0) == Flip(PUBLISH, tuple(findings[:2]))


def test_spam_is_held_without_the_heaviest():
    heavy, light = found("heavy", 25), found("light", 9)
    assert what_would_flip([light, heavy], prior=0.0) == Flip(HOLD, (heavy,))


def test_published_comment_is_held_without_what_speaks_for_its_writer():
    known, length = found("known", -12), found("length", 4)
    assert what_would_flip([length, known], prior=-8.0) == Flip(HOLD, (known,))


def test_held_comment_turns_to_spam_where_that_is_nearer():
    findings = [found("a", 15), found("b", 14), found("known", -6), found("c", 1)]
    assert what_would_flip(findings, prior=-20.0) == Flip(PUBLISH, (findings[0],))
    assert what_would_flip(findings, prior=-5.0) == Flip(SPAM, (findings[2],))


def test_of_two_equally_short_ways_the_milder_is_told():
    against, speaks_for, nothing = found("against", 20), found("for", -8), found("nothing", 0)
    assert what_would_flip([against, speaks_for, nothing], prior=0.0) == Flip(PUBLISH, (against,))


def test_what_was_not_evaluated_bars_publishing_and_goes_first():
    calm, links = found("calm", -2), found("links", 3)
    assert what_would_flip([calm, MISSING], prior=-9.0) == Flip(PUBLISH, (MISSING,))
    assert what_would_flip([links, calm, MISSING], prior=-5.0) == Flip(PUBLISH, (MISSING, links))


def test_order_to_hold_goes_whatever_its_points():
    order, calm = found("blocklist", 0, at_least=HOLD), found("calm", -2)
    assert what_would_flip([calm, order], prior=-9.0) == Flip(PUBLISH, (order,))


def test_order_that_makes_spam_goes_with_its_points():
    order, links = found("blocklist", 40, at_least=SPAM), found("links", 9)
    assert what_would_flip([order, links], prior=-8.0) == Flip(HOLD, (order,))


def test_order_that_makes_spam_of_what_is_harmless_goes_alone():
    order, links, calm = found("blocklist", 0, at_least=SPAM), found("links", 9), found("calm", -9)
    assert what_would_flip([links, order, calm], prior=-8.0) == Flip(PUBLISH, (order,))


def test_order_is_taken_away_as_well_as_what_makes_spam_without_it():
    order, links = found("blocklist", 1, at_least=SPAM), found("links", 40)
    assert what_would_flip([order, links, found("calm", 0)], prior=-8.0) == Flip(PUBLISH, (order, links))


@pytest.mark.parametrize(
    "findings",
    [
        [],
        [found("nothing", 0)],
        # Held by what is known beforehand.
        [found("links", 3), found("nothing", 0)],
        # Nothing would be left to judge by.
        [MISSING],
    ],
)
def test_nothing_flips_what_rests_on_no_finding(findings):
    assert what_would_flip(findings, prior=0.0) is None


def test_prior_is_the_site_s_own_where_none_is_given():
    nothing = found("nothing", 0)
    links = found("links", HOLD_AT - PRIOR)
    assert what_would_flip([links, nothing]) == Flip(PUBLISH, (links,))
    assert what_would_flip([found("links", HOLD_AT - PRIOR - 0.01), nothing]) is None
    assert verdict_of([found("links", SPAM_AT - PRIOR)]) is SPAM


@pytest.mark.parametrize("seed", range(60))
def test_no_smaller_choice_of_findings_flips_it(seed):
    """Compared with trying every choice."""
    chance = random.Random(seed)
    findings = [
        found(f"rule{number}", chance.choice([-20, -9, -4, -1, 0, 2, 5, 11, 30]))
        for number in range(chance.randint(1, 7))
    ]
    if chance.random() < 0.4:
        findings.append(MISSING)
    if chance.random() < 0.4:
        findings.append(found("blocklist", chance.choice([0, 5, 40]), at_least=chance.choice([HOLD, SPAM])))
    prior = chance.choice([-8.47, 0.0, 8.0])
    verdict = verdict_of(findings, prior=prior)
    enough = [
        count
        for count in range(1, len(findings))
        for gone in itertools.combinations(findings, count)
        if verdict_of([each for each in findings if each not in gone], prior=prior) is not verdict
    ]
    flip = what_would_flip(findings, prior=prior)
    assert (len(flip.without) if flip else None) == min(enough, default=None)
    if flip:
        rest = [each for each in findings if each not in flip.without]
        assert verdict_of(rest, prior=prior) is flip.outcome
