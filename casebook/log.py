"""gunicorn's log, which keeps nothing that readers typed, no link of a draft, and one line for each answer."""

import re

from gunicorn.glogging import Logger

_LINK = re.compile(r"(?<=^/preview/)[^/]+")  # whoever knows it reads the draft


class Log(Logger):
    """Told to gunicorn by `manage.py serve`."""

    def atoms(self, resp, req, environ, request_time):
        """The path as it came: what it decodes to may hold line breaks, and look like other lines."""
        path = environ.get("RAW_URI", "").partition("?")[0]
        return super().atoms(resp, req, environ, request_time) | {"U": _LINK.sub("-", path)}

    def exception(self, msg, *args, **kwargs):
        """An error outside of Django (a download that breaks off): its address without the query."""
        told = (arg.partition("?")[0] if isinstance(arg, str) else arg for arg in args)
        super().exception(msg, *told, **kwargs)
