"""What is sent to Akismet, where a key is set."""

from django.conf import settings
from django.contrib import admin
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from ..models import AkismetFields


@admin.register(AkismetFields)
class AkismetFieldsAdmin(admin.ModelAdmin):
    """One page with one form, listed where a key is set."""

    def has_module_permission(self, request):
        return bool(settings.AKISMET_KEY) and super().has_module_permission(request)

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not AkismetFields.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        if AkismetFields.objects.exists():
            return redirect("admin:comments_akismetfields_change", 1)
        return redirect("admin:comments_akismetfields_add")

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        context = {"title": _("What is sent to Akismet"), "show_save_and_add_another": False}
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))
