"""From facts to a verdict: run every rule, add the points, meet two thresholds."""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

from .rules import RULES, Rule
from .types import Finding, Outcome, Policy, Submission, Verdict, is_complete
from .weights import DEFAULT, Weights

# Raised whenever a rule, a weight or a threshold changes; stored with every verdict.
RULES_VERSION = 4

# All three are log odds of spam in decibans: 0 is one in two, 10 is 91 %, 20 is 99 %, −10 is 9 %.

# What is known before looking, fitted with the weights.
PRIOR = DEFAULT.prior

# From here on a person looks: 24 % spam. To hold a good comment costs an editor a moment; to publish spam
# costs every reader. A plain text without links and website lies just below it.
HOLD_AT = -5.0

# From here on it is spam: 99 %. A good comment in the spam folder is hardly ever found again.
SPAM_AT = 20.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where a person looks, and where it is spam: log odds of spam, in decibans."""

    hold_at: float = HOLD_AT
    spam_at: float = SPAM_AT


# What a site begins with; its editors can choose others.
SHIPPED = Thresholds()

# Seconds of CPU that a rule may take for one comment. A rule that takes longer has met a text it was not made
# for, and a person looks. It cannot be stopped halfway, only be disbelieved.
RULE_TIME_LIMIT = 0.050

# So often is a rule asked that was too slow. It is pure, so it answers the same; and the first time may have
# gone into what is no fault of its own: compiling a pattern, filling a cache, collecting garbage.
ATTEMPTS = 2

Clock = Callable[[], float]

POLICIES: tuple[Policy, ...] = get_args(Policy)

# Sorts outcomes from the mildest to the hardest.
HARDNESS = list(Outcome).index

logger = logging.getLogger(__name__)


def no_clock() -> float:
    """Stand still: for whoever wants rules to take all the time they need."""
    return 0.0


def judge(
    submission: Submission,
    *,
    policy: Policy = "known",
    thresholds: Thresholds = SHIPPED,
    rules: Sequence[Rule] = RULES,
    weights: Weights = DEFAULT,
    clock: Clock = no_clock,
) -> Verdict:
    """Judge one comment.

    ``policy``: "hold" publishes nothing by itself; "known" publishes trusted writers with little evidence
    against them; "clean" publishes anybody with little evidence against them. Under each, a comment that a
    rule could not judge is never published, and overwhelming evidence makes spam.

    ``clock``: seconds of CPU this thread has used, as ``time.thread_time`` tells them; there is no clock in
    this package. Not the time of day: a busy machine makes no rule slow.

    Raises ``ValueError`` for an unknown policy; a rule that fails raises nothing here.
    """
    weights = weights.within(submission)
    findings = tuple(_run(rule, submission, weights, clock) for rule in rules)
    return decide(
        findings,
        policy=policy,
        trusted=submission.is_trusted,
        prior=weights.prior,
        thresholds=thresholds,
    )


def decide(
    findings: Sequence[Finding],
    *,
    policy: Policy,
    trusted: bool,
    prior: float = PRIOR,
    thresholds: Thresholds = SHIPPED,
) -> Verdict:
    """Add up what the rules found, and let the thresholds and the policy decide.

    ``prior``: log odds of spam before looking, in decibans.
    """
    if policy not in POLICIES:
        raise ValueError(f"Unknown comment policy {policy!r}; known are {', '.join(POLICIES)}.")
    points = sum((finding.points for finding in findings), 0.0)
    log_odds = prior + points
    return Verdict(
        findings=tuple(findings),
        points=points,
        probability=probability(log_odds),
        outcome=outcome_of(
            log_odds,
            complete=is_complete(findings),
            at_least=max((finding.at_least for finding in findings), key=HARDNESS, default=Outcome.PUBLISH),
            policy=policy,
            trusted=trusted,
            thresholds=thresholds,
        ),
        rules_version=RULES_VERSION,
    )


def outcome_of(
    log_odds: float,
    *,
    complete: bool,
    at_least: Outcome,
    policy: Policy,
    trusted: bool,
    thresholds: Thresholds,
) -> Outcome:
    """Let the log odds and the policy decide, then let no order be overruled that demands more.

    ``complete``: whether every rule could run. ``at_least``: the hardest order that a finding carries.
    """
    allowed = policy == "clean" or (policy == "known" and trusted)
    if log_odds >= thresholds.spam_at:
        decided = Outcome.SPAM
    elif allowed and complete and log_odds < thresholds.hold_at:
        decided = Outcome.PUBLISH
    else:
        decided = Outcome.HOLD
    return max(decided, at_least, key=HARDNESS)


def probability(log_odds: float) -> float:
    """Return the probability of spam, from 0 to 1, that log odds in decibans come to."""
    # Beyond 1,000 decibans nothing changes any more, except that the power would overflow.
    return float(1 / (1 + 10 ** (-max(log_odds, -1000.0) / 10)))


def _run(rule: Rule, submission: Submission, weights: Weights, clock: Clock) -> Finding:
    name = getattr(rule, "__name__", type(rule).__name__)
    try:
        for _attempt in range(ATTEMPTS):
            started = clock()
            finding = rule(submission, weights)
            seconds = clock() - started
            if seconds <= RULE_TIME_LIMIT:
                break
        if not isinstance(finding, Finding):
            raise TypeError(f"{name} answered with {type(finding).__name__} instead of a finding.")
    except Exception as error:
        # Whatever went wrong, the comment must not be lost nor published: a person looks.
        logger.exception("The moderation rule %s failed", name)
        return Finding.not_evaluated(name, f"the rule failed ({type(error).__name__})")
    if seconds > RULE_TIME_LIMIT:
        logger.error("The moderation rule %s took %d ms of CPU", name, seconds * 1000)
        return Finding.not_evaluated(
            name, f"took {math.ceil(seconds * 1000)} ms, more than {RULE_TIME_LIMIT * 1000:.0f}"
        )
    return finding
