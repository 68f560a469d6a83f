"""Comments of one making on one page, decided at once; and the list of those that wait."""

import re
from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..batches import MAKES_SENSE_FROM, MAX_KEY
from ..campaigns import WAITING_LOOKED_AT, count, waiting
from ..fragments import comment_time
from ..markup import links_in, plain_text
from ..models import Batch, Comment
from ..moderation.addresses import host
from ..moderation.text import fold
from ..moderation.traces import FEWEST_WORDS
from .actions import decide, newest_id, selected
from .listing import VIEW_OF_STATUS, VIEW_VAR, WAITING

# Comments on the page, so that an editor sees what they decide; of more it says how many.
SHOWN = 200
EXCERPT_LENGTH = 240
# Hosts named on the page, each of which is in at least half of the comments shown.
SHOWN_HOSTS = 5
# Of the comments shown, the share that have a word in common; a word of fewer is marked.
COMMON = 2 / 3
# Campaigns on the page of those that wait.
LISTED = 50

# The buttons, in their order.
MOVES = (Batch.Move.MARK_SPAM, Batch.Move.APPROVE, Batch.Move.TRASH)

_WORD = re.compile(r"(\w+)")


def urls(model_admin):
    """Return the addresses of these pages, below the one of the queue."""
    view = model_admin.admin_site.admin_view

    def waiting_view(request):
        return show_waiting(model_admin, request)

    def campaign_view(request, number):
        return show_campaign(model_admin, request, number)

    return [
        path("campaign/", view(waiting_view), name="comments_comment_campaigns"),
        path("campaign/<int:number>/", view(campaign_view), name="comments_comment_campaign"),
    ]


def link_to_campaign(alike):
    """Return the line of a row that says what is like it."""
    return format_html(
        '<p class="alike"><a href="{}">{}</a></p>',
        reverse("admin:comments_comment_campaign", args=[alike.campaign]),
        in_short(alike),
    )


def in_short(alike):
    said = [ngettext("%(count)d like this", "%(count)d like this", alike.others) % {"count": alike.others}]
    if alike.published:
        published = ngettext("%(count)d published", "%(count)d published", alike.published)
        said.append(published % {"count": alike.published})
    return _(", ").join(said)


def show_waiting(model_admin, request):
    """List the campaigns that have most waiting comments."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    found = waiting(LISTED)
    counts = count(number for number, _waiting, _newest in found)
    newest = Comment.objects.only("author_name", "body_html").in_bulk([pk for _number, _waiting, pk in found])
    rows = [
        {
            "url": reverse("admin:comments_comment_campaign", args=[number]),
            "name": newest[pk].author_name,
            "excerpt": Truncator(plain_text(newest[pk].body_html)).chars(EXCERPT_LENGTH),
            "waiting": waits,
            "published": counts[number][Comment.Status.APPROVED],
            "total": counts[number].total(),
        }
        for number, waits, pk in found
        # One that is left of many is like nothing.
        if pk in newest and counts[number].total() > 1
    ]
    context = {
        "title": _("Campaigns that wait"),
        "campaigns": rows,
        "is_cut": sum(waits for _number, waits, _newest in found) >= WAITING_LOOKED_AT,
        "most": WAITING_LOOKED_AT,
    }
    return _page(model_admin, request, "waiting", context)


def show_campaign(model_admin, request, number):
    """Show the comments that are like each other; decide on what is ticked when a button is pressed."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    if request.method == "POST":
        if not model_admin.has_moderate_permission(request):
            raise PermissionDenied
        return decide_posted(model_admin, request, number)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    # Before the rows are read, so that nothing newer counts as seen.
    newest = newest_id()
    counts = count([number])[number] if number <= MAX_KEY else Counter()
    if not counts:
        return lead_on(model_admin, request, number)
    members = list(
        Comment.objects.filter(campaign=number)
        # As the index has them: what is published, what waits, spam, trash; the newest first.
        .order_by("status", "-submitted_at", "-pk")
        .select_related("article")
        .defer("body", "fragment", "article__body", "article__body_html")[:SHOWN]
    )
    texts = {member.pk: plain_text(member.body_html) for member in members}
    common = common_words(texts.values())
    may_decide = model_admin.has_moderate_permission(request)
    context = {
        "title": _("Comments like each other"),
        "number": number,
        "total": counts.total(),
        "statuses": [
            (Comment.Status(status).label, status, found, queue_url(number, status))
            for status, found in sorted(counts.items())
        ],
        "shown": len(members),
        "hidden": max(0, counts.total() - len(members)),
        "shares": shares(members),
        "marks_differences": bool(common),
        "members": [
            {
                "comment": member,
                "url": reverse("admin:comments_comment_change", args=[member.pk]),
                "submitted": comment_time(member.submitted_at),
                "excerpt": marked_differences(texts[member.pk], common),
            }
            for member in members
        ],
        "may_decide": may_decide,
        "moves": [
            {
                "move": move,
                "statuses": " ".join(sorted(MAKES_SENSE_FROM[move])),
                "count": sum(member.status in MAKES_SENSE_FROM[move] for member in members),
                "of_all": sum(found for status, found in counts.items() if status in MAKES_SENSE_FROM[move]),
            }
            for move in MOVES
        ],
        "newest": newest,
    }
    return _page(model_admin, request, "campaign", context)


