"""What a row of the queue shows of a comment, column by column."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..batches import sensible_moves
from ..fragments import comment_time
from ..markup import plain_text
from ..replying import why_not
from . import presence, second_looks
from .campaigns import link_to_campaign
from .likelihood import likelihood
from .listing import VIEW_VAR

EXCERPT_LENGTH = 160
# Findings shown in the queue, and from how many points on; a comment's own page has all of them.
SHOWN_FINDINGS = 5
TELLING = 2.0


@admin.display(description=gettext_lazy("who"))
def who(comment):
    lines = [format_html("<bdi>{}</bdi>", comment.author_email)]
    if comment.author_url:
        lines.append(format_html("<bdi>{}</bdi>", comment.author_url))
    if comment.address:
        lines.append(link_to_alike(comment.address, address=comment.address))
    if comment.commenter_id:
        lines.append(link_to_alike(_("all by this commenter"), commenter=comment.commenter_id))
    return format_html(
        "<b><bdi>{}</bdi></b>{}",
        comment.author_name,
        format_html_join("", '<br><span class="quiet">{}</span>', ((line,) for line in lines)),
    )


@admin.display(description=gettext_lazy("comment"))
def excerpt(comment):
    return format_html("<bdi>{}</bdi>", Truncator(plain_text(comment.body_html)).chars(EXCERPT_LENGTH))


@admin.display(description=gettext_lazy("in response to"))
def where(comment):
    lines = [link_to_alike(_("all on this article"), article=comment.article_id)]
    if comment.parent:
        lines.insert(0, _("answers %(name)s") % {"name": comment.parent.author_name})
    return format_html(
        '<a href="{}" data-article><bdi>{}</bdi></a>{}',
        comment.article.get_absolute_url(),
        comment.article.title,
        format_html_join("", '<br><span class="quiet">{}</span>', ((line,) for line in lines)),
    )


@admin.display(description=gettext_lazy("verdict"))
def verdict_and_reasons(comment):
    alike = getattr(comment, "alike", None)
    campaign = link_to_campaign(alike) if alike else ""
    if look := second_looks.loaded(comment):
        return format_html("{}{}", second_looks.verdict(comment, look), campaign)
    return format_html("{}{}{}", verdict_in_words(comment), campaign, findings_list(comment))


@admin.display(description=gettext_lazy("status"))
def when(comment):
    unconfirmed = "" if comment.sender_confirmed else format_html("<br>{}", _("sender not confirmed"))
    return format_html(
        '<span class="status status-{0}">{1}</span><br><span class="quiet">{2}{3}</span>'
        '{5}<input type="hidden" name="seen_{4}" value="{0}">',
        comment.status,
        comment.get_status_display(),
        comment_time(comment.submitted_at),
        unconfirmed,
        comment.pk,
        presence.mark(comment),
    )


@admin.display(description=gettext_lazy("decide"))
def moves(comment):
    """The buttons of one row, which need no script."""
    return format_html(
        '<span class="row-moves">{}{}{}</span>',
        second_looks.button(comment),
        format_html_join(
            "",
            '<button type="submit" name="_move_one" value="{}:{}" aria-label="{}: {}">{}</button>',
            (
                (move, comment.pk, move.label, comment.author_name, move.label)
                for move in sensible_moves(comment)
            ),
        ),
        writing_links(comment),
    )


def writing_links(comment):
    """The ways to answer a comment and to change it; what is in spam or trash can't be answered."""
    links = [("edit", _("Edit"), reverse("admin:comments_comment_edit", args=[comment.pk]))]
    if not why_not(comment.status):
        card = reverse("admin:comments_comment_change", args=[comment.pk])
        links.insert(0, ("reply", _("Reply"), f"{card}#reply"))
    return format_html(
        '<span class="row-writing">{}</span>',
        format_html_join(
            " ",
            '<a href="{}" data-{} aria-label="{}: {}">{}</a>',
            ((url, name, label, comment.author_name, label) for name, label, url in links),
        ),
    )


def verdict_in_words(comment):
    """Say how likely spam is: numbers to compare by, and a word to read."""
    return _("%(points)+d points, %(percent)d %% spam: %(word)s") % {
        "points": round(comment.points),
        "percent": round(comment.spam_probability * 100),
        "word": likelihood(comment.spam_probability),
    }


def findings_list(comment):
    """What spoke for or against most, heaviest first, and what could not be looked at."""
    findings = sorted(comment.findings.all(), key=lambda finding: -abs(finding.points))
    telling = [finding for finding in findings if finding.evaluated and abs(finding.points) >= TELLING]
    missing = [finding for finding in findings if not finding.evaluated]
    return format_html(
        '<ul class="findings">{}</ul>',
        format_html_join(
            "",
            '<li class="{}"><b>{}</b> <bdi>{}</bdi></li>',
            (finding_row(finding) for finding in [*missing, *telling[:SHOWN_FINDINGS]]),
        ),
    )


def finding_row(finding):
    """Return how a finding is marked, its points, and what it says."""
    if not finding.evaluated:
        return "not-evaluated", _("not evaluated"), finding.detail
    return "against" if finding.points > 0 else "for", f"{finding.points:+.0f}", finding.detail


def link_to_alike(label, **chosen):
    """Return a link to everything that has something in common with a row, whatever its status."""
    return format_html('<a href="?{}">{}</a>', urlencode({VIEW_VAR: "all"} | chosen), label)
