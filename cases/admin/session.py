"""How long a session lasts: an hour after its last use, and twelve hours after the sign-in in any case."""

import time

from django.contrib.auth import SESSION_KEY
from django.urls import reverse

IDLE = 60 * 60  # seconds
WHOLE = 12 * 60 * 60
NOTED = 60  # not every request is worth a write


def begin(session) -> None:
    """Start the clocks of a session that has just been signed in, under a key that nobody has seen yet.

    Django keeps the key where the same user signs in again, as with a second factor set up meanwhile.
    """
    session.cycle_key()
    session["began"] = session["seen"] = int(time.time())


def limits(get_response):
    """Middleware: end a session whose time is over. Only the admin has sessions; elsewhere nobody looks.

    It's the server's clock that decides, so a copied cookie ends with it.
    """

    def middleware(request):
        if request.path.startswith(reverse("admin:index")) and SESSION_KEY in request.session:
            session, now = request.session, int(time.time())
            unused = now - session.get("seen", 0)
            if unused > IDLE or now - session.get("began", 0) > WHOLE:
                session.flush()
            elif unused >= NOTED:
                session["seen"] = now
        return get_response(request)

    return middleware