def decide_posted(model_admin, request, number):
    """Carry out what a button says, as the queue does with what is selected there."""
    here = HttpResponseRedirect(reverse("admin:comments_comment_campaign", args=[number]))
    move = next((move for move in MOVES if f"_{move}" in request.POST), None)
    seen, new = selected(request, Comment.objects.filter(campaign=number))
    # Of what was seen where it is to go there is nothing to decide, and nothing to report.
    settled = set(Comment.Status.values) - MAKES_SENSE_FROM.get(move, set())
    seen = {pk: status for pk, status in seen.items() if status not in settled}
    if move is None or not seen:
        said = _("Nothing was changed: tick what is to be decided, and choose one of the buttons.")
        model_admin.message_user(request, said, messages.WARNING)
        return here
    if decide(model_admin, request, move, seen, new=new) is None:
        return here
    return HttpResponseRedirect(reverse("admin:comments_comment_changelist"))


def lead_on(model_admin, request, number):
    """Lead from the number of a campaign that has become part of another to that one, else to the queue."""
    founder = Comment.objects.filter(pk=number).values_list("campaign", flat=True).first()
    if founder is not None and founder != number:
        return HttpResponseRedirect(reverse("admin:comments_comment_campaign", args=[founder]))
    model_admin.message_user(request, _("There are no such comments (any more)."), messages.WARNING)
    return HttpResponseRedirect(reverse("admin:comments_comment_changelist"))


def queue_url(number, status):
    """Return the address of the queue's view that holds these comments of a campaign."""
    view = VIEW_OF_STATUS[status]
    chosen = {"campaign": number} | ({VIEW_VAR: view} if view != WAITING else {})
    return f"{reverse('admin:comments_comment_changelist')}?{urlencode(chosen)}"


def shares(members):
    """Say in short what these comments have in common, and over how much they are spread."""
    articles = len({member.article_id for member in members})
    names = len({fold(member.author_name) for member in members})
    networks = len({member.address for member in members if member.address})
    said = [
        ngettext("on %(count)d article", "on %(count)d articles", articles) % {"count": articles},
        ngettext("under %(count)d name", "under %(count)d names", names) % {"count": names},
    ]
    if networks:
        said.append(
            ngettext("from %(count)d network", "from %(count)d networks", networks) % {"count": networks}
        )
    found = Counter(name for member in members for name in _hosts(member))
    hosts = [name for name, count in found.most_common(SHOWN_HOSTS) if count * 2 >= len(members)]
    return {"spread": _(", ").join(said), "hosts": hosts}


def _hosts(comment):
    addresses = [comment.author_url, *links_in(comment.body_html)]
    return {name for name in (host(address).removeprefix("www.") for address in addresses) if "." in name}


def common_words(texts):
    """Return the words, folded, that most of these texts have; none where that is next to nothing."""
    texts = list(texts)
    found = Counter(word for text in texts for word in {fold(word) for word in _WORD.findall(text)})
    common = {word for word, count in found.items() if count >= len(texts) * COMMON}
    return common if len(texts) > 1 and len(common) >= FEWEST_WORDS else set()


def marked_differences(text, common):
    """Return the beginning of a text, with a mark around each word that few of the others have."""
    excerpt = " ".join(Truncator(text).chars(EXCERPT_LENGTH).split())
    if not common:
        return excerpt
    # Of a word that is cut off nobody knows whether the others have it.
    pieces = _WORD.split(excerpt)
    known = common | {"", *(map(fold, pieces[-2:-1]) if excerpt.endswith("…") else ())}
    return format_html_join(
        "",
        "{}{}",
        (
            (before, word if fold(word) in known else format_html("<mark>{}</mark>", word))
            for before, word in zip(pieces[::2], [*pieces[1::2], ""], strict=True)
        ),
    )


def _page(model_admin, request, name, context):
    request.current_app = model_admin.admin_site.name
    context = model_admin.admin_site.each_context(request) | {
        "opts": model_admin.opts,
        "media": model_admin.media,
        "is_nav_sidebar_enabled": False,
        **context,
    }
    return TemplateResponse(request, f"admin/comments/campaign/{name}.html", context)
