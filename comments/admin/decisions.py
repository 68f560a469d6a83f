"""The history of decisions: who did what, when and why; narrowed by what one asks, and as a file."""

from datetime import timedelta
from itertools import groupby, islice

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseNotAllowed, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..batches import why_not_undone
from ..fragments import clock_time, comment_time
from ..history import COMMENTS_LOOKED_AT, PER_PAGE, Key
from ..models import Batch, Decision
from ..sentences import excerpt, filter_name, in_a_word, sentence, sentence_of_batch
from ..spreadsheet import rows_as_text
from .agreement import agreement_page
from .history import undo_url
from .narrowing import HistoryForm
from .permissions import ReadByModerators

# Rows of a file; a spreadsheet holds ten times as many, and a filter by time leads to the rest.
MOST_ROWS = 100_000
# Lines on a comment's own page; the history of that comment has all.
ON_THE_CARD = 10

HEAD = [
    gettext_lazy("when"),
    gettext_lazy("who"),
    gettext_lazy("what"),
    gettext_lazy("from"),
    gettext_lazy("to"),
    gettext_lazy("reason"),
    gettext_lazy("batch"),
    gettext_lazy("comment"),
    gettext_lazy("name"),
    gettext_lazy("email"),
    gettext_lazy("article"),
    gettext_lazy("address of the article"),
    gettext_lazy("excerpt"),
    gettext_lazy("points"),
    gettext_lazy("probability of spam"),
]


