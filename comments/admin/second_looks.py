"""What the desk shows of second looks: then and now, what has changed, and who keeps a comment."""

from django.conf import settings
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import keeping
from ..fragments import comment_time
from ..models import Comment, SweepState
from .actions import selected
from .card import likelihood
from .marks import NOTICEABLE

KEEP = "keep"
KEEP_LABEL = gettext_lazy("Keep published")
# What a form says of the second look that the editor saw, before the comment's id.
SEEN = "doubt_"


def loaded(comment):
    """Return the second look of a comment whose list has fetched it, None where there is none to show."""
    look = getattr(comment, "second_look", None) if Comment.second_look.is_cached(comment) else None
    return look if look is not None and look.is_doubtful else None


def then_and_now(comment, look):
    """Say how likely spam was when the comment came, and is now: “12 % → 97 %”."""
    then = (
        _("%(percent)d %%") % {"percent": round(comment.spam_probability * 100)}
        if comment.rules_version
        else _("not judged")
    )
    now = _("%(percent)d %%") % {"percent": round(look.probability * 100)}
    return format_html(
        '{} <span aria-hidden="true">→</span><span class="visually-hidden"> {} </span> <b>{}</b>',
        then,
        _("then, and now"),
        now,
    )


def verdict(comment, look):
    """Return what stands in the list's column: then, now, and the findings that have changed."""
    return format_html(
        '<span class="doubt-turn">{}</span> {}<ul class="findings">{}</ul>',
        then_and_now(comment, look),
        likelihood(look.probability),
        format_html_join("", '<li class="{}"><b>{}</b> {}</li>', map(_line, look.changes)),
    )


def _line(change):
    """Return how a change is marked, how far the points moved, and what the rule says now."""
    detail = change["detail"] or _("%(rule)s: says nothing any more") % {"rule": change["rule"]}
    if not change["evaluated"]:
        return "not-evaluated", "–", _("not evaluated: %(reason)s") % {"reason": detail}
    if abs(change["shift"]) < NOTICEABLE:
        return "", "0", detail
    speaks = "against" if change["shift"] > 0 else "for"
    return speaks, f"{change['shift']:+.0f}".replace("-", "−"), detail


def button(comment):
    """Return the button that keeps a doubtful comment, and what it says of what was seen; else nothing."""
    look = loaded(comment)
    if look is None:
        return ""
    return format_html(
        '<button type="submit" name="_move_one" value="{}:{}" aria-label="{}: {}">{}</button>{}',
        KEEP,
        comment.pk,
        KEEP_LABEL,
        comment.author_name,
        KEEP_LABEL,
        seen_field(comment, look),
    )


def seen_field(comment, look):
    return format_html(
        '<input type="hidden" name="{}{}" value="{}">', SEEN, comment.pk, keeping.token_of(look)
    )


@admin.action(description=KEEP_LABEL, permissions=["moderate"])
def keep_selected(model_admin, request, queryset):
    """Note that the selected comments are to stay published. Nothing moves."""
    chosen, new = selected(request, queryset)
    as_it_is = request.POST.get("select_across") == "1"
    seen = {pk: None if as_it_is else request.POST.get(f"{SEEN}{pk}", "") for pk in chosen}
    _keep_and_tell(model_admin, request, seen)
    if new:
        came = ngettext("%(count)d is new and waits.", "%(count)d are new and wait.", new) % {"count": new}
        model_admin.message_user(request, came, messages.WARNING)


def keep_one(model_admin, request, comment):
    """Do the same for the comment whose page the button stands on."""
    _keep_and_tell(model_admin, request, {comment.pk: request.POST.get(f"{SEEN}{comment.pk}", "")})


def _keep_and_tell(model_admin, request, seen):
    now = timezone.now()
    kept, left = keeping.keep(seen, by=request.user, now=now)
    text = keeping.in_words(kept, left, reader=request.user, now=now)
    model_admin.message_user(request, text, messages.WARNING if left else messages.SUCCESS)


def on_card(comment):
    """Return what a comment's own page says of its second look, None where there is nothing to say."""
    look = getattr(comment, "second_look", None)
    if look is None or comment.status != Comment.Status.APPROVED or not (look.is_doubtful or look.kept_at):
        return None
    return {
        "is_doubtful": look.is_doubtful,
        "then_and_now": then_and_now(comment, look),
        "likelihood": likelihood(look.probability),
        "looked_at": comment_time(look.looked_at),
        "changes": [
            dict(zip(("speaks", "points", "detail"), _line(each), strict=True)) for each in look.changes
        ],
        "kept_by": look.kept_by,
        "kept_at": comment_time(look.kept_at) if look.kept_at else "",
        "seen": seen_field(comment, look),
    }


def progress(*, now):
    """Say in one line how far the sweep has come."""
    state = SweepState.current()
    looked, total = (
        number_format(number, force_grouping=True)
        for number in (min(state.looked, state.total) if state.is_running else state.looked, state.total)
    )
    if state.is_running:
        return _("%(looked)s of %(total)s comments published in the last %(days)d days looked at so far.") % {
            "looked": looked,
            "total": total,
            "days": state.days,
        }
    if state.finished_at is None:
        if settings.COMMENTS_SWEEP_DAYS:
            return _("What is published has not been looked at again yet.")
        return _("What is published is looked at again by the command sweep_comments only.")
    when = (
        _("just now")
        if (now - state.finished_at).total_seconds() < 60
        else _("%(time)s ago") % {"time": timesince(state.finished_at, now, depth=1)}
    )
    return ngettext(
        "The one comment published in the last %(days)d days was looked at %(when)s.",
        "All %(count)s comments published in the last %(days)d days were looked at %(when)s.",
        state.looked,
    ) % {"count": looked, "days": state.days, "when": when}
