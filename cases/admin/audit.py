"""The audit log, to read. Nobody writes here, whatever their rights; the database refuses it as well."""

from django.contrib import admin
from django.utils import timezone

from ..models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    list_display = ["when", "who", "act", "about", "detail"]
    list_display_links = None
    list_filter = ["act", "at"]
    search_fields = ["who", "about", "detail"]
    search_help_text = "だれが・対象・詳細の言葉で探せます。"
    actions = None

    @admin.display(description="日時", ordering="pk")
    def when(self, entry):
        return f"{timezone.localtime(entry.at):%Y-%m-%d %H:%M:%S %Z}"

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
