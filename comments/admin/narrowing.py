"""What the history of decisions is narrowed by: a form, and what can be chosen in it."""

from datetime import datetime, time, timedelta

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Article

from ..batches import key_of
from ..fragments import comment_time
from ..history import SYSTEM, History, What
from ..models import Batch, Comment, Decision
from ..sentences import excerpt, filter_name

# Editors who can be chosen.
MOST_EDITORS = 200
EARLIEST, LATEST = datetime(1970, 1, 2).date(), datetime(2200, 1, 1).date()


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
