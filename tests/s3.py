"""An S3 store for the tests, in memory: as much of its protocol as a bucket of files takes, on this machine."""

import hashlib
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

OK, NO_CONTENT, PART, NOT_FOUND = 200, 204, 206, 404


@contextmanager
def store():
    """Run it for as long as the block lasts: gives its address and its objects, `bucket/name` → bytes.

    Objects taken out of the dictionary or changed there are so for its clients too.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Store)
    server.objects, server.parts = {}, {}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.objects
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Store(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        """Nothing: the tests' output is their own."""

    @property
    def name(self):
        return unquote(urlsplit(self.path).path).lstrip("/")

    @property
    def asked(self):
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def do_PUT(self):  # noqa: N802
        content = self._content()
        if "partNumber" in self.asked:
            self.server.parts[self.name, int(self.asked["partNumber"][0])] = content
        else:
            self.server.objects[self.name] = content
        self._answer(OK, b"", {"ETag": _tag(content)})

    def do_POST(self):  # noqa: N802
        self._content()
        if "uploads" in self.asked:
            xml = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
        else:  # all parts are there
            numbers = sorted(number for name, number in self.server.parts if name == self.name)
            self.server.objects[self.name] = b"".join(self.server.parts.pop((self.name, n)) for n in numbers)
            xml = "<CompleteMultipartUploadResult/>"
        self._answer(OK, xml.encode())

    def do_DELETE(self):  # noqa: N802
        self.server.objects.pop(self.name, None)
        self._answer(NO_CONTENT, b"")

    def do_HEAD(self):  # noqa: N802
        self.do_GET()

    def do_GET(self):  # noqa: N802
        if "list-type" in self.asked or "prefix" in self.asked:
            self._answer(OK, self._list().encode())
        elif (content := self.server.objects.get(self.name)) is None:
            self._answer(NOT_FOUND, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            more = {"ETag": _tag(content), "Last-Modified": format_datetime(datetime.now(UTC), usegmt=True)}
            status, whole = OK, len(content)
            if asked := self.headers.get("Range"):
                first, _, last = asked.removeprefix("bytes=").partition("-")
                last = min(int(last or whole), whole - 1)
                status, content = PART, content[int(first) : last + 1]
                more["Content-Range"] = f"bytes {first}-{last}/{whole}"
            self._answer(status, content, more)

    def _list(self):
        start = f"{self.name.rstrip('/')}/{self.asked['prefix'][0]}"
        bucket = f"{self.name.rstrip('/')}/"
        keys = "".join(
            f"<Contents><Key>{escape(name.removeprefix(bucket))}</Key><Size>{len(content)}</Size></Contents>"
            for name, content in sorted(self.server.objects.items())
            if name.startswith(start)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{keys}</ListBucketResult>"

    def _content(self):
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return content
        pieces = b""
        while size := int(content.partition(b"\r\n")[0].partition(b";")[0], 16):
            start = content.index(b"\r\n") + 2
            pieces += content[start : start + size]
            content = content[start + size + 2 :]
        return pieces

    def _answer(self, status, body, more=None):
        self.send_response(status)
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _tag(content):
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
