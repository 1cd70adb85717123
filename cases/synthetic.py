"""Synthetic cases, to measure at any size: each says of itself that it's none. Never in the default data.

The same number always makes the same case, so a casebook grown in steps equals one made at once.
"""

import random
from datetime import date
from itertools import accumulate

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from . import index, search
from .models import (
    Case,
    CaseVersion,
    CatalogueStamp,
    Citation,
    Field,
    Item,
    Municipality,
    Silence,
    Source,
    Statement,
    Style,
    Theme,
    Tier,
    ToolUse,
)

MARK = "【合成データ】"
PREFIX = "synthetic-"
SOURCE_TITLE = "合成データ（性能測定用。実在の事例ではありません）"
AT_ONCE = 1_000  # cases a transaction
FEWEST_LETTERS, MOST_LETTERS = 1_600, 2_400  # aimed at; the last sentences go a little beyond
# From words in every case to words in one of a hundred, as in real prose.
NOUNS = (  # noqa: SIM905  as a list it would be a page
    "相談 居場所 本人 家族 参加者 支援員 画面 職員 予約 交流 時間 部屋 画像 音声 名前 希望 対面 訪問 連絡 記録 "
    "窓口 研修 通信 端末 案内 予算 広報 匿名 利用者 登録 会話 雑談 ゲーム 講座 仕事 就労 外出 生活 不安 安心 "
    "関係 目標 評価 課題 場面 経験 保護者 学校 病院 保健所 福祉課 協議会 社会福祉協議会 地域包括支援センター 民生委員 "
    "図書館 公民館 商工会 農家 寺院 大学 高校 卒業生 当事者会 家族会 専門家 精神保健福祉士 公認心理師 看護師 保健師 "
    "規約 同意書 合言葉 背景画像 字幕 手話 読み上げ 翻訳 録画 カメラ マイク イヤホン タブレット 回線 充電器 机 椅子 "
    "アバター 掲示板 絵文字 挨拶 自己紹介 献立 料理 園芸 釣り 天気 星空 鉄道 俳句 将棋 囲碁 編み物 写真展 合唱 "
    "散歩 体操 睡眠 昼食 夜間 早朝 休日 雪道 台風 停電 引っ越し 通学路 離島 山間部 港町 温泉街 工業団地 "
    "契約 入札 補助金 条例 監査 統計 名簿 暗号化 履歴 権限 保存期間"
).split()
FRAMES = (
    "この部署では、{0}と{1}を担当する人が、{2}について毎月{n}回話し合っている。",
    "{0}に不安のある人には、{1}を使わずに{2}から始められるようにしている。",
    "{0}を決めるときは、{1}の意見を聞き、{2}に無理のない形を選んだ。",
    "{n}年前から{0}を続けてきたことで、{1}と{2}のつながりができた。",
    "{0}の後に{1}へ移ると、{2}が話しやすくなることがある。",
    "はじめは{0}が少なかったが、{1}を見直して{n}人に増えた。",
    "{0}と{1}を分けて考え、{2}は別の担当が受け持つ。",
    "ここの{0}には{1}がなく、{2}で代えている。",
    "{0}については、{1}の都合に合わせて{n}日前までに知らせる。",
    "{0}だけでは{1}が伝わらないため、{2}を併せて用意する。",
)
_COMMONNESS = list(accumulate(0.95**rank for rank in range(len(NOUNS))))


class Refused(Exception):
    """Synthetic cases don't belong into this casebook; says why, in Japanese."""


def fill(size: int) -> int:
    """Add synthetic cases up to `size` published ones and let search read them → how many were added.

    Raises Refused where real work could be: they would be public and could never be deleted again.
    """
    if settings.DATA_DIR == settings.BASE_DIR / "var":
        raise Refused(
            "既定のDATA_DIR（var/）には合成データを入れません。DATA_DIRに別のフォルダーを指定してください。"
        )
    if get_user_model().objects.exists():
        raise Refused("利用者のいるcasebookには合成データを入れません。")
    if not Field.objects.exists():
        raise Refused("語彙がありません。先に `manage.py load_casebook` を実行してください。")
    missing = max(0, size - CaseVersion.objects.published().count())
    first = Case.objects.filter(slug__startswith=PREFIX).count() + 1
    words = _Words()
    for start in range(first, first + missing, AT_ONCE):
        _add(range(start, min(start + AT_ONCE, first + missing)), words)
    today = index.current()
    search.find(search.words(MARK, today), today)
    return missing


