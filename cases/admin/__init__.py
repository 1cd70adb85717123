"""The editors' door: stock admin in Japanese."""

from django.contrib import admin

from . import case, version, vocabulary

admin.site.site_title = "事例集の編集"
admin.site.site_header = "ひきこもり支援 オンライン活用事例集の編集"
admin.site.index_title = "編集の入口"

__all__ = ["case", "version", "vocabulary"]
