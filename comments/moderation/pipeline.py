"""From facts to a verdict: run every rule, add the points, meet two thresholds."""

import logging
from collections.abc import Sequence
from typing import get_args

from .rules import RULES, Rule
from .types import Finding, Outcome, Policy, Submission, Verdict, is_complete
from .weights import DEFAULT, Weights

# Raised whenever a rule, a weight or a threshold changes; stored with every verdict.
RULES_VERSION = 1

# All three are log odds of spam in decibans: 0 is one in two, 10 is 91 %, 20 is 99 %, −10 is 9 %.

# What is known before looking. Guess: as much spam as good comments, until a site's own share is known.
PRIOR = 0.0

# From here on a person looks: 24 % spam. To hold a good comment costs an editor a moment; to publish spam
# costs every reader. A plain text without links and website lies just below it.
HOLD_AT = -5.0

# From here on it is spam: 99 %. A good comment in the spam folder is hardly ever found again.
SPAM_AT = 20.0

POLICIES: tuple[Policy, ...] = get_args(Policy)

logger = logging.getLogger(__name__)


def judge(
    submission: Submission,
    *,
    policy: Policy = "known",
    rules: Sequence[Rule] = RULES,
    weights: Weights = DEFAULT,
) -> Verdict:
    """Judge one comment.

    ``policy``: "hold" publishes nothing by itself; "known" publishes trusted writers with little evidence
    against them; "clean" publishes anybody with little evidence against them. Under each, a comment that a
    rule could not judge is never published, and overwhelming evidence makes spam.

    Raises ``ValueError`` for an unknown policy; a rule that fails raises nothing here.
    """
    if policy not in POLICIES:
        raise ValueError(f"Unknown comment policy {policy!r}; known are {', '.join(POLICIES)}.")
    findings = tuple(_run(rule, submission, weights) for rule in rules)
    points = sum((finding.points for finding in findings), 0.0)
    log_odds = PRIOR + points
    return Verdict(
        findings=findings,
        points=points,
        probability=_probability(log_odds),
        outcome=_outcome(findings, log_odds, policy, submission.is_trusted),
        rules_version=RULES_VERSION,
    )


def _run(rule: Rule, submission: Submission, weights: Weights) -> Finding:
    name = getattr(rule, "__name__", type(rule).__name__)
    try:
        finding = rule(submission, weights)
        if not isinstance(finding, Finding):
            raise TypeError(f"{name} answered with {type(finding).__name__} instead of a finding.")
    except Exception as error:
        # Whatever went wrong, the comment must not be lost nor published: a person looks.
        logger.exception("The moderation rule %s failed", name)
        return Finding.not_evaluated(name, f"the rule failed ({type(error).__name__})")
    return finding


def _outcome(findings: Sequence[Finding], log_odds: float, policy: Policy, trusted: bool) -> Outcome:
    """Let the points and the policy decide, then let no finding be overruled that demands more."""
    allowed = policy == "clean" or (policy == "known" and trusted)
    if log_odds >= SPAM_AT:
        decided = Outcome.SPAM
    elif allowed and is_complete(findings) and log_odds < HOLD_AT:
        decided = Outcome.PUBLISH
    else:
        decided = Outcome.HOLD
    hardness = list(Outcome).index
    return max((decided, *(finding.at_least for finding in findings)), key=hardness)


def _probability(log_odds: float) -> float:
    # Beyond 1,000 decibans nothing changes any more, except that the power would overflow.
    return float(1 / (1 + 10 ** (-max(log_odds, -1000.0) / 10)))
