"""manage.py move_casebook: another database's casebook into this one, and the proof that it's the same."""

from django.core.management.base import BaseCommand, CommandError

from cases import backup


class Command(BaseCommand):
    help = (
        "ほかのデータベースの casebook を、DATABASE_URL の空のデータベースに移し、同じであることを表で示します。"
        "DATA_DIR は同じままにします。サイトを止めてから動かしてください。元のデータベースは変えません。"
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--from",
            required=True,
            dest="former",
            metavar="URL",
            help="移す元（例: sqlite:////srv/casebook/var/casebook.sqlite3）",
        )

    def handle(self, *, former, **options):
        try:
            proofs = backup.move(former, self.stdout.write)
        except backup.Refused as refused:
            raise CommandError(f"移していません。{refused}") from None
        self.stdout.write(f"{'表':<37} {'行':>8}  内容のハッシュ")
        for proof in proofs:
            told = "" if proof.same else "  ← 移す間に、元が変わりました"
            self.stdout.write(f"{proof.label:<38} {proof.rows:>9,}  {proof.content[:16]}{told}")
        if not all(proof.same for proof in proofs):
            raise CommandError(
                "移す間に元が変わったので、同じではありません。サイトを止めて、空のところにやり直してください。"
            )
        self.stdout.write(f"移しました：{len(proofs)}の表すべてが、元と同じです。")
