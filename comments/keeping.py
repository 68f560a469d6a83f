"""What a person keeps published although it looks doubtful, exactly as they saw it.

No decision: nothing moves. The word stands on the second look, until more speaks against the comment.
"""

import math

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .batches import MOST, LeftAlone, key_of, reasons
from .models import Comment, Decision, SecondLook
from .moderation.types import Outcome

# Comments kept in one transaction.
AT_ONCE = 500


def token_of(look):
    """Return what a form says the editor has seen of a second look."""
    return f"{look.outcome}:{look.order}:{look.points:.1f}"


def keep(seen, *, by, now):
    """Note that a person wants comments published as they are; return the ids of these, and what was left.

    ``seen``: by each comment's id the ``token_of`` what the editor saw, None for "as it is now". Both may be
    anything that a form can send. Only ``batches.MOST`` are kept at once; the rest is left alone.
    """
    known, left = {}, []
    for comment_id, token in seen.items():
        key = key_of(comment_id)
        if key is None:
            left.append(LeftAlone(comment_id, _("There is no such comment.")))
        elif len(known) == MOST:
            left.append(LeftAlone(key, _("That is more than can be kept at once.")))
        else:
            known[key] = token
    kept, keys = [], sorted(known)
    for start in range(0, len(keys), AT_ONCE):
        chunk = keys[start : start + AT_ONCE]
        with transaction.atomic():
            # In one order, so that two editors do not wait for each other.
            rows = SecondLook.objects.select_for_update(of=("self",)).filter(pk__in=chunk).order_by("pk")
            looks = {look.pk: look for look in rows.select_related("kept_by")}
            fine = [key for key in chunk if key in looks and _is_as_seen(looks[key], known[key])]
            SecondLook.objects.filter(pk__in=fine).keep(by=by, at=now)
        kept += fine
        left += _why_left([key for key in chunk if key not in set(fine)], looks)
    return kept, left


def in_words(kept, left, *, reader, now):
    """Say in one or two sentences what became of it, to the one who asked for it."""
    if kept:
        head = ngettext(
            "Kept published: %(count)d comment.", "Kept published: %(count)d comments.", len(kept)
        )
        head %= {"count": len(kept)}
    else:
        head = _("No comment was kept.")
    rest = reasons(left, reader=reader, now=now)
    return f"{head} {rest}" if rest else head


def _is_as_seen(look, token):
    """Whether it is still doubtful, and no more so than the editor saw."""
    if not look.is_doubtful:
        return False
    if token is None:
        return True
    seen = _read(token)
    return seen is not None and not look.goes_beyond(*seen)


def _read(token):
    """Return outcome, order and points that a form says were seen, or None where it says nothing of use."""
    outcome, _colon, rest = token.partition(":")
    order, _colon, digits = rest.partition(":")
    try:
        seen = Outcome(outcome), Outcome(order), float(digits)
    except ValueError:
        return None
    return seen if math.isfinite(seen[2]) else None


def _why_left(keys, looks):
    if not keys:
        return []
    statuses = dict(Comment.objects.filter(pk__in=keys).values_list("pk", "status"))
    moved = [key for key, status in statuses.items() if status != Comment.Status.APPROVED]
    decisions = Decision.objects.filter(comment__in=moved).select_related("by").order_by("pk")
    last = {decision.comment_id: decision for decision in decisions}
    return [_left(key, statuses, last.get(key), looks.get(key)) for key in keys]


def _left(key, statuses, decision, look):
    if key not in statuses:
        return LeftAlone(key, _("This comment has been deleted."), is_deleted=True)
    if statuses[key] != Comment.Status.APPROVED:
        return LeftAlone(key, _("It is not published."), decision=decision)
    if look is not None and look.is_doubtful:
        return LeftAlone(key, _("It has become more doubtful than you saw it; please look again."))
    if look is not None and look.kept_by:
        return LeftAlone(key, _("%(who)s has kept it already.") % {"who": look.kept_by})
    return LeftAlone(key, _("It no longer looks doubtful."))
