"""What would flip a verdict: the fewest findings without which it would be another.

Points add up, so taking away the heaviest first is not a guess: no smaller choice gets as far.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from .pipeline import PRIOR, SHIPPED, Thresholds, decide
from .types import Finding, Outcome

Judge = Callable[[Sequence[Finding]], Outcome]


@dataclass(frozen=True, slots=True)
class Flip:
    """The findings without which the verdict would change, heaviest first, and what it would be then.

    Findings that carry an order or were not evaluated come before those that only have points.
    """

    outcome: Outcome
    without: tuple[Finding, ...]


def verdict_of(
    findings: Sequence[Finding], *, prior: float = PRIOR, thresholds: Thresholds = SHIPPED
) -> Outcome:
    """Say what findings come to by themselves: who may be published unseen is not asked."""
    return decide(findings, policy="clean", trusted=False, prior=prior, thresholds=thresholds).outcome


def what_would_flip(
    findings: Sequence[Finding], *, prior: float = PRIOR, thresholds: Thresholds = SHIPPED
) -> Flip | None:
    """Return the fewest findings without which ``verdict_of`` would answer otherwise.

    None where nothing flips it. At least one finding stays: where no rule says anything, there is no verdict.
    What is held may turn either way; of two equally short ways the milder is returned.

    ``prior``: log odds of spam before looking, in decibans.
    """
    judge = partial(verdict_of, prior=prior, thresholds=thresholds)
    verdict = judge(findings)
    ways = [_towards_publishing(findings, verdict, judge), _towards_spam(findings, verdict, judge)]
    return min(filter(None, ways), key=lambda flip: len(flip.without), default=None)


def _towards_publishing(findings: Sequence[Finding], verdict: Outcome, judge: Judge) -> Flip | None:
    """Take away what forbids a milder outcome, whatever its points, then what speaks against most."""
    if verdict is Outcome.PUBLISH:
        return None
    forbidding = [finding for finding in findings if _forbids_less(finding, verdict)]
    against = [finding for finding in findings if finding.points > 0 and finding not in forbidding]
    return _first_other(findings, verdict, judge, [*_by_weight(forbidding), *_by_weight(against)])


def _towards_spam(findings: Sequence[Finding], verdict: Outcome, judge: Judge) -> Flip | None:
    """Take away what speaks for the writer most."""
    if verdict is Outcome.SPAM:
        return None
    speaking_for = [finding for finding in findings if finding.points < 0]
    return _first_other(findings, verdict, judge, _by_weight(speaking_for))


def _first_other(
    findings: Sequence[Finding], verdict: Outcome, judge: Judge, removable: Sequence[Finding]
) -> Flip | None:
    """Return the first flip met while one finding after another goes."""
    rest = list(findings)
    for count, finding in enumerate(removable, start=1):
        rest.remove(finding)
        if rest and (outcome := judge(rest)) is not verdict:
            return Flip(outcome, tuple(removable[:count]))
    return None


def _forbids_less(finding: Finding, verdict: Outcome) -> bool:
    """Say whether a finding alone keeps the verdict from being milder than it is."""
    if verdict is Outcome.SPAM:
        return finding.at_least is Outcome.SPAM
    return not finding.evaluated or finding.at_least is not Outcome.PUBLISH


def _by_weight(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: -abs(finding.points))
