"""Faults that pass: a locked or absent database or bucket, a full or read-only disk → what to say of them. Pure."""

import errno
from dataclasses import dataclass
from sqlite3 import OperationalError as FileError

from django.db import InterfaceError, OperationalError

FULL = {errno.ENOSPC, errno.EDQUOT}
READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
RETRY_SECONDS = 10


@dataclass(frozen=True)
class Unavailable:
    """The status of the answer, and why in Japanese."""

    status: int
    why: str


def unavailable(error: BaseException | None) -> Unavailable | None:
    """What to answer where `error`, or what it came from, will pass or needs the administrator; else None."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError | FileError):
            words = str(error)
            if "full" in words:
                return Unavailable(507, "保存する場所がいっぱいです。管理者に知らせてください。")
            if "unable to open" in words or "disk I/O" in words:
                return Unavailable(503, "データベースを開けません。管理者に知らせてください。")
            if "readonly" in words:
                return Unavailable(503, "いまは読むことだけができます。管理者に知らせてください。")
            return Unavailable(
                503, "ほかの処理がデータベースを使っています。少し待って、もう一度お試しください。"
            )
        # Of a bucket's errors (MEDIA_STORE): the package that names them comes with it alone.
        if type(error).__module__.partition(".")[0] in ("botocore", "boto3"):
            return Unavailable(503, "写真などの置き場所につながりません。管理者に知らせてください。")
        if isinstance(error, OSError) and error.errno in FULL:
            return Unavailable(507, "保存する場所がいっぱいです。管理者に知らせてください。")
        if isinstance(error, OSError) and error.errno in READ_ONLY:
            return Unavailable(503, "保存する場所に書き込めません。管理者に知らせてください。")
        error = error.__cause__ or error.__context__
    return None
