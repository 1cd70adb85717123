"""manage.py serve: everything `make run` does once the environment stands."""

import json
import os
import socket
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

MOST_WORKERS = 8  # each takes about 90 MB, and one answers some thousand readers a second
ACCESS_LOG = "%(t)s %(m)s %(U)s %(s)s %(B)s %(M)s"  # no query, referrer or address: none of ours to keep


class Command(BaseCommand):
    help = "データベースを整え、事例がなければ15事例を入れ、gunicornで公開します。"

    def add_arguments(self, parser):
        parser.add_argument(
            "--workers",
            type=int,
            default=min(max(os.cpu_count() or 2, 2), MOST_WORKERS),
            help=f"ワーカーの数（既定はコアの数。2から{MOST_WORKERS}まで）",
        )

    def handle(self, *, workers, **options):
        self._refuse_taken_port()
        call_command("migrate", verbosity=0)
        call_command("load_casebook", stdout=self.stdout)
        call_command("collectstatic", interactive=False, verbosity=0, clear=self._forget_broken_files())
        self.stdout.write(f"\ncasebook: {settings.SITE_URL}/ で見られます（終わるときは Ctrl+C）。")
        if not get_user_model().objects.filter(is_superuser=True).exists():
            self.stdout.write(
                "編集を始めるには、別の端末で `make editor` を実行して最初の管理者を作り、"
                f"{settings.SITE_URL}/admin/ を開いてください。"
            )
        self.stdout.flush()
        gunicorn = [
            sys.executable, "-m", "gunicorn", "casebook.wsgi:application",
            "--bind", settings.BIND, "--workers", str(workers), "--threads", "4", "--worker-class", "gthread",
            "--preload",  # read once: workers share the program's memory, and a killed one is replaced at once
            # Its warnings repeat what a malformed request asked for, and who did.
            "--no-control-socket", "--log-level", "error", "--logger-class", "casebook.log.Log",
            "--access-logfile", "-", "--access-logformat", ACCESS_LOG,
        ]  # fmt: skip
        if sys.platform == "linux":  # which shares connections out; otherwise one worker may get them all
            gunicorn.append("--reuse-port")
        os.execv(sys.executable, gunicorn)  # noqa: S606  our own interpreter and arguments

    def _forget_broken_files(self):
        """Whether the collected files are to be made anew: their list can't be read, and no start would survive that."""
        manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
        try:
            json.loads(manifest.read_bytes())
        except (OSError, ValueError):
            manifest.unlink(missing_ok=True)
            return True
        return False

    def _refuse_taken_port(self):
        family = socket.AF_INET6 if ":" in settings.BIND_HOST else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.BIND_HOST.strip("[]"), settings.BIND_PORT))
            except OSError as error:
                raise CommandError(
                    f"{settings.BIND} で待ち受けられません（{error.strerror}）。"
                    "ほかのプログラムが使っているときは、`BIND=127.0.0.1:8001 make run` のように別の番号で始めてください。"
                ) from None
