"""A second look at what was judged before: by today's rules, with all that is known today.

Nothing here stores or moves anything. What has turned is for a person to see.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from . import opinions
from .facts import recall
from .intake import STATUS_OF
from .models import Comment, CommentFinding
from .moderation.pipeline import decide, judge
from .moderation.types import Finding, Outcome, Verdict
from .policy import in_force

OUTCOME_OF = {status: outcome for outcome, status in STATUS_OF.items()}

# Comments in memory at once.
CHUNK = 100

# Two findings that differ by less, in decibans, say the same.
NOTICEABLE = 0.05


@dataclass(frozen=True, slots=True)
class Before:
    """The verdict as it was stored when the comment came.

    ``outcome``: what the system made of the comment then, by the policy of that day; None where no
    decision of the system is on record.
    """

    outcome: Outcome | None
    points: float
    probability: float
    rules_version: int


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that says something else than before; None where it said or says nothing at all."""

    rule: str
    before: CommentFinding | None
    after: Finding | None

    @property
    def shift(self):
        """How much further towards spam, in decibans."""
        return (self.after.points if self.after else 0.0) - (self.before.points if self.before else 0.0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comment, judged twice.

    ``before``: None for a comment that was never judged, an imported one for instance.
    ``after``: today's verdict, under the policy "clean": who may be published unseen is not asked again.
    ``evidence``: what the rules that could run come to. A fact that is missing today holds a comment
    back that is new, but takes nothing from the page.
    ``approved_by_person``: whether a person put it on the page; else the system did, or nobody is named.
    ``changes``: the findings that differ, the largest shift first. ``last_decision``: the id of the last one
    that was known of, None where there is none.
    """

    comment: Comment
    before: Before | None
    after: Verdict
    evidence: Outcome
    approved_by_person: bool
    changes: tuple[Change, ...]
    last_decision: int | None

    @property
    def speaks_against(self):
        """Whether the evidence would keep the comment off the page today."""
        return self.evidence is not Outcome.PUBLISH

    @property
    def turned(self):
        """Whether an editor should see this published comment again.

        What nobody has looked at yet: as soon as the evidence would hold it. What a person approved:
        only where it is spam now and was not when they decided. They have seen the rest, and must not
        be asked the same at every sweep.
        """
        if self.comment.status != Comment.Status.APPROVED:
            return False
        if not self.approved_by_person:
            return self.speaks_against
        overruled = self.before is not None and self.before.outcome is Outcome.SPAM
        return self.evidence is Outcome.SPAM and not overruled

    @property
    def weightiest(self):
        """The three findings that weigh most today."""
        findings = [finding for finding in self.after.findings if finding.points]
        return sorted(findings, key=lambda finding: -abs(finding.points))[:3]


def sweep(*, days, now):
    """Judge again what is published: yield a comparison for each comment of the last days, newest first.

    Takes as long as it takes, in constant memory, and holds nothing open between two comments.
    """
    since, thresholds = now - timedelta(days=days), in_force().thresholds
    # In pieces: a cursor that stays open would keep the database from cleaning up behind it.
    chunk = list(published(since=since, until=now)[:CHUNK])
    while chunk:
        for comment in chunk:
            yield rejudge(comment, now=now, thresholds=thresholds)
        chunk = list(published(since=since, until=now, behind=place_of(chunk[-1]))[:CHUNK])


def published(*, since, until, behind=None):
    """Return what is published of the time after ``since``, newest first, with all that rejudging needs.

    ``behind``: the ``place_of`` a comment, to go on behind it.
    """
    comments = Comment.objects.approved().filter(submitted_at__gt=since, submitted_at__lte=until)
    if behind is not None:
        at, pk = behind
        comments = comments.filter(Q(submitted_at__lt=at) | Q(submitted_at=at, pk__lt=pk))
    return with_all_that_is_asked(comments.order_by("-submitted_at", "-pk"))


def with_all_that_is_asked(comments):
    """Have fetched for many comments at once what would else be asked for each."""
    return comments.defer("fragment").prefetch_related(
        "article", "commenter", "findings", "decisions", "lesson", "second_look"
    )


def place_of(comment):
    return comment.submitted_at, comment.pk


def rejudge(comment, *, now, thresholds=None):
    """Judge a stored comment by today's rules, and compare with what they said when it came.

    ``thresholds``: those in force, where they are known already.
    """
    thresholds = thresholds or in_force().thresholds
    after = judge(recall(comment, now=now), policy="clean", thresholds=thresholds, clock=time.thread_time)
    evaluated = [finding for finding in after.findings if finding.evaluated]
    # What came from outside is not asked for again, and still counts.
    evaluated += [row.as_finding() for row in comment.findings.all() if row.rule == opinions.RULE]
    decisions = sorted(comment.decisions.all(), key=lambda decision: decision.pk)
    # What was taken back, and the taking back, is nobody's word: Decision.standing.
    gone = {decision.undoes_id for decision in decisions}
    standing = [each for each in decisions if each.undoes_id is None and each.pk not in gone]
    approvals = [decision for decision in standing if decision.to_status == Comment.Status.APPROVED]
    return Comparison(
        comment=comment,
        before=_before(comment, decisions),
        after=after,
        evidence=decide(evaluated, policy="clean", trusted=False, thresholds=thresholds).outcome,
        approved_by_person=bool(approvals) and approvals[-1].by_id is not None,
        changes=_changes(comment.findings.all(), after.findings),
        last_decision=decisions[-1].pk if decisions else None,
    )


def _before(comment, decisions):
    if not comment.rules_version:
        return None
    first = next((each for each in decisions if not each.from_status and each.by_id is None), None)
    return Before(
        outcome=OUTCOME_OF.get(first.to_status) if first else None,
        points=comment.points,
        probability=comment.spam_probability,
        rules_version=comment.rules_version,
    )


def _changes(stored, found):
    before = {finding.rule: finding for finding in stored}
    after = {finding.rule: finding for finding in found}
    changes = [Change(rule, before.get(rule), after.get(rule)) for rule in {**after, **before}]
    return tuple(sorted(filter(_is_noticeable, changes), key=lambda change: -abs(change.shift)))


def _is_noticeable(change):
    """Details may differ as they like ("3 approved", "4 approved"): it is the weight that counts."""
    if change.before is None or change.after is None:
        return True
    return change.before.evaluated != change.after.evaluated or abs(change.shift) >= NOTICEABLE
