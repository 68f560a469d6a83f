"""What the site has learned, as rows: sums over the lessons in force, and the lessons themselves.

``learning.py`` alone writes them (and ``retraining.py``, which makes them anew).
"""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class LearnerState(models.Model):
    """The one row that every lesson changes, so that whoever changes it has the learner to themselves.

    ``version``: raised with each lesson. ``checksum``: over all words; tells a process whether its copy is
    the same. ``tokens_version``: of the tokeniser that made the buckets; 0 where nothing has been learned.
    ``spam_weight``, ``good_weight``: the sums of the weights of all lessons of a kind. ``error``: the sum of
    what the judge got wrong in them, spam that it missed counting up and good comments that it doubted down.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)
    checksum = models.BigIntegerField(default=0)
    tokens_version = models.PositiveSmallIntegerField(default=0)
    spam_weight = models.BigIntegerField(default=0)
    good_weight = models.BigIntegerField(default=0)
    error = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("state of the learner")
        verbose_name_plural = _("state of the learner")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="learner_state_is_one_row")]

    def __str__(self):
        return gettext("version %(number)d") % {"number": self.version}


class LearnedWord(models.Model):
    """The sums of one bucket of words. At most ``lesson_sums.BUCKETS`` rows, however much is learned.

    ``version``: the state's, when the row last changed; so a process reads only what is new to it.
    """

    bucket = models.PositiveIntegerField(primary_key=True)
    gradient = models.BigIntegerField()
    exposure = models.BigIntegerField()
    version = models.BigIntegerField(db_index=True)

    class Meta:
        verbose_name = _("learned word")
        verbose_name_plural = _("learned words")

    def __str__(self):
        return f"{self.bucket}: {self.gradient}/{self.exposure}"


class Lesson(models.Model):
    """What a person's last word on one comment teaches: in force as long as the row is there.

    With the comment's text, which never changes behind its back, the row is all that is needed to take
    the lesson back to the last digit.

    ``decision``: the order of lessons. ``probability``: of spam, as judged without the site's own words.
    ``weight``: by the day of the decision; 0 for a lesson that is over the limit of its writer or network.
    ``email`` (in lower case), ``commenter``, ``address``: whom the limit counts by; kept here, since finding
    the newest lessons of one of them must stay quick.
    """

    decision = models.OneToOneField("comments.Decision", on_delete=models.CASCADE, primary_key=True)
    comment = models.OneToOneField("comments.Comment", on_delete=models.CASCADE, related_name="lesson")
    is_spam = models.BooleanField(_("spam"))
    probability = models.FloatField(_("probability of spam"))
    weight = models.BigIntegerField(_("weight"))
    decided_at = models.DateTimeField(_("decided"))
    email = models.CharField(_("email"), max_length=254, blank=True)
    commenter = models.ForeignKey(
        "comments.Commenter",
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("commenter"),
    )
    address = models.GenericIPAddressField(_("shortened address"), null=True)

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        indexes = [
            models.Index(fields=["email", "decision"], name="lesson_email"),
            models.Index(fields=["commenter", "decision"], name="lesson_commenter"),
            models.Index(fields=["address", "decision"], name="lesson_address"),
        ]

    def __str__(self):
        return gettext("spam") if self.is_spam else gettext("not spam")


class KeptLessons(models.Model):
    """What comments had taught that have been removed for good: one row beside ``KeptWord``.

    Their lessons are gone with them. These sums are part of the learner's own, and the one part of them
    that ``retrain`` can't make anew; with another tokeniser they mean nothing any more.
    ``number``: of the lessons. The rest is as in ``LearnerState``.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    tokens_version = models.PositiveSmallIntegerField(default=0)
    spam_weight = models.BigIntegerField(default=0)
    good_weight = models.BigIntegerField(default=0)
    error = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("lessons that are kept")
        verbose_name_plural = _("lessons that are kept")
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="kept_lessons_is_one_row")]

    def __str__(self):
        return str(self.number)


class KeptWord(models.Model):
    """The sums of one bucket of words over the lessons that are kept."""

    bucket = models.PositiveIntegerField(primary_key=True)
    gradient = models.BigIntegerField()
    exposure = models.BigIntegerField()

    class Meta:
        verbose_name = _("kept word")
        verbose_name_plural = _("kept words")
        default_permissions = ()

    def __str__(self):
        return f"{self.bucket}: {self.gradient}/{self.exposure}"
