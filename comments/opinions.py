"""Outside opinions on comments: whom they are asked of, what may be sent, and what an answer changes.

Nothing here runs while a visitor waits. What is to be sent is written down as an OpinionTask, in the
transaction that stores the comment or the decision; a thread in each process sends what is due, and
`manage.py ask_akismet` does the same by hand. Without AKISMET_KEY nothing is sent.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from . import learning
from .akismet import AkismetError, Client
from .facts import record_of
from .models import AkismetFields, Comment, CommentFinding, Decision, OpinionTask, Sending
from .moderation import pipeline
from .moderation.types import Outcome
from .moderation.weights import DEFAULT as WEIGHTS
from .policy import in_force
from .workers import Worker

RULE = "akismet"
CASES = {
    "ham": "Akismet takes it for a good comment",
    "spam": "Akismet takes it for spam",
    "discard": "Akismet takes it for blatant spam",
}
Purpose = OpinionTask.Purpose
CHECKS = [Purpose.CHECK, Purpose.RECHECK]
# What Akismet is to believe after a person's last word.
WANTED = {Comment.Status.APPROVED: Purpose.HAM, Comment.Status.SPAM: Purpose.SPAM}

# How long a task is left to whoever took it in hand: much longer than a sending can last.
CLAIM = timedelta(minutes=1)
# After the first failure; four times as long after each further one, up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=12)
# Then it is not tried again, and the comment stays with the person who finds it in the queue.
GIVE_UP_AFTER = timedelta(days=3)

# The fields an editor can choose, in the words of the protocol.
PARAMETERS = {
    "text": "comment_content",
    "name": "comment_author",
    "email": "comment_author_email",
    "website": "comment_author_url",
    "network": "user_ip",
    "article": "permalink",
    "time": "comment_date_gmt",
}
# What is sent where no network address may be: the protocol demands one. An address that belongs to
# somebody, this server's own included, would be blamed for what strangers write.
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - nothing listens on it


def make_client():
    """Return the way to Akismet, or None where no key is set."""
    return Client(settings.AKISMET_KEY, settings.SITE_URL) if settings.AKISMET_KEY else None


def are_asked(verdict, visitor):
    """Say whether Akismet is asked: not about what the staff writes, nor what is spam without it."""
    return bool(settings.AKISMET_KEY and verdict.outcome is not Outcome.SPAM and not visitor.may_moderate)


def ask(comment, verdict, *, now):
    """Have Akismet asked about a comment that is being stored."""
    orders = [Outcome.PUBLISH, *(finding.at_least for finding in verdict.findings)]
    OpinionTask.objects.create(
        comment=comment,
        purpose=Purpose.CHECK,
        at_least=max(orders, key=list(Outcome).index),
        created_at=now,
        due_at=now,
    )
    transaction.on_commit(wake, robust=True)


def report_back(comment_ids, *, now=None):
    """Have Akismet corrected where it believes other than a person decided last.

    It believes what it answered, or what it was told since. An editor who takes a decision back to
    "pending" has no opinion any more, so its own answer counts again; trash says nothing about spam.
    What was not sent yet and is no longer true is not sent at all. Belongs in the transaction of what
    has changed: the comments' rows are locked.
    """
    sendings = Sending.objects.filter(comment__in=comment_ids).exclude(answer__in=["", "provisional"])
    said = defaultdict(list)
    for comment_id, *each in sendings.order_by("pk").values_list("comment_id", "purpose", "answer"):
        said[comment_id].append(each)
    if not said:
        return
    words = Decision.objects.by_people().filter(comment__in=said).exclude(to_status=Comment.Status.TRASH)
    last = dict(words.order_by("pk").values_list("comment_id", "to_status"))
    waiting = dict(OpinionTask.objects.filter(comment__in=said).values_list("comment_id", "purpose"))
    outdated, wanted = [], []
    for comment_id, answers in said.items():
        own = next((answer for purpose, answer in answers if purpose in CHECKS), None)
        if own is None:
            continue
        own = Purpose.HAM if own == "ham" else Purpose.SPAM
        believed = own if answers[-1][0] in CHECKS else answers[-1][0]
        purpose = WANTED.get(last.get(comment_id), own)
        if purpose == believed:
            outdated.append(comment_id)
        elif waiting.get(comment_id) != purpose:
            outdated.append(comment_id)
            wanted.append((comment_id, purpose))
    OpinionTask.objects.filter(comment__in=outdated).delete()
    if wanted:
        now = now or timezone.now()
        OpinionTask.objects.bulk_create(
            OpinionTask(comment_id=comment_id, purpose=purpose, created_at=now, due_at=now)
            for comment_id, purpose in wanted
        )
        transaction.on_commit(wake, robust=True)


def drain(*, clock=timezone.now, client=None):
    """Send what is due; return the sendings. ``clock``: tells the time."""
    client = client or make_client()
    if client is None:
        return []
    due = OpinionTask.objects.filter(due_at__lte=clock()).order_by("due_at", "pk")
    sendings = [_send(pk, clock, client) for pk in list(due.values_list("pk", flat=True))]
    return list(filter(None, sendings))


def _send(pk, clock, client):
    """Do one task, if nobody else is at it; return what was sent."""
    task, sending, fields = _claim(pk, clock(), client)
    if task is None:
        return None
    answer = error = None
    try:
        if task.purpose in CHECKS:
            answer = client.check(fields, again=task.purpose == Purpose.RECHECK)
        else:
            client.submit(task.purpose, fields)
    except AkismetError as reason:
        error = str(reason)
    _take_in(task, sending, answer, error, clock())
    return sending


@transaction.atomic
def _claim(pk, now, client):
    """Take a task in hand, and write down what will be sent; three times None if there is nothing to do."""
    task = OpinionTask.objects.select_related("comment__article").filter(pk=pk, due_at__lte=now).first()
    if task is None:
        return None, None, None
    comment, mine = task.comment, OpinionTask.objects.filter(pk=pk, due_at=task.due_at)
    decided = task.purpose in CHECKS and comment.decisions.filter(by__isnull=False).exists()
    if decided or now - task.created_at > GIVE_UP_AFTER:
        mine.delete()
        return None, None, None
    task.due_at = now + CLAIM
    if not mine.update(due_at=task.due_at, tries=F("tries") + 1):
        return None, None, None
    task.tries += 1
    names, fields = _what_may_be_sent(comment, task.purpose)
    sending = Sending.objects.create(
        comment=comment, purpose=task.purpose, host=client.host, fields=" ".join(names), sent_at=now
    )
    return task, sending, fields


def _what_may_be_sent(comment, purpose):
    """Return the names of what is sent, and it itself in the words of the protocol.

    A correction carries nothing that the question it is about did not carry.
    """
    chosen = set(AkismetFields.in_force().chosen())
    if purpose not in CHECKS:
        chosen &= set(comment.sendings.filter(purpose__in=CHECKS).exclude(answer="").last().field_names)
    # What its writer sent: that is what Akismet is asked about and corrected on.
    sent = comment.edits.first() or comment
    values = {
        "text": sent.body,
        "name": sent.author_name,
        "email": comment.author_email,
        "website": sent.author_url,
        "network": comment.address,
        "article": settings.SITE_URL + comment.article.get_absolute_url(),
        "time": comment.submitted_at.astimezone(UTC).isoformat(timespec="seconds"),
    }
    names = [name for name, value in values.items() if value and name in chosen]
    always = {"user_ip": NO_ADDRESS, "comment_type": "comment", "blog_charset": "UTF-8"}
    return names, always | {PARAMETERS[name]: values[name] for name in names}


@transaction.atomic
def _take_in(task, sending, answer, error, now):
    """Write down what came back, and do what follows from it."""
    # Whoever moves comments takes it before any row; so must we, who may move this one.
    learning.lock()
    comment = Comment.objects.select_for_update(no_key=True).filter(pk=task.comment_id).first()
    if comment is None:
        return
    mine = OpinionTask.objects.filter(pk=task.pk, due_at=task.due_at)
    if error:
        sending.fill_in(error=error)
        mine.update(due_at=now + min(FIRST_PAUSE * 4 ** min(task.tries - 1, 9), LONGEST_PAUSE))
        return
    if task.purpose == Purpose.CHECK and answer.recheck_seconds is not None:
        # Asked again once; what is said then is the answer.
        sending.fill_in(answer="provisional")
        pause = min(timedelta(seconds=answer.recheck_seconds), LONGEST_PAUSE)
        mine.update(purpose=Purpose.RECHECK, due_at=now + pause)
        return
    sending.fill_in(answer=answer.case if answer else "thanks")
    mine.delete()
    if answer:
        _weigh(comment, answer.case, task.at_least)
    report_back([comment.pk], now=now)


def _weigh(comment, case, at_least):
    """Add the opinion to what the rules have found, and let the system decide if nobody has."""
    if comment.findings.filter(rule=RULE).exists():
        return
    finding = WEIGHTS.finding(RULE, case, CASES[case])
    found = [row.as_finding() for row in comment.findings.all()]
    record = record_of(comment.commenter)
    verdict = pipeline.decide(
        [*found, replace(finding, at_least=Outcome(at_least))],
        trusted=record is not None and record.is_good,
        **in_force()._asdict(),
    )
    CommentFinding.of(comment, finding).save()
    Comment.objects.filter(pk=comment.pk).update(points=verdict.points, spam_probability=verdict.probability)
    if comment.status != Comment.Status.PENDING or comment.decisions.filter(by__isnull=False).exists():
        return
    if verdict.outcome is Outcome.PUBLISH:
        comment.approve(by=None, reason=gettext("Akismet was asked: nothing speaks against it."))
    elif verdict.outcome is Outcome.SPAM:
        comment.mark_spam(by=None, reason=gettext("Akismet was asked, and the sum says spam."))


# Looked up anew each time, so that there is one ``drain``.
_sender = Worker("opinions", lambda: drain())


def wake():
    """Have what is due sent, soon and by another thread; nothing without a key."""
    if settings.AKISMET_KEY:
        _sender.wake()
