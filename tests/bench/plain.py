"""A plain Django HttpResponse, without middleware or database. `/20480` is one of that many bytes."""

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(SECRET_KEY="x" * 50, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[])
django.setup()


def answer(request, octets=0):
    return HttpResponse(b"x" * octets, headers={"Content-Length": octets})


urlpatterns = [path("", answer), path("<int:octets>", answer)]
application = get_wsgi_application()
