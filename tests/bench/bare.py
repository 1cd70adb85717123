"""The limit: a WSGI application that does nothing but answer. `/20480` is that many bytes."""

from functools import cache


@cache
def _answer(octets):
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(octets))]
    return headers, [b"x" * octets]


def application(environ, start_response):
    headers, body = _answer(int(environ["PATH_INFO"].strip("/") or 0))
    start_response("200 OK", headers)
    return body
