"""What editors write: articles with their authors, categories, tags and every earlier version."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Concat, Substr
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from .fields import LineField, PlainTextField
from .markup import TooLong, TooMuchMarkup, check_limits, sanitize_article
from .paths import MAX_LENGTH, normalize_path, validate_path
from .records import Record
from .search_index import forget, store
from .search_rows import SearchEntry, SearchSpelling, SearchTerm

__all__ = (
    "Article",
    "Author",
    "Category",
    "FormerPath",
    "GonePath",
    "Revision",
    "SearchEntry",
    "SearchSpelling",
    "SearchTerm",
    "Tag",
)

MAX_CATEGORY_PATH = 500
# Beyond these years a time cannot be shown in every time zone.
FIRST_YEAR, LAST_YEAR = 1900, 2999


class Author(models.Model):
    """Whose name stands above an article. Not every author has an account here."""

    name = LineField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    biography = PlainTextField(_("biography"), blank=True, help_text=_("One or two sentences of plain text."))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="author",
        verbose_name=_("account"),
        help_text=_("The account this author signs in with, if any."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("author")
        verbose_name_plural = _("authors")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("articles:author", args=[self.slug])


class CategoryQuerySet(models.QuerySet):
    def within(self, category):
        """The category itself and all below it."""
        return self.filter(path__startswith=category.path + "/") | self.filter(pk=category.pk)


class Category(models.Model):
    """A shelf in a tree. ``path`` is the slugs from the root down, e.g. ``health/back-pain``."""

    name = LineField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    description = PlainTextField(_("description"), blank=True)
    path = models.CharField(_("path"), max_length=MAX_CATEGORY_PATH, unique=True, editable=False)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self):
        return self.name

    def save(self, **kwargs):
        """Keep the path of this category and of all below it in step with slug and parent."""
        path = self._find_path()
        moved_from = self.path if self.pk and self.path != path else ""
        self.path = path
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "slug", "path"}
        with transaction.atomic():
            super().save(**kwargs)
            if moved_from:
                Category.objects.filter(path__startswith=moved_from + "/").update(
                    path=Concat(models.Value(path), Substr("path", len(moved_from) + 1))
                )

    def get_absolute_url(self):
        return reverse("articles:category", args=[self.path])

    def clean(self):
        if self.parent and self.pk and f"{self.parent.path}/".startswith(f"{self.path}/"):
            raise ValidationError(
                {"parent": _("A category can't lie within itself or below itself.")}, code="cycle"
            )
        path = self._find_path()
        if len(path) + self._length_below() > MAX_CATEGORY_PATH:
            raise ValidationError(
                {"slug": _("This place is too deep: the addresses would be too long.")}, code="deep"
            )
        if Category.objects.filter(path=path).exclude(pk=self.pk).exists():
            raise ValidationError(
                {"slug": _("There is a category of this name at this place already.")}, code="taken"
            )

    def _length_below(self):
        """Return how many characters the longest path below adds to this category's own."""
        below = Category.objects.filter(path__startswith=self.path + "/") if self.path else []
        return max((len(category.path) - len(self.path) for category in below), default=0)

    def _find_path(self):
        """In lower case throughout: not every database tells the cases apart when it looks for a prefix."""
        self.slug = self.slug.lower()
        return f"{self.parent.path}/{self.slug}" if self.parent else self.slug

    @property
    def depth(self):
        """0 for a root."""
        return self.path.count("/")


class Tag(models.Model):
    name = LineField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("articles:tag", args=[self.slug])


