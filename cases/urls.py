"""Public URLs. They never change once published."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.entrance, name="entrance"),
    path("cases/", views.finder, name="finder"),
    path("cases/<slug:slug>/", views.case, name="case"),
    path("tools/", views.tools, name="tools"),
    path("tools/<slug:slug>/", views.tool, name="tool"),
    path("about/", views.about, name="about"),
    path("photographs/<str:name>", views.photograph, name="photograph"),
]