class _Words:
    """The vocabulary to draw from, read once; what stands first is the most frequent."""

    def __init__(self):
        self.source, _ = Source.objects.get_or_create(key="synthetic", defaults={"title": SOURCE_TITLE})
        self.fields, self.tiers, self.styles, self.themes = (
            list(model.objects.values_list("pk", flat=True)) for model in (Field, Tier, Style, Theme)
        )
        self.uses = sorted(set(ToolUse.objects.values_list("tool_id", "family_id")))
        self.items = list(Item.objects.values_list("pk", flat=True))
        self.hearing = list(Item.objects.exclude(group=Item.Group.BESIDE).values_list("pk", flat=True))
        self.municipalities = list(Municipality.objects.values_list("pk", flat=True))


@transaction.atomic
def _add(numbers, words):
    """The cases of these numbers, from draft to public: what is public takes no further part."""
    drawn = [_Draw(number, words) for number in numbers]
    Case.objects.bulk_create(draw.case for draw in drawn)
    CaseVersion.objects.bulk_create(draw.version for draw in drawn)
    ToolUse.objects.bulk_create(use for draw in drawn for use in draw.uses)
    Silence.objects.bulk_create(silence for draw in drawn for silence in draw.silences)
    told = [statement for draw in drawn for statement in draw.statements]
    Statement.objects.bulk_create(one for one in told if not one.answers)
    Statement.objects.bulk_create(one for one in told if one.answers)  # their challenges are saved now
    Citation.objects.bulk_create(cited for draw in drawn for cited in draw.citations)
    About = Statement.themes.through  # noqa: N806  a model
    About.objects.bulk_create(
        About(statement=statement, theme_id=theme) for draw in drawn for statement, theme in draw.themes
    )
    CaseVersion.objects.filter(pk__in=[draw.version.pk for draw in drawn]).publish_unchecked()
    CatalogueStamp.move(edition=None)


class _Draw:
    """One case, drawn by its number: its rows, unsaved."""

    def __init__(self, number, words):
        self.random = random.Random(number)  # noqa: S311  no secret hangs on it
        self.words = words
        self.case = Case(
            slug=f"{PREFIX}{number:06}", municipality_id=self.random.choice(words.municipalities)
        )
        self.version = self._version()
        self.uses = self._uses()
        self.statements = self._statements()
        told = {statement.item_id for statement in self.statements}
        self.silences = [
            Silence(version=self.version, item_id=item, kind=self._one_of(Silence.Kind.values))
            for item in words.hearing
            if item not in told
        ]
        self.citations = [
            Citation(statement=statement, source=words.source, place=f"{page}頁")
            for statement in self.statements
            for page in self.random.sample(range(1, 90), self._one_of([1, 1, 2]))
        ]
        self.themes = [
            (statement, theme)
            for statement in self.statements
            for theme in {self._one_of(words.themes) for _ in range(self.random.randint(0, 2))}
        ]

    def _one_of(self, values):
        """One of `values`, each half again as likely as the next."""
        return self.random.choices(values, [0.67**rank for rank in range(len(values))])[0]

    def _version(self):
        status = self._one_of(["unconfirmed", "continuing", "changed", "ended"])
        surveyed = date(self.random.randint(2020, 2026), 4, 1)
        return CaseVersion(
            case=self.case,
            number=1,
            field_id=self._one_of(self.words.fields),
            tier_id=self._one_of(self.words.tiers[::-1]),  # small municipalities are the most
            style_id=self._one_of([*self.words.styles, None]),
            summary=f"{MARK}{self._sentence()}",
            trial=self.random.random() < 0.1,
            source=self.words.source,
            service_status=status,
            service_evidence="" if status == "unconfirmed" else f"{MARK}照会への回答",
            surveyed_on=surveyed,
            surveyed_precision=CaseVersion.Precision.FISCAL_YEAR,
            checked_on=surveyed.replace(month=11) if self.random.random() < 0.3 else None,
        )

    def _uses(self):
        chosen = dict(self._one_of(self.words.uses) for _ in range(self.random.randint(1, 3)))
        return [
            ToolUse(version=self.version, tool_id=tool, family_id=family, main=not rank)
            for rank, (tool, family) in enumerate(chosen.items())
        ]

    def _statements(self):
        items = self.random.sample(self.words.items, self.random.randint(7, 14))
        each = self.random.randint(FEWEST_LETTERS, MOST_LETTERS) // len(items)
        statements = [
            Statement(version=self.version, item_id=item, text=self._prose(each), position=position)
            for position, item in enumerate(items)
        ]
        by_item = {statement.item_id: statement for statement in statements}
        if "remedies" in by_item and self.random.random() < 0.7:
            by_item["remedies"].answers = by_item.get("challenges")
        return statements

    def _prose(self, letters):
        prose = MARK
        while len(prose) < letters:
            prose += self._sentence()
        return prose

    def _sentence(self):
        nouns = self.random.choices(NOUNS, cum_weights=_COMMONNESS, k=3)
        frame = self.random.choice(FRAMES)
        return frame.format(*nouns, n=self.random.randint(2, 40))
