"""A comment's own page: what was said, where, by whom, and what speaks for and against it."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, Min, Q
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..facts import ORDERS, TRUSTED
from ..markup import links_in, plain_text
from ..models import Comment
from ..moderation.flips import verdict_of, what_would_flip
from ..moderation.pipeline import RULES_VERSION, SHIPPED
from ..moderation.types import Outcome
from ..policy import in_force
from .likelihood import likelihood
from .marks import NOTICEABLE, marked, named_words

# Characters of the article, of the comment that is answered, and of a finding within a sentence.
OPENING_LENGTH = 300
PARENT_LENGTH = 300
NAMED_LENGTH = 60

# Findings that a sentence names; of more it says how many, and the list tells which.
NAMED_FINDINGS = 4

# Link addresses in sight; the others are folded away.
SHOWN_LINKS = 6

# Rules whose details are long lists of words: what a sentence calls them.
WORDS = {
    "words": gettext_lazy("what its words say"),
    "site_words": gettext_lazy("what this site has learned of its words"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One finding as it is listed. ``flips``: whether the verdict hangs on it."""

    rule: str
    detail: str
    points: str
    speaks: str
    flips: bool


@dataclass(frozen=True, slots=True)
class WriterRecord:
    """What became of a writer's other comments, and since when the writer has been here.

    ``proved``: by a key in the browser; else it is the record of an email address that anybody can type.
    """

    proved: bool
    approved: int
    declined: int
    waiting: int
    first_seen_at: datetime | None

    @property
    def is_empty(self):
        return not self.approved + self.declined + self.waiting


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that the page shows of a comment besides the comment's own fields.

    ``was_judged``: False for an imported comment, which no rule has looked at.
    ``rules_version``: of the rules that judged it, where they are not today's; else None.
    """

    comment: Comment
    was_judged: bool
    rules_version: int | None
    likelihood: str
    percent: int
    flip: str
    weighty: tuple[Line, ...]
    weightless: tuple[Line, ...]
    not_evaluated: tuple[Line, ...]
    shown: SafeString
    has_marks: bool
    typed_differs: bool
    links: tuple[str, ...]
    more_links: tuple[str, ...]
    opening: str
    parent_text: str
    record: WriterRecord | None


def gather(comment):
    """Return the card of a comment; asks for the record, the settings, and what is not loaded yet."""
    rows = sorted(comment.findings.all(), key=lambda row: -abs(row.points))
    findings = [_as_judged(row) for row in rows]
    site = in_force()
    flip = what_would_flip(findings, thresholds=site.thresholds)
    hinges = {finding.rule for finding in flip.without} if flip else set()
    lines = [(row, _line(row, hinges)) for row in rows]
    named = named_words(rows)
    shown = marked(comment.body_html, named)
    links = tuple(dict.fromkeys(links_in(comment.body_html)))
    return Card(
        comment=comment,
        was_judged=bool(rows),
        rules_version=comment.rules_version if 0 < comment.rules_version != RULES_VERSION else None,
        likelihood=likelihood(comment.spam_probability),
        percent=round(comment.spam_probability * 100),
        flip=flip_in_words(findings, flip, **site._asdict()),
        weighty=tuple(line for row, line in lines if row.evaluated and abs(row.points) >= NOTICEABLE),
        weightless=tuple(line for row, line in lines if row.evaluated and abs(row.points) < NOTICEABLE),
        not_evaluated=tuple(line for row, line in lines if not row.evaluated),
        shown=shown,
        has_marks="<mark" in shown,
        typed_differs=plain_text(comment.body_html).split() != comment.body.split(),
        links=links[:SHOWN_LINKS],
        more_links=links[SHOWN_LINKS:],
        opening=Truncator(" ".join(plain_text(comment.article.body_html).split())).chars(OPENING_LENGTH),
        parent_text=_parent_text(comment.parent),
        record=record_of_writer(comment),
    )


def flip_in_words(findings, flip, *, policy, thresholds=SHIPPED):
    """Say in a sentence or two on which findings the verdict hangs."""
    if not findings:
        return ""
    passes = verdict_of(findings, thresholds=thresholds) is Outcome.PUBLISH
    by_policy = policy == "clean" or (policy == "known" and any(map(_is_trusting, findings)))
    if flip is None:
        return _("Nothing would flip it: it does not hang on any finding.")
    named = {"findings": _named(flip.without)}
    if passes and not by_policy:
        held = _("The findings let it pass; it is held by the site’s policy alone.")
        too = _("Without %(findings)s they would hold it too.") % named
        return f"{held} {too}"
    if flip.outcome is Outcome.SPAM:
        return _("Without %(findings)s it would be spam.") % named
    if flip.outcome is Outcome.HOLD:
        return _("Without %(findings)s it would be held for a person.") % named
    if not by_policy:
        return _("Without %(findings)s only the site’s policy would hold it.") % named
    return _("Without %(findings)s it would be published.") % named


def record_of_writer(comment):
    """Return what became of the writer's other comments; None where there is nothing to know them by."""
    if comment.commenter is not None:
        others, first_seen_at = comment.commenter.comments, comment.commenter.first_seen_at
    elif comment.author_email:
        others, first_seen_at = Comment.objects.filter(author_email=comment.author_email), None
    else:
        return None
    status = Comment.Status
    counts = others.exclude(pk=comment.pk).aggregate(
        approved=Count("pk", filter=Q(status=status.APPROVED)),
        declined=Count("pk", filter=Q(status__in=[status.SPAM, status.TRASH, status.DELETED])),
        waiting=Count("pk", filter=Q(status=status.PENDING)),
        earliest_at=Min("submitted_at"),
    )
    earliest_at = counts.pop("earliest_at")
    return WriterRecord(
        proved=comment.commenter is not None, first_seen_at=first_seen_at or earliest_at, **counts
    )


