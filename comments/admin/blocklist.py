"""The blocklist in the editors' hands."""

from django.contrib import admin

from ..models import BlocklistEntry


@admin.register(BlocklistEntry)
class BlocklistEntryAdmin(admin.ModelAdmin):
    list_display = ["text", "kind", "effect", "note", "created_at"]
    list_filter = ["kind", "effect"]
    search_fields = ["text", "note"]