@admin.register(Decision)
class DecisionAdmin(ReadByModerators, admin.ModelAdmin):
    """Two addresses of its own, and none for single decisions: they are read, never written."""

    def has_delete_permission(self, request, obj=None):
        """Decisions go with their comment, so the admin asks this of whoever deletes one, or its article."""
        return request.user.has_perm("comments.delete_comment")

    def get_urls(self):
        def closed(view):
            """Return the view for moderators, who look and change nothing by it."""

            def answer(request):
                if not self.has_view_permission(request):
                    raise PermissionDenied
                if request.method not in ("GET", "HEAD"):
                    return HttpResponseNotAllowed(["GET", "HEAD"])
                request.current_app = self.admin_site.name
                return view(request)

            # It adds the headers, too, that let nobody keep the page.
            return self.admin_site.admin_view(answer)

        return [
            path("", closed(self.history_page), name="comments_decision_changelist"),
            path("export/", closed(self.export), name="comments_decision_export"),
            path(
                "agreement/",
                closed(lambda request: agreement_page(request, self.admin_site)),
                name="comments_decision_agreement",
            ),
        ]

    def history_page(self, request):
        form = HistoryForm(request.GET)
        try:
            before = Key.parse(request.GET["before"]) if "before" in request.GET else None
        except ValueError:
            return self.lead_back(request, _("There is no such page."))
        if not form.is_valid():
            return self.lead_back(request, form.faults())
        now = timezone.now()
        history = form.history(now=now)
        entries, more = history.page(before=before, size=PER_PAGE)
        context = self.admin_site.each_context(request) | {
            "title": _("History"),
            "opts": self.opts,
            "form": form,
            "narrowed": form.narrowed_by_link(),
            "is_narrowed": bool(form.as_query()),
            "days": by_day([line(entry, history, now=now) for entry in entries], now=now),
            "older": form.as_query(before=more) if more else "",
            "newest": form.as_query() if before else None,
            "export": form.as_query(),
            "most_rows": number_format(MOST_ROWS, force_grouping=True),
            "cut": number_format(COMMENTS_LOOKED_AT, force_grouping=True) if history.is_cut else "",
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/comments/decision/history.html", context)

    def export(self, request):
        form = HistoryForm(request.GET)
        if not form.is_valid():
            return self.lead_back(request, form.faults())
        now = timezone.now()
        history = form.history(now=now)
        cut = f"-newest-{MOST_ROWS}" if history.has_more_than(MOST_ROWS) else ""
        rows = (row(decision) for decision in islice(history.decisions(), MOST_ROWS))
        response = StreamingHttpResponse(rows_as_text(HEAD, rows), content_type="text/csv; charset=utf-8")
        day = timezone.localdate(now).isoformat()
        response["Content-Disposition"] = f'attachment; filename="decisions-{day}{cut}.csv"'
        return response

    def lead_back(self, request, why):
        self.message_user(request, _("The history cannot be narrowed like that. %s") % why, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:comments_decision_changelist"))


def history_url(**chosen):
    """Return the address of the history, narrowed to what is chosen."""
    url = reverse("admin:comments_decision_changelist")
    return f"{url}?{urlencode(chosen)}" if chosen else url


def of_comment(comment):
    """Return what a comment's own page shows of its history: the lines, and whether there are more."""
    decisions = Decision.objects.filter(comment=comment).select_related("by", "undoes__by")
    decisions = list(decisions.order_by("-decided_at", "-pk")[: ON_THE_CARD + 1])
    return {
        "lines": [
            {
                "sentence": sentence(each, here=True, **links_to_people(each)),
                "reason": each.reason,
                "status": each.to_status,
                "is_undo": each.undoes_id is not None,
                "at": each.decided_at,
                "when": comment_time(each.decided_at),
                "batch": history_url(batch=each.batch) if each.batch else "",
            }
            for each in decisions[:ON_THE_CARD]
        ],
        "has_more": len(decisions) > ON_THE_CARD,
        "all": history_url(comment=comment.pk),
        "of_writer": of_writer(comment),
        "of_article": history_url(article=comment.article_id),
    }


def of_writer(comment):
    """Return the address of all that was decided on a writer's comments; by the key, if there is one."""
    if comment.commenter_id:
        return history_url(commenter=comment.commenter_id)
    return history_url(email=comment.author_email) if comment.author_email else ""


def line(entry, history, *, now):
    """Return an entry as the page shows it."""
    decision, batch = entry.decision, entry.batch
    shown = {"at": entry.key.at, "time": clock_time(entry.key.at)}
    if decision:
        shown |= {
            "sentence": sentence(decision, **links_of(decision)),
            "reason": decision.reason,
            "status": decision.to_status,
            "is_undo": decision.undoes_id is not None,
        }
        if decision.batch and not batch and decision.batch != history.batch:
            shown["batch"] = history_url(batch=decision.batch)
    else:
        people = {"who": history_url(by=batch.by_id)}
        if batch.undoes_id:
            people["other"] = history_url(by=batch.undoes.by_id)
        shown |= {
            "sentence": sentence_of_batch(batch, comments=history_url(batch=batch.pk), **people),
            "status": STATUS_OF_MOVE.get(batch.move, ""),
            "is_undo": batch.undoes_id is not None,
            "left": batch.left,
        }
    if batch:
        shown["undo"] = "" if why_not_undone(batch, now=now) else undo_url(batch)
        if batch.undone_at:
            shown["undone"] = _("%(who)s took this back, %(when)s.") % {
                "who": batch.undone_by,
                "when": comment_time(batch.undone_at),
            }
    return shown


STATUS_OF_MOVE = {
    Batch.Move.APPROVE: "approved",
    Batch.Move.RESTORE: "approved",
    Batch.Move.HOLD: "pending",
    Batch.Move.MARK_SPAM: "spam",
    Batch.Move.TRASH: "trash",
}


def by_day(lines, *, now):
    """Return lines under the days on which things were done, in the site's time zone."""
    today = timezone.localdate(now)
    names = {today: _("Today"), today - timedelta(days=1): _("Yesterday")}
    days = groupby(lines, lambda each: timezone.localdate(each["at"]))
    return [(names.get(day) or date_format(day, "DATE_FORMAT"), list(group)) for day, group in days]


def links_of(decision):
    comment = decision.comment
    return links_to_people(decision) | {
        "comment": reverse("admin:comments_comment_change", args=[comment.pk]),
        "author": of_writer(comment),
        "article": history_url(article=comment.article_id),
    }


def links_to_people(decision):
    links = {"who": history_url(by=decision.by_id)} if decision.by_id else {}
    if decision.undoes_id and decision.undoes.by_id:
        links["other"] = history_url(by=decision.undoes.by_id)
    return links


def row(decision):
    """Return a decision as a row of the file, in the order of HEAD."""
    comment = decision.comment
    return [
        decision.decided_at,
        decision.by or filter_name(),
        in_a_word(decision),
        decision.get_from_status_display(),
        decision.get_to_status_display(),
        decision.reason,
        decision.batch,
        comment.pk,
        comment.author_name,
        comment.author_email,
        comment.article.title,
        settings.SITE_URL + comment.article.get_absolute_url(),
        excerpt(comment),
        round(comment.points, 1),
        round(comment.spam_probability, 3),
    ]
