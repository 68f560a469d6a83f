from django.contrib import admin
from django.db.models import Count
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
    fieldsets = [
        (None, {"fields": ["title", "standfirst", "body"]}),
        (_("Publication"), {"fields": ["status", "published_at", "expires_at", "author"]}),
        (_("Place"), {"fields": ["path", "categories", "tags", "language"]}),
        (_("Discussion"), {"fields": ["comment_policy"]}),
    ]

    def get_changeform_initial_data(self, request):
        author = getattr(request.user, "author", None)
        return {"author": author.pk} if author else {}

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
