"""The editors' door itself: who comes in, and what becomes of those whose session has ended."""

from functools import wraps

from django.conf import settings
from django.contrib import admin
from django.http import HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse

from .. import audit
from . import second_factor, sign_in
from .dashboard import dashboard


class EditingSite(admin.AdminSite):
    """Django's own, asking for the second factor, and losing nothing that was typed before the session ended."""

    site_title = "事例集の編集"
    site_header = "ひきこもり支援 オンライン活用事例集の編集"
    index_title = "編集の入口"
    login_form = sign_in.SignInForm

    def get_urls(self):
        own = self.admin_view(lambda request: second_factor.page(request, self))
        return [path("second-factor/", own, name="second_factor"), *super().get_urls()]

    def index(self, request, extra_context=None):
        return super().index(request, {**dashboard(request.user), **(extra_context or {})})

    def has_permission(self, request):
        return super().has_permission(request) and second_factor.is_given(request.user)

    def admin_view(self, view, cacheable=False):
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def inner(request, *args, **kwargs):
            if not self.has_permission(request) and request.path != reverse("admin:logout"):
                return self._ask(request)
            with audit.acting(request.user):
                return guarded(request, *args, **kwargs)

        return inner

    def _ask(self, request):
        """To the sign-in page. What a form sent (files and passwords apart) is carried along to be sent again."""
        address = request.get_full_path()
        if request.method != "POST":
            query = QueryDict(mutable=True)
            query["next"] = address
            if settings.SESSION_COOKIE_NAME in request.COOKIES:
                query["ended"] = "1"
            return HttpResponseRedirect(f"{reverse('admin:login')}?{query.urlencode(safe='/')}")
        carried = request.POST.copy()
        for name in [name for name in carried if "password" in name or name == "csrfmiddlewaretoken"]:
            del carried[name]
        context = {
            **self.each_context(request),
            "title": "ログイン",
            "form": self.login_form(request),
            "app_path": reverse("admin:login"),
            "next": address,
            "carried": carried.urlencode(),
        }
        return TemplateResponse(request, "admin/login.html", context, status=403)

    def login(self, request, extra_context=None):
        carried = request.POST.get("carried", "")
        answer = super().login(request, {**(extra_context or {}), "carried": carried})
        if not carried or answer.status_code != 302:
            return answer
        context = {
            **self.each_context(request),
            "title": "書いた内容をもう一度送る",
            "address": answer.url,
            "fields": list(QueryDict(carried).lists()),
        }
        return TemplateResponse(request, "admin/send-again.html", context)
