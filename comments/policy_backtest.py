"""What other settings would have made of the stored comments, beside what today's make of them.

From what the rules found when each comment came: nothing is judged again. What has become of a comment since,
by a person's decision or the filter's, says whether it is spam or good.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from .backtest import CHUNK, DAYS, LIMIT, LOOKED_AT, SHOWN, TELLING, newest_ids, with_article
from .facts import ORDERS, TRUSTED
from .models import Comment, CommentFinding
from .moderation.pipeline import HARDNESS, PRIOR, outcome_of
from .moderation.types import Outcome

GOOD, SPAM = Comment.Status.APPROVED, Comment.Status.SPAM
# Whatever else was found has points only, and a comment knows their sum.
TELLING_RULES = {rule for rule, _case in TRUSTED | set(ORDERS)}


@dataclass(frozen=True, slots=True)
class Figures:
    """How many comments would be published unseen, held for a person, and put into spam."""

    published: int
    held: int
    binned: int

    @property
    def total(self):
        return self.published + self.held + self.binned


@dataclass(frozen=True, slots=True)
class SettingsTrial:
    """What settings would have done with the newest comments of the last ``DAYS`` days.

    ``before``, ``after``: Figures by status, as the comments are today. ``good_binned``, ``spam_published``:
    the newest ``SHOWN`` that the new settings would get wrong, newest first, with their article.
    ``never_judged``: comments left out, since no rule has looked at them, imported ones for instance.
    ``is_cut_short``: whether there were more than the ``LIMIT`` that were looked at.
    """

    before: dict[str, Figures]
    after: dict[str, Figures]
    good_binned: tuple[Comment, ...]
    spam_published: tuple[Comment, ...]
    never_judged: int
    is_cut_short: bool

    @property
    def total(self):
        """All comments that were judged."""
        return sum(figures.total for figures in self.after.values())

    @property
    def bins_more_good(self):
        """Whether more good comments would be put into spam than before."""
        return self.after[GOOD].binned > self.before[GOOD].binned

    @property
    def publishes_more_spam(self):
        return self.after[SPAM].published > self.before[SPAM].published

    @property
    def would_bin_everything(self):
        """Whether the settings are to be refused, since they bin more than half of the good comments."""
        return self.bins_more_good and _is_most(self.after[GOOD].binned, self.after[GOOD].total)

    @property
    def would_publish_everything(self):
        """Whether the settings are to be refused, since they publish more than half of the spam."""
        return self.publishes_more_spam and _is_most(self.after[SPAM].published, self.after[SPAM].total)


def backtest(after, before, *, now):
    """Try settings on what was submitted in the last ``DAYS`` days.

    ``after``, ``before``: policy and thresholds, as ``policy.InForce``. In constant memory, and in a number
    of queries that is bounded by LIMIT / CHUNK. Call it outside of a transaction: on SQLite everybody would
    wait for it.
    """
    newest = newest_ids(since=now - timedelta(days=DAYS), now=now)
    counts, wrong = Counter(), {SPAM: [], GOOD: []}
    never_judged = 0
    for start in range(0, min(len(newest), LIMIT), CHUNK):
        for stored in _stored(newest[start : min(start + CHUNK, LIMIT)]):
            if stored is None:
                never_judged += 1
                continue
            pk, status, facts = stored
            outcome = _outcome(after, facts)
            counts["after", status, outcome] += 1
            counts["before", status, _outcome(before, facts)] += 1
            if (status, outcome) in ((GOOD, Outcome.SPAM), (SPAM, Outcome.PUBLISH)):
                wrong[status].append(pk)
    good_binned, spam_published = wrong[GOOD][:SHOWN], wrong[SPAM][:SHOWN]
    examples = with_article([*good_binned, *spam_published])
    return SettingsTrial(
        before=_figures(counts, "before"),
        after=_figures(counts, "after"),
        good_binned=tuple(examples[pk] for pk in good_binned if pk in examples),
        spam_published=tuple(examples[pk] for pk in spam_published if pk in examples),
        never_judged=never_judged,
        is_cut_short=len(newest) > LIMIT,
    )


def _stored(ids):
    """Yield id, status and what the verdict hung on of each comment, in the order of the ids.

    None for a comment that was never judged; what has been deleted meanwhile is left out.
    """
    rows = Comment.objects.filter(pk__in=ids).values_list("pk", "status", "points", "rules_version")
    comments = {pk: rest for pk, *rest in rows}
    complete, at_least, trusted = set(comments), {}, set()
    telling = CommentFinding.objects.filter(Q(evaluated=False) | Q(rule__in=TELLING_RULES), comment__in=ids)
    for pk, rule, case, evaluated in telling.order_by().values_list(
        "comment_id", "rule", "case", "evaluated"
    ):
        if not evaluated:
            complete.discard(pk)
        elif (rule, case) in TRUSTED:
            trusted.add(pk)
        elif (rule, case) in ORDERS:
            at_least[pk] = ORDERS[rule, case]
    for pk in ids:
        if pk not in comments:
            continue
        status, points, rules_version = comments[pk]
        if not rules_version:
            yield None
            continue
        yield (
            pk,
            status,
            {
                "log_odds": PRIOR + points,
                "complete": pk in complete,
                "at_least": at_least.get(pk, Outcome.PUBLISH),
                "trusted": pk in trusted,
            },
        )


def _outcome(settings, facts):
    return outcome_of(**facts, policy=settings.policy, thresholds=settings.thresholds)


def _figures(counts, which):
    return {
        status: Figures(*(counts[which, status, outcome] for outcome in sorted(Outcome, key=HARDNESS)))
        for status in LOOKED_AT
    }


def _is_most(count, total):
    return count >= TELLING and count * 2 > total
