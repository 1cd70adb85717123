"""Two doors: public pages, which never write, and the admin, which never serves the public."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("cases.urls")),
]

handler400 = "cases.views.bad_request"
handler403 = "cases.views.forbidden"
handler404 = "cases.views.not_found"
handler500 = "cases.views.server_error"
