"""What comments said before editors changed them, as rows. Append-only: only ``editing`` writes them."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.records import Record


class CommentEdit(Record):
    """One change of one comment: by whom, when, and what stood there before.

    The first holds the original; what an edit made of it stands in the next one, or in the comment.
    """

    comment = models.ForeignKey("comments.Comment", on_delete=models.CASCADE, related_name="edits")
    # As with decisions, whoever changed a comment can't be deleted.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    edited_at = models.DateTimeField(_("edited"), default=timezone.now)
    author_name = models.CharField(_("name"), max_length=100)
    author_url = models.CharField(_("website"), max_length=200, blank=True)
    body = models.TextField(_("text as typed"))

    # What an editor may change.
    WRITTEN = ("author_name", "author_url", "body")

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        verbose_name = _("edit")
        verbose_name_plural = _("edits")

    def __str__(self):
        return gettext("edited by %(who)s") % {"who": self.by}

    def delete(self, **kwargs):
        raise ValueError("An edit stays as long as its comment.")