def _as_judged(row):
    """Return a stored finding with the order it carried."""
    return replace(row.as_finding(), at_least=ORDERS.get((row.rule, row.case), Outcome.PUBLISH))


def _is_trusting(finding):
    return (finding.rule, finding.case) in TRUSTED


def _line(row, hinges):
    if not row.evaluated:
        speaks, points = "not-evaluated", "–"
    elif abs(row.points) < NOTICEABLE:
        speaks, points = "", "0"
    else:
        speaks, points = "against" if row.points > 0 else "for", _signed(row.points)
    return Line(row.rule, row.detail, points, speaks, row.rule in hinges)


def _signed(points):
    """Return whole points, with a minus as wide as the plus."""
    return f"{points:+.0f}".replace("-", "−")


def _named(findings):
    """Join findings for a sentence: “3 links” (+5) and “a shortened link” (+4)."""
    if len(findings) > NAMED_FINDINGS:
        shown = findings[: NAMED_FINDINGS - 1]
        count = len(findings) - len(shown)
        more = ngettext("%(count)d more (marked ◆)", "%(count)d more (marked ◆)", count) % {"count": count}
    else:
        shown, more = findings, ""
    parts = [_finding_in_words(finding) for finding in shown] + [more] * bool(more)
    if len(parts) == 1:
        return parts[0]
    return _("%(first)s and %(last)s") % {"first": _(", ").join(parts[:-1]), "last": parts[-1]}


def _finding_in_words(finding):
    points = _signed(finding.points)
    if finding.evaluated and finding.rule in WORDS:
        return _("%(what)s (%(points)s)") % {"what": WORDS[finding.rule], "points": points}
    # A quotation within a quotation.
    detail = Truncator(finding.detail.replace("“", "‘").replace("”", "’")).chars(NAMED_LENGTH)
    if not finding.evaluated:
        return _("“%(detail)s” (not evaluated)") % {"detail": detail}
    return _("“%(detail)s” (%(points)s)") % {"detail": detail, "points": points}


def _parent_text(parent):
    return Truncator(" ".join(plain_text(parent.body_html).split())).chars(PARENT_LENGTH) if parent else ""
