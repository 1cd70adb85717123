"""The 1,788 local governments, by their 全国地方公共団体コード."""

import re

from django.core.exceptions import ValidationError
from django.db import models

from .stamp import Stamped

# The eight usual regions, by the prefectures' codes; 三重県 is counted to 近畿.
REGIONS = {
    "hokkaido": ("北海道", range(1, 2)),
    "tohoku": ("東北", range(2, 8)),
    "kanto": ("関東", range(8, 15)),
    "chubu": ("中部", range(15, 24)),
    "kinki": ("近畿", range(24, 31)),
    "chugoku": ("中国", range(31, 36)),
    "shikoku": ("四国", range(36, 40)),
    "kyushu-okinawa": ("九州・沖縄", range(40, 48)),
}


def region_of(prefecture_code: str) -> str:
    """The key of the region that a prefecture's two digits lie in."""
    return next(key for key, (_, codes) in REGIONS.items() if int(prefecture_code) in codes)


def check_code(code: str) -> None:
    """Refuse what is not a 6-digit local government code with a right check digit.

    The digit is 11 − (Σ digit × weight 6…2) mod 11, its last figure (総務省 全国地方公共団体コード仕様).
    Raises ValidationError in words.
    """
    if not re.fullmatch(r"[0-9]{6}", code):
        raise ValidationError("団体コードは6桁の半角数字です（先頭の0も書きます）。")
    total = sum(int(digit) * weight for digit, weight in zip(code, (6, 5, 4, 3, 2), strict=False))
    if int(code[5]) != (11 - total % 11) % 10:
        raise ValidationError(
            "団体コードの検査数字（6桁目）が合いません。写し間違いがないか確かめてください。"
        )


class Municipality(Stamped):
    class Kind(models.TextChoices):
        PREFECTURE = "prefecture", "都道府県"
        DESIGNATED_CITY = "designated_city", "政令指定都市"
        SPECIAL_WARD = "special_ward", "特別区"
        CITY = "city", "市"
        TOWN = "town", "町"
        VILLAGE = "village", "村"

    class Band(models.TextChoices):
        GE300K = "ge300k", "30万人以上"
        FROM_100K = "100k-300k", "10万人以上30万人未満"
        FROM_50K = "50k-100k", "5万人以上10万人未満"
        LT50K = "lt50k", "5万人未満"

    code = models.CharField(
        "団体コード",
        primary_key=True,
        max_length=6,
        validators=[check_code],
        help_text="全国地方公共団体コード6桁。6桁目は検査数字です。",
    )
    prefecture = models.CharField("都道府県", max_length=4)
    name = models.CharField("名称", max_length=20, help_text="市区町村の名称。都道府県では都道府県名。")
    reading = models.CharField("読み", max_length=40, help_text="ひらがな。")
    kind = models.CharField("種別", max_length=20, choices=Kind.choices)
    band = models.CharField(
        "人口段階",
        max_length=10,
        choices=Band.choices,
        blank=True,
        help_text="令和2年国勢調査による段階。報告書の自治体区分とは別のもので、そこから導くことはしません。",
    )

    class Meta:
        verbose_name = verbose_name_plural = "自治体"
        ordering = ["code"]

    def __str__(self):
        return self.full_name

    @property
    def full_name(self) -> str:
        """With its prefecture: 三重県鳥羽市; a prefecture alone: 京都府."""
        return self.above + self.name

    @property
    def above(self) -> str:
        """The prefecture that it lies in; "" for a prefecture itself."""
        return "" if self.kind == self.Kind.PREFECTURE else self.prefecture

    @property
    def prefecture_code(self) -> str:
        """The two digits of the prefecture."""
        return self.code[:2]
