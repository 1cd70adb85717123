"""Somebody who visits the served site over HTTP with cookies, reads forms and sends them back."""

from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

TIMEOUT_SECONDS = 60


class Visitor:
    """A visitor of `site`, with cookies of their own."""

    def __init__(self, site):
        self.site = site
        self.opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def ask(self, path: str, data=None, *, files=None) -> tuple[int, str]:
        """(status, text) of a GET, or of a POST of `data`; with `files` (name → (file name, bytes)) multipart."""
        headers = {"Referer": f"{self.site.url}{path}"}
        body = None
        if files is not None:
            body, headers["Content-Type"] = _multipart(data, files)
        elif data is not None:
            body = urlencode(data, doseq=True).encode()
        try:
            request = Request(f"{self.site.url}{path}", body, headers)
            with self.opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return answer.status, answer.read().decode(errors="replace")  # a workbook is no text
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def form(self, path: str) -> dict[str, list[str]]:
        """What the page at `path` would send back if nothing were changed, its buttons left out."""
        return read_form(self.ask(path)[1])

    def sign_in(self, name: str, words: str) -> "Visitor":
        path = "/admin/login/"
        status, page = self.ask(
            f"{path}?next=/admin/", self.form(path) | {"username": name, "password": words}
        )
        assert status == 200
        assert "/admin/logout/" in page, "signed in"
        return self


def read_form(page: str) -> dict:
    """The fields of a page's forms with their values: name → text (several of one name: the texts)."""
    reader = _Reader()
    reader.feed(page)
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in reader.fields.items()}


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.fields, self.name, self.text, self.select = {}, None, "", None

    def handle_starttag(self, tag, pairs):
        given = dict(pairs)
        name, kind = given.get("name"), given.get("type", "text")
        if tag == "input" and name and kind not in ("submit", "button", "file", "checkbox", "radio"):
            self._add(name, given.get("value") or "")
        elif tag == "input" and name and kind in ("checkbox", "radio") and "checked" in given:
            self._add(name, given.get("value", "on"))
        elif tag == "textarea":
            self.name, self.text = name, ""
        elif tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given and self.select:
            self._add(self.select, given.get("value", ""))

    def handle_data(self, data):
        self.text += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self.name:
            self._add(self.name, self.text.removeprefix("\n"))
            self.name = None
        if tag == "select":
            self.select = None

    def _add(self, name, text):
        self.fields.setdefault(name, [])
        if name != "csrfmiddlewaretoken" or not self.fields[name]:  # one in each form of the page
            self.fields[name].append(text)


def _multipart(data, files):
    boundary = "casebook-test-boundary"
    parts = []
    for name, texts in (data or {}).items():
        for text in texts if isinstance(texts, list) else [texts]:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            parts.append(head.encode() + str(text).encode() + b"\r\n")
    for name, (file_name, content) in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
