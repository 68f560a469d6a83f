"""What waits to be sent to Akismet, what was sent, and what may be, as rows.

``opinions.py`` alone writes the first two.
"""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.records import Record


class OpinionTask(models.Model):
    """What Akismet is to be asked or told about a comment: one thing at a time, until it is done.

    Whoever takes it in hand moves ``due_at`` into the future. So nobody else takes it, and if that
    process ends before its work is done, it is due again by itself.
    """

    class Purpose(models.TextChoices):
        CHECK = "check", _("asked for an opinion")
        RECHECK = "recheck", _("asked again, as Akismet wished")
        SPAM = "spam", _("reported as spam")
        HAM = "ham", _("reported as a good comment")

    comment = models.OneToOneField("comments.Comment", on_delete=models.CASCADE, related_name="opinion_task")
    purpose = models.CharField(max_length=10, choices=Purpose)
    # What the rules left open, by an order that rows of findings don't keep: Finding.at_least.
    at_least = models.CharField(max_length=10, default="publish")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)

    def __str__(self):
        return self.get_purpose_display()


class Sending(Record):
    """What left this server about a comment: which fields, where to, when, what for.

    Written before anything leaves; what came back is filled in once. Nothing filled in: the process
    ended before the answer came.
    """

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="sendings")
    purpose = models.CharField(_("purpose"), max_length=10, choices=OpinionTask.Purpose)
    host = models.CharField(_("sent to"), max_length=253)
    fields = models.CharField(_("fields"), max_length=200)
    sent_at = models.DateTimeField(_("sent"))
    answer = models.CharField(_("answer"), max_length=20, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("sending")
        verbose_name_plural = _("sendings")

    def __str__(self):
        return f"{self.get_purpose_display()}: {self.answer or self.error or '…'}"

    @property
    def field_names(self):
        return self.fields.split()

    def fill_in(self, *, answer="", error=""):
        self.answer, self.error = answer, error[: self._meta.get_field("error").max_length]
        Sending.objects.filter(pk=self.pk, answer="", error="").update(answer=self.answer, error=self.error)


class AkismetFields(models.Model):
    """Which facts of a comment may be sent to Akismet: one row, or the defaults where there is none."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    text = models.BooleanField(_("text"), default=True)
    name = models.BooleanField(_("name"), default=True)
    email = models.BooleanField(_("email address"), default=False)
    website = models.BooleanField(_("website"), default=True)
    network = models.BooleanField(
        _("shortened network address"),
        default=True,
        help_text=_("The protocol demands an address; without this one, 0.0.0.0 is sent."),
    )
    article = models.BooleanField(_("address of the article"), default=True)
    time = models.BooleanField(_("time of the comment"), default=True)

    class Meta:
        verbose_name = _("what is sent to Akismet")
        verbose_name_plural = _("what is sent to Akismet")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="akismet_fields_one_row")]

    def __str__(self):
        return gettext("What is sent to Akismet")

    @classmethod
    def in_force(cls):
        return cls.objects.first() or cls()

    def chosen(self):
        """Return the names of the fields that may be sent, with their labels."""
        return {name: label for name, label in self.labels().items() if getattr(self, name)}

    @classmethod
    def labels(cls):
        return {field.name: field.verbose_name for field in cls._meta.fields if not field.primary_key}