class ArticleQuerySet(models.QuerySet):
    def published(self, *, at=None):
        """What the public may read: the one definition, used by every page, feed and form.

        ``at``: an aware datetime, now by default. A scheduled article appears by itself when its
        minute has come, and one that expires goes the same way: there is no job to miss.
        """
        at = at or timezone.now()
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=at),
            status=Article.Status.PUBLISHED,
            published_at__lte=at,
        )

    def expired(self, *, at=None):
        """What the public could read once and cannot any more, because its time is over."""
        at = at or timezone.now()
        return self.filter(status=Article.Status.PUBLISHED, published_at__lte=at, expires_at__lte=at)

    def visible_to(self, user):
        """What this user may read; editors also see drafts and what is yet to come.

        ``user``: None for anonymous readers.
        """
        if user is not None and user.has_perm("articles.change_article"):
            return self
        return self.published()

    def within(self, category):
        """Articles in the category or in any below it."""
        return self.filter(
            pk__in=Article.categories.through.objects.filter(
                category__in=Category.objects.within(category)
            ).values("article")
        )

    def tagged(self, tag):
        return self.filter(tags=tag)

    def of_period(self, year, month=None):
        """Articles published in a year or in a month of it, by the site's clock.

        ``year``: from FIRST_YEAR to LAST_YEAR.
        """
        zone = timezone.get_current_timezone()
        if month is None:
            start, end = datetime(year, 1, 1), datetime(year + 1, 1, 1)
        else:
            start, end = datetime(year, month, 1), datetime(year + month // 12, month % 12 + 1, 1)
        return self.filter(
            published_at__gte=start.replace(tzinfo=zone), published_at__lt=end.replace(tzinfo=zone)
        )


class Article(models.Model):
    """A text at an address. Every save keeps a revision; a changed path leaves a redirect."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    class CommentPolicy(models.TextChoices):
        DEFAULT = "default", _("As the site does")
        OPEN = "open", _("Always open")
        CLOSED = "closed", _("Closed")

    title = LineField(_("title"), max_length=200)
    path = models.CharField(
        _("address"),
        max_length=MAX_LENGTH,
        unique=True,
        blank=True,
        help_text=_(
            "The whole address below the site's, for example 2017/03/home-treatment-for-back-spasms/. "
            "Left empty, it is made from the title."
        ),
    )
    author = models.ForeignKey(
        Author, on_delete=models.PROTECT, related_name="articles", verbose_name=_("author")
    )
    standfirst = PlainTextField(
        _("standfirst"), blank=True, help_text=_("One or two sentences between the title and the text.")
    )
    body = models.TextField(
        _("text"),
        help_text=_(
            "HTML or plain text; empty lines make paragraphs. What isn't safe in a page is shown as text."
        ),
    )
    body_html = models.TextField(editable=False)
    language = models.CharField(
        _("language"),
        max_length=20,
        blank=True,
        help_text=_(
            "A language code such as “de” or “ar”, where the text is not in the site's own language."
        ),
    )
    categories = models.ManyToManyField(
        Category, blank=True, related_name="articles", verbose_name=_("categories")
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="articles", verbose_name=_("tags"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(
        _("published at"),
        default=timezone.now,
        help_text=_("A published article with a time to come appears by itself when it has come."),
    )
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("From then on the article is no longer public.")
    )
    comment_policy = models.CharField(
        _("comments"), max_length=10, choices=CommentPolicy, default=CommentPolicy.DEFAULT
    )
    revision_number = models.PositiveIntegerField(editable=False, default=0)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        indexes = [models.Index(fields=["status", "-published_at", "-id"], name="article_public")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "published"]), name="article_status_known"
            ),
            models.CheckConstraint(condition=~models.Q(path=""), name="article_has_path"),
            models.CheckConstraint(
                condition=models.Q(comment_policy__in=["default", "open", "closed"]),
                name="article_comment_policy_known",
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, *, by=None, **kwargs):
        """Sanitise the text, keep what was saved as a revision, and redirect from a former path.

        ``by``: the user who saves, or None for the system.
        """
        self.path = normalize_path(self.path) or normalize_path(slugify(self.title, allow_unicode=True))
        self.body_html = sanitize_article(self.body)
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {
                *kwargs["update_fields"],
                "path",
                "body_html",
                "revision_number",
                "updated_at",
            }
        with transaction.atomic():
            # The row is locked, so that two saves at once get two numbers.
            stored = (
                Article.objects.select_for_update()
                .filter(pk=self.pk)
                .values("path", "revision_number")
                .first()
                if self.pk
                else None
            )
            self.revision_number = (stored["revision_number"] if stored else 0) + 1
            super().save(**kwargs)
            Revision.objects.create(
                article=self,
                number=self.revision_number,
                title=self.title,
                standfirst=self.standfirst,
                body=self.body,
                saved_by=by,
            )
            store(self)
            GonePath.objects.filter(path=self.path).delete()
            FormerPath.objects.filter(path=self.path).delete()
            if stored and stored["path"] != self.path:
                FormerPath.objects.create(article=self, path=stored["path"])

    def get_absolute_url(self):
        return reverse("articles:detail", args=[self.path])

    def clean(self):
        self.path = normalize_path(self.path) or normalize_path(slugify(self.title, allow_unicode=True))
        if not self.path:
            raise ValidationError(
                {"path": _("Type an address: none could be made from the title.")}, code="required"
            )
        try:
            validate_path(self.path)
        except ValidationError as error:
            raise ValidationError({"path": error}) from error
        try:
            check_limits(self.body)
        except TooLong as error:
            message = _("The text has %(found)s characters; at most %(limit)s are possible.")
            raise ValidationError({"body": message % _grouped(error.numbers)}, code="too_long") from error
        except TooMuchMarkup as error:
            message = _("The text has %(found)s tags and entities; at most %(limit)s are possible.")
            raise ValidationError(
                {"body": message % _grouped(error.numbers)}, code="too_much_markup"
            ) from error
        for name in ("published_at", "expires_at"):
            moment = getattr(self, name)
            if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
                message = _("Choose a year between %(first)d and %(last)d.")
                raise ValidationError({name: message % {"first": FIRST_YEAR, "last": LAST_YEAR}}, code="year")
        if self.expires_at and self.published_at and self.expires_at <= self.published_at:
            raise ValidationError(
                {"expires_at": _("An article can't expire before it is published.")}, code="order"
            )

    def is_published(self, *, at=None):
        """The rule of ``ArticleQuerySet.published()``, for one article at hand."""
        at = at or timezone.now()
        return (
            self.status == self.Status.PUBLISHED
            and self.published_at <= at
            and (self.expires_at is None or self.expires_at > at)
        )

    is_published.boolean = True
    is_published.short_description = _("public")

    @property
    def comments_are_open(self):
        """Whether a comment may be written now, by the article's own word or the site's."""
        if self.comment_policy != self.CommentPolicy.DEFAULT:
            return self.comment_policy == self.CommentPolicy.OPEN
        days = settings.COMMENTS_CLOSE_AFTER_DAYS
        return not days or timezone.now() < self.published_at + timedelta(days=days)


class Revision(Record):
    """An article as it stood after one save. Never changed; comments point at the one they answer."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    standfirst = models.TextField(_("standfirst"))
    body = models.TextField(_("text"))
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("saved by"),
    )
    saved_at = models.DateTimeField(_("saved at"), auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_number_unique")]

    def __str__(self):
        return f"{self.title} ({self.number})"


class FormerPath(models.Model):
    """An address that an article has left; whoever comes there is led to where it is now."""

    path = models.CharField(_("address"), max_length=MAX_LENGTH, unique=True)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="former_paths")

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")

    def __str__(self):
        return self.path


class GonePath(models.Model):
    """An address where an article was that has been deleted: whoever comes there is told that it is gone."""

    path = models.CharField(_("address"), max_length=MAX_LENGTH, unique=True)
    gone_at = models.DateTimeField(_("deleted at"), auto_now_add=True)

    class Meta:
        verbose_name = _("address of a deleted article")
        verbose_name_plural = _("addresses of deleted articles")

    def __str__(self):
        return self.path


@receiver(pre_delete, sender=Article)
def leave_addresses(instance, **kwargs):
    """Keep in mind where the article was, if the public could read it, and take it out of the index.

    However it is deleted: one by one, in the admin's list, with a query.
    """
    forget(instance.pk)
    # What is stored counts, and not what somebody may have changed since it was read.
    of_article = Article.objects.filter(pk=instance.pk)
    path = (of_article.published() | of_article.expired()).values_list("path", flat=True).first()
    if path:
        paths = [path, *instance.former_paths.values_list("path", flat=True)]
        GonePath.objects.bulk_create((GonePath(path=path) for path in paths), ignore_conflicts=True)


def _grouped(numbers):
    """Return the numbers as the reader's language writes them: 200,000."""
    return {name: number_format(number, force_grouping=True) for name, number in numbers.items()}
