"""The WSGI application that gunicorn serves."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "casebook.settings")

application = get_wsgi_application()
if not settings.DEBUG:  # there, what a page is made from changes without a word
    application = import_string("cases.kept.Kept")(application)

gc.freeze()  # the collector leaves what's read by now alone: workers share its memory for as long as nobody writes to it
