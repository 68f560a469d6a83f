"""The history of decisions: who did what, when and why; narrowed by what one asks, and as a file."""

from datetime import datetime, time, timedelta
from itertools import groupby, islice

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import HttpResponseNotAllowed, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Article

from ..batches import key_of, why_not_undone
from ..fragments import clock_time, comment_time
from ..history import COMMENTS_LOOKED_AT, PER_PAGE, SYSTEM, History, Key, What
from ..models import Batch, Comment, Decision
from ..sentences import excerpt, filter_name, in_a_word, sentence, sentence_of_batch
from ..spreadsheet import rows_as_text
from .agreement import agreement_page
from .history import undo_url

# Rows of a file; a spreadsheet holds ten times as many, and a filter by time leads to the rest.
MOST_ROWS = 100_000
# Lines on a comment's own page; the history of that comment has all.
ON_THE_CARD = 10
# Editors who can be chosen.
MOST_EDITORS = 200
EARLIEST, LATEST = datetime(1970, 1, 2).date(), datetime(2200, 1, 1).date()

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


class KeyField(forms.CharField):
    """The id of something, chosen by a link."""

    widget = forms.HiddenInput

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        key = key_of(text)
        if key is None:
            raise ValidationError(_("There is no such thing."), code="no_key")
        return key


class HistoryForm(forms.Form):
    """What the history is narrowed to. The hidden fields are chosen by links."""

    what = forms.ChoiceField(
        label=gettext_lazy("What"), required=False, choices=[("", gettext_lazy("Anything")), *What.choices]
    )
    by = forms.CharField(label=gettext_lazy("Who"), required=False)
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        required=False,
        choices=[
            ("", gettext_lazy("Any time")),
            ("today", gettext_lazy("Today")),
            ("7", gettext_lazy("Last 7 days")),
            ("30", gettext_lazy("Last 30 days")),
        ],
    )
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    email = forms.CharField(
        label=gettext_lazy("Email address"),
        required=False,
        max_length=Comment._meta.get_field("author_email").max_length,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "email", "spellcheck": "false"}),
    )
    comment = KeyField(label=gettext_lazy("Comment"), required=False)
    commenter = KeyField(label=gettext_lazy("Commenter"), required=False)
    article = KeyField(label=gettext_lazy("Article"), required=False)
    batch = forms.UUIDField(label=gettext_lazy("Batch"), required=False, widget=forms.HiddenInput)

    CHOSEN_BY_LINK = ("comment", "commenter", "article", "batch")

    def __init__(self, data, **options):
        super().__init__(data, label_suffix="", **options)
        self.fields["by"].widget = forms.Select(choices=editors(data.get("by", "")))

    def clean_by(self):
        chosen = self.cleaned_data["by"]
        if not chosen or chosen == SYSTEM:
            return chosen or None
        key = key_of(chosen)
        if key is None:
            raise ValidationError(_("There is no such editor."), code="no_editor")
        return key

    def clean_since(self):
        return self._possible_day("since")

    def clean_until(self):
        return self._possible_day("until")

    def clean(self):
        data = super().clean()
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", ValidationError(_("It lies before the first day."), code="turned_round"))
        return data

    def history(self, *, now):
        """Return what a valid form asks for."""
        data = dict(self.cleaned_data)
        since, until, when = data.pop("since"), data.pop("until"), data.pop("when")
        begins = [day_begins(since)] if since else []
        if when == "today":
            begins.append(day_begins(timezone.localdate(now)))
        elif when:
            begins.append(now - timedelta(days=int(when)))
        return History(
            since=max(begins, default=None),
            until=day_begins(until + timedelta(days=1)) if until else None,
            **data,
        )

    def as_query(self, **changed):
        """Return the address that asks for the same, with what is changed; None takes a condition away."""
        chosen = {name: self.data.get(name, "") for name in self.fields} | changed
        return urlencode({name: value for name, value in chosen.items() if value not in ("", None)})

    def narrowed_by_link(self):
        """Return a label for each thing that was chosen by a link, and the address without it."""
        labels = {
            "comment": label_of_comment,
            "commenter": lambda key: _("All by commenter %(number)s") % {"number": key},
            "article": label_of_article,
            "batch": label_of_batch,
        }
        return [
            (labels[name](self.cleaned_data[name]), self.as_query(**{name: None}))
            for name in self.CHOSEN_BY_LINK
            if self.cleaned_data[name]
        ]

    def faults(self):
        return " ".join(
            _("“%(field)s”: %(faults)s") % {"field": self.fields[name].label, "faults": " ".join(faults)}
            if name in self.fields
            else " ".join(faults)
            for name, faults in self.errors.items()
        )

    def _possible_day(self, name):
        day = self.cleaned_data[name]
        if day and not EARLIEST <= day <= LATEST:
            raise ValidationError(_("Nothing was decided on that day."), code="no_day")
        return day


@admin.register(Decision)
class DecisionAdmin(admin.ModelAdmin):
    """Two addresses of its own, and none for single decisions: they are read, never written."""

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("comments.moderate_comment")

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

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


def editors(chosen):
    """Return who can be chosen: whoever has decided something, each found by one look into an index."""
    users = get_user_model().objects
    decided = users.filter(Exists(Decision.objects.filter(by=OuterRef("pk"))))
    listed = [(str(user.pk), str(user)) for user in decided.order_by("username")[:MOST_EDITORS]]
    if key_of(chosen) is not None and chosen not in dict(listed):
        name = users.filter(pk=chosen).first() or _("an editor who has decided nothing")
        listed.append((chosen, str(name)))
    return [("", _("Anybody")), (SYSTEM, filter_name()), *listed]


def label_of_comment(key):
    comment = Comment.objects.only("author_name", "body_html").filter(pk=key).first()
    if comment is None:
        return _("On a comment that is not there")
    return _("On “%(excerpt)s” by %(name)s") % {"excerpt": excerpt(comment), "name": comment.author_name}


def label_of_article(key):
    title = Article.objects.filter(pk=key).values_list("title", flat=True).first()
    return _("All on “%(title)s”") % {"title": title} if title else _("On an article that is not there")


def label_of_batch(key):
    batch = Batch.objects.select_related("by").filter(pk=key).first()
    if batch is None:
        return _("In a batch that is not there")
    return _("%(batch)s, by %(who)s, %(when)s") % {
        "batch": batch,
        "who": batch.by,
        "when": comment_time(batch.made_at),
    }


def day_begins(day):
    return timezone.make_aware(datetime.combine(day, time.min))
