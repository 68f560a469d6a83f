"""Of which waiting comments an editor is told by mail: one form, each for themselves."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ..models import MailWish
from .permissions import ReadByModerators


@admin.register(MailWish)
class MailWishAdmin(ReadByModerators, admin.ModelAdmin):
    radio_fields = {"waiting": admin.VERTICAL}

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and (obj is None or obj.user == request.user)

    def has_change_permission(self, request, obj=None):
        return self.has_view_permission(request, obj)

    def changelist_view(self, request, extra_context=None):
        """Lead everybody to their own form, with what holds without a row where there is none."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wish, _is_new = MailWish.objects.get_or_create(user=request.user)
        return HttpResponseRedirect(reverse("admin:comments_mailwish_change", args=[wish.pk]))

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        context = {
            "title": _("Mail to me"),
            "subtitle": None,
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.base_fields["waiting"].help_text = (
            _("Mail goes to %(address)s, at most every ten minutes.") % {"address": request.user.email}
            if request.user.email
            else _("Your account has no email address, so no mail is sent. An administrator can add one.")
        )
        return form
