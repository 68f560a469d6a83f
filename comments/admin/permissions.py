"""Who may do what at the desk, where it is the same for several pages."""

from ..permissions import may_moderate


class ReadByModerators:
    """For the admin of rows that moderators read and nobody writes there. Stands before ModelAdmin."""

    def has_view_permission(self, request, obj=None):
        return may_moderate(request.user)

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
