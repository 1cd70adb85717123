"""Environment variables → values; what is wrong is refused with one line in Japanese (ImproperlyConfigured)."""

import os
import re
import secrets
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def bind(text):
    """`host:port` → (host, port); refused in words."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise ImproperlyConfigured(f"BIND は「127.0.0.1:8000」の形で書いてください（いまの値: {text}）。")
    return host, int(port)


def site(text, name="SITE_URL"):
    """The address of a site, as its parts; refused in words."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  raises where the port is not a number
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(
            f"{name} は「https://casebook.example.jp」の形で、末尾に / を付けずに書いてください（いまの値: {text}）。"
        )
    return parts


def contact(text):
    """A mail address or an https address → a URI to link to ("" for none); refused in words."""
    if not text or re.fullmatch(r"https://[^\s/]+\S*", text):
        return text
    if re.fullmatch(r"[^\s@:/?&]+@[^\s@:/?&]+\.[^\s@:/?&]+", text):
        return f"mailto:{text}"
    raise ImproperlyConfigured(
        f"CONTACT は、メールアドレスか「https://」で始まるアドレスにしてください（いまの値: {text}）。"
    )


def flag(name):
    """An on/off variable; anything but 0, 1 or nothing is refused in words."""
    text = os.environ.get(name, "")
    if text not in ("", "0", "1"):
        raise ImproperlyConfigured(f"{name} は 0 か 1 にしてください（いまの値: {text}）。")
    return text == "1"


def data_dir(path, name="DATA_DIR"):
    """A folder for what changes, made if absent; refused in words if it can't be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name} のフォルダーを作れません（{path}: {error.strerror}）。") from None
    return path


def secret_key(path):
    """The key kept in `path`, made on the first start with mode 0600.

    It's written aside and linked into place, so of two first starts one wins and both read a whole key.
    """
    if not path.exists():
        try:
            handle, aside = tempfile.mkstemp(dir=path.parent)  # O_EXCL, mode 0600
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(64))
            try:
                os.link(aside, path)
            except FileExistsError:
                pass
            finally:
                Path(aside).unlink()
        except OSError as error:
            raise ImproperlyConfigured(
                f"DATA_DIR に秘密鍵を保存できません（{path}: {error.strerror}）。"
                "書き込める場所を DATA_DIR に指定するか、SECRET_KEY を設定してください。"
            ) from None
    return path.read_text()


def database(name, default=""):
    """What the variable `name` says: SQLite set up to take readers and writers at once, or PostgreSQL."""
    try:
        database = dj_database_url.parse(os.environ.get(name) or default)
    except (ValueError, dj_database_url.ParseError):
        database = {"ENGINE": ""}
    # Connections stay open: cheaper, and SQLite's readers go on when the disk is full.
    database["CONN_MAX_AGE"] = None
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # Without these, simultaneous saves fail with "database is locked".
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=268435456;",
        }
    elif database["ENGINE"] == "django.db.backends.postgresql":
        _require(name, "psycopg")
        database["CONN_HEALTH_CHECKS"] = True
    else:  # the URL may hold a password: it isn't repeated
        raise ImproperlyConfigured(
            f"{name} を読み取れません。「postgres://利用者:パスワード@ホスト/データベース名」の形で書いてください。"
        )
    return database


def _require(name, *packages):
    """The packages that the value of `name` needs are there, or it's refused in words."""
    if not all(map(find_spec, packages)):
        raise ImproperlyConfigured(
            f"いまの {name} を使うには、requirements-server.txt のパッケージを入れてください。"
        )


def media_store(text, default):
    """A folder or `s3://bucket/prefix?endpoint=…&region=…` → (MEDIA_ROOT, the default storage); refused in words.

    Who may write into the bucket is said by the usual AWS_… variables, or by the machine itself.
    """
    if not text or text.startswith("/"):
        # One that others share isn't made here: where its disk isn't mounted, photographs would be lost to sight.
        if text and not Path(text).is_dir():
            raise ImproperlyConfigured(f"MEDIA_STORE のフォルダーがありません（{text}）。")
        root = Path(text or default) / "media"
        return root, {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    try:
        parts = urlsplit(text)
        more = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        parts, more = urlsplit(""), {}
    is_known = parts.scheme == "s3" and more.keys() <= {"endpoint", "region"} and not parts.fragment
    if not is_known or not re.fullmatch(r"[a-z0-9][a-z0-9.-]+", parts.netloc):
        # The value may hold a key: it isn't repeated.
        raise ImproperlyConfigured(
            "MEDIA_STORE は、/ で始まるフォルダーか「s3://バケット/前置き?endpoint=https://…」の形で書いてください。"
        )
    if "endpoint" in more:
        site(more["endpoint"], "MEDIA_STORE の endpoint")
    _require("MEDIA_STORE", "storages", "boto3")
    from botocore.config import Config  # an extra

    return "", {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": parts.netloc,
            "location": parts.path.strip("/"),
            "endpoint_url": more.get("endpoint"),
            "region_name": more.get("region"),
            "file_overwrite": True,  # names are ours and random; one written again replaces the old one whole
            "querystring_auth": False,
            "max_memory_size": 2**24,  # of a file read; what's larger goes by a temporary file
            # By itself it would try five times and wait for a minute each time, longer than a reader.
            "client_config": Config(connect_timeout=3, read_timeout=15, retries={"total_max_attempts": 2}),
        },
    }
