"""照会文案: a draft letter that asks a municipality what its case doesn't answer, and nothing else. Pure."""

from dataclasses import dataclass

from .addresses import SITE, absolute
from .models import Item, Silence
from .record import Record
from .sheet import NOT_STATED

UNCONFIRMED = "未確認"
# What is asked of an item; of any other, simply its name.
QUESTIONS = {
    "background": "オンラインでの支援を始めた背景や目的",
    "support": "支援の内容",
    "audience": "支援の対象にしている方",
    "activity": "実施の頻度や時間帯など、実施の状況",
    "results": "利用の実績（個人が分からない範囲の数で結構です）",
    "voices": "利用された方のご意見や満足度で、公表できるもの",
    "organisation": "担当の部署や人数など、実施の体制",
    "partners": "連携している機関と、その役割",
    "introduction": "検討を始めてから実施に至るまでの手順と、かかった期間",
    "equipment": "使っている機器・通信回線と、その費用",
    "privacy": "個人情報を守るための決まりや工夫",
    "effects": "オンラインにして得られた効果",
    "challenges": "課題になっていること",
    "remedies": "課題に対する工夫",
    "suited": "オンラインが適する場面",
    "unsuited": "オンラインが適さない場面",
    "blending": "オンラインと対面の使い分けや併用のしかた",
    "success": "うまく進んだ要因",
    "failure": "うまく進まなかったことと、その要因",
    "outlook": "今後の予定",
    "message": "これから検討する自治体へのご助言",
}
FACTS = {
    "style": "支援の方式（画面越し、テキストによるなど）",
    "tool": "使っているツール",
    "surveyed": "この取組の実施時期",
}


@dataclass(frozen=True)
class Inquiry:
    """A draft; who sends it and when is for the sender to fill in. `groups` are (heading, questions)."""

    title: str
    addressee: str
    subject: str
    opening: list[str]
    address: str
    groups: list[tuple[str, list[str]]]
    closing: list[str]

    @property
    def count(self) -> int:
        return sum(len(questions) for _, questions in self.groups)


def draft(record: Record, items: list[Item]) -> Inquiry:
    """What a record leaves open of these items (出典に記載なし, 未入力), and of its facts → the draft."""
    told = {entry.key for group in record.groups for entry in group.entries if entry.claims}
    told |= {entry.key for group in record.groups for entry in group.entries if _is_none(entry)}
    if any(claim.remedies for group in record.groups for entry in group.entries for claim in entry.claims):
        told.add("remedies")  # they stand with their challenges
    groups = [("取組の概要", _about_facts(record))]
    for key, name in Item.Group.choices:
        asked = [
            item for item in items if item.group == key and key != Item.Group.BESIDE and item.key not in told
        ]
        groups.append((name, [QUESTIONS.get(item.key, item.name) for item in asked]))
    return Inquiry(
        title=record.title,
        addressee=f"{record.municipality} ひきこもり支援ご担当者 様",
        subject=f"{record.title}の取組について（照会）",
        opening=[
            "日頃より、ひきこもりの方とそのご家族への支援にご尽力されていることに、敬意を表します。",
            f"当自治体では、ひきこもり支援でのオンラインの活用を検討しており、「{SITE}」に掲載されている"
            f"貴自治体の取組（{record.summary}）を拝見しました。",
            "検討の参考とするため、公表されている資料からは分からなかった次の点について、"
            "差し支えのない範囲でお教えくださいますようお願いいたします。お手元の資料をお送りいただくことでも結構です。",
        ],
        address=absolute("version", record.slug, record.number),
        groups=[(name, questions) for name, questions in groups if questions],
        closing=[
            "お忙しいところ恐れ入りますが、　　　月　　　日（　　）までにご回答いただければ幸いです。",
            "利用されている方やご家族、職員の方など、個人に関することはお書きにならないようお願いいたします。",
            "ご回答は庁内での検討にのみ使い、公表するときは改めてご了解をいただきます。",
        ],
    )


def _is_none(entry):
    return entry.silence.startswith(Silence.Kind.NONE.label)


def _about_facts(record):
    facts = {fact.key: fact.value for fact in record.facts}
    asked = (
        ["この取組をいまも続けておられるか、変わったところがあるか"]
        if facts["status"].startswith(UNCONFIRMED)
        else []
    )
    return asked + [words for key, words in FACTS.items() if facts.get(key) == NOT_STATED]
