from django.contrib import admin
from django.db.models import Count
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from .models import Article, Author, Category, Revision, Tag


class RevisionInline(admin.TabularInline):
    """What was saved before, by whom and when. Read, never written."""

    model = Revision
    fields = ["number", "title", "saved_by", "saved_at"]
    readonly_fields = fields
    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("saved_by").defer("body")

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    list_display = ["title", "author", "status", "published_at", "is_published", "comment_policy"]
    list_filter = ["status", "published_at", "categories", "author"]
    list_select_related = ["author"]
    search_fields = ["title", "path", "standfirst"]
    date_hierarchy = "published_at"
    autocomplete_fields = ["author", "categories", "tags"]
    inlines = [RevisionInline]
    save_on_top = True
    rows = {"standfirst": 3, "body": 30}
    fieldsets = [
        (None, {"fields": ["title", "standfirst", "body"]}),
        (_("Publication"), {"fields": ["status", "published_at", "expires_at", "author"]}),
        (_("Place"), {"fields": ["path", "categories", "tags", "language"]}),
        (_("Discussion"), {"fields": ["comment_policy"]}),
    ]

    def get_fieldsets(self, request, obj=None):
        """Say whose clock the times are by, beside them."""
        fieldsets = super().get_fieldsets(request, obj)
        zone = _("Times are in the time zone %(zone)s.") % {"zone": timezone.get_current_timezone_name()}
        return [
            (title, options | {"description": zone} if "published_at" in options["fields"] else options)
            for title, options in fieldsets
        ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Give texts the room they need."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in self.rows:
            field.widget.attrs["rows"] = self.rows[db_field.name]
        if db_field.name in ("title", "path"):
            field.widget.attrs["class"] = "vLargeTextField"
        return field

    def get_changeform_initial_data(self, request):
        author = getattr(request.user, "author", None)
        return {"author": author.pk} if author else {}

    def get_deleted_objects(self, objs, request):
        """Whoever may delete an article may delete what belongs to it: its versions and its comments."""
        to_delete, counts, _perms_needed, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, set(), protected

    def save_model(self, request, obj, form, change):
        obj.save(by=request.user)


@admin.register(Revision)
class RevisionAdmin(admin.ModelAdmin):
    """One earlier version, to read."""

    list_display = ["title", "number", "saved_by", "saved_at"]
    list_select_related = ["saved_by"]
    fields = ["article", "number", "title", "standfirst", "source", "saved_by", "saved_at"]
    readonly_fields = fields

    @admin.display(description=_("text"))
    def source(self, revision):
        return format_html('<pre class="source-text">{}</pre>', revision.body)

    def has_module_permission(self, request):
        return False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Author)
class AuthorAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "article_count"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["user"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(number_of_articles=Count("articles"))

    @admin.display(description=_("articles"), ordering="number_of_articles")
    def article_count(self, author):
        return author.number_of_articles


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["indented_name", "path"]
    search_fields = ["name", "path"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["parent"]
    ordering = ["path"]

    @admin.display(description=_("name"), ordering="path")
    def indented_name(self, category):
        return "— " * category.depth + category.name


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
