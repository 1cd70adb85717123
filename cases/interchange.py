"""The casebook in models that others read: a case as GIF 451-3「事例」, the catalogue as DCAT, how to cite. Pure.

GIF: デジタル庁 DS-451-3 (31 March 2022). It lets items be left out and others be added: what the casebook
doesn't know is left out, and a hearing item that the model has no place for stands under its own name.
"""

from datetime import date

from .addresses import SITE, absolute
from .exports import TERMS, File
from .record import Claim, Record
from .sheet import NOT_STATED

ABOUT = (
    "ひきこもりの方とご家族への支援に、市区町村と都道府県がオンラインをどう使っているかを、"
    "同じ項目で読み比べる公開の事例集です。"
)
RIGHTS_TOLD = "\n".join(f"{what}：{words}" for what, words in TERMS)
# The model's item → the hearing items that answer it. 背景・目的 is one item of the hearing and stays one.
GIF_ITEMS = {
    "取り組み理由": ("background",),
    "取り組み内容": (
        "support", "audience", "activity", "organisation", "introduction", "equipment", "privacy", "blending",
    ),
    "学んだこと": ("suited", "unsuited", "success", "failure", "message"),
    "成果": ("results", "effects", "voices"),
    "導入での工夫": ("remedies",),
    "制約条件": ("challenges",),
    "協力者": ("partners",),
}  # fmt: skip


def citation(record: Record) -> str:
    """How to cite this version of a case: the same words for ever, as is the address in them."""
    published = f"（{record.published_on:%Y-%m-%d}公開）" if record.published_on else ""
    address = absolute("version", record.slug, record.number)
    return f"{SITE}「{record.title}」第{record.number}版{published} {address}"


def gif(record: Record, prefecture: str, first_published: date) -> dict:
    """A record as 「事例」; `first_published` is the day of the case's first version."""
    facts = {fact.key: fact.value for fact in record.facts if fact.value != NOT_STATED}
    case = {
        "ID": record.slug,
        "タイトル": record.title,
        "事例の場所": prefecture,
        "対象組織": {
            "ID": {"体系": "全国地方公共団体コード", "識別値": record.code},
            "商号または名称": record.municipality,
            "組織種別": "地方公共団体",
        },
        "テーマ": facts["field"],
        "キーワード": ";".join(["ひきこもり支援", *_keywords(record, facts)]),
        "取り組みの概要": record.summary,
    }
    case |= _told(record)
    case |= {
        "イメージ": [
            {
                "イメージタイトル": photo.caption or photo.alt,
                "イメージファイル": absolute("photograph", photo.name),
                "イメージのライセンス": f"{photo.licence}（提供：{photo.credit}）",
            }
            for photo in record.photographs
        ],
        "関連URL": [url for _, url in record.links],
        "公開日": first_published.isoformat(),
        "最終更新日": (record.published_on or first_published).isoformat(),
        "掲載ページ": absolute("case", record.slug),
        "版": record.number,
        "出典": [
            {"番号": source.number, "題名": source.title, "箇所": "、".join(source.places), "URL": source.url}
            for source in record.sources
        ],
        "事例集": {
            "データカタログ名": SITE,
            "データカタログ説明": ABOUT,
            "ライセンス": RIGHTS_TOLD,
            "言語": "JPN",
        },
    }
    return _known(case)


def _known(thing):
    """Without what is blank, however deep: the model says to leave that out."""
    if isinstance(thing, list):
        return [_known(one) for one in thing]
    if isinstance(thing, dict):
        return {name: _known(value) for name, value in thing.items() if value not in ("", [])}
    return thing


def _keywords(record, facts):
    tools = [name for tool in record.tools for name in (tool.family, tool.name.removesuffix("等"))]
    return dict.fromkeys([*tools, *([facts["style"]] if "style" in facts else [])])


def _told(record):
    """The model's items → the claims that answer them, one a line; then the items it has no place for."""
    claims = _by_item(record)
    told = {
        name: [one for item in items for one in claims.pop(item, (item, []))[1]]
        for name, items in GIF_ITEMS.items()
    }
    told |= dict(claims.values())
    return {name: "\n".join(_line(one) for one in lines) for name, lines in told.items()}


def _by_item(record):
    """Item → its name and claims; a remedy that stands with its challenge counts to 工夫・克服方法."""
    entries = [entry for group in (*record.groups, record.beside) for entry in group.entries]
    claims = {entry.key: (entry.name, list(entry.claims)) for entry in entries}
    answers = [answer for _, some in claims.values() for one in some for answer in one.remedies]
    if answers:
        claims.setdefault("remedies", ("工夫・克服方法", []))[1].extend(answers)
    return claims


def _line(claim: Claim):
    return claim.text + "".join(f"［{number}］" for number in claim.sources)


def dcat(files: list[File], modified: date | None) -> dict:
    """The catalogue as DCAT (JSON-LD): one data set with its files, and the API."""
    home, data, service = absolute("entrance"), absolute("finder"), absolute("api")
    rights = {"@type": "dct:RightsStatement", "rdfs:label": _ja(RIGHTS_TOLD), "rdfs:seeAlso": _at(_terms())}
    dataset = {
        "@id": f"{data}#dataset",
        "@type": "dcat:Dataset",
        "dct:title": _ja(SITE),
        "dct:description": _ja(ABOUT),
        "dcat:keyword": [_ja(word) for word in ("ひきこもり支援", "オンライン", "自治体", "事例集")],
        "dct:language": LANGUAGE,
        "dct:spatial": {"@type": "dct:Location", "rdfs:label": _ja("日本")},
        "dct:rights": rights,
        "dcat:landingPage": _at(data),
        "dcat:distribution": [
            {
                "@id": absolute("file", file.name),
                "@type": "dcat:Distribution",
                "dct:title": _ja(file.title),
                "dct:description": _ja(file.description),
                "dcat:mediaType": _at(f"{MEDIA_TYPES}{file.media_type.partition(';')[0]}"),
                "dcat:accessURL": _at(data),
                "dcat:downloadURL": _at(absolute("file", file.name)),
                "dct:rights": rights,
            }
            for file in files
        ],
    }
    changed = {"dct:modified": {"@type": "xsd:date", "@value": modified.isoformat()}} if modified else {}
    return {
        "@context": CONTEXT,
        "@id": absolute("api_catalog"),
        "@type": "dcat:Catalog",
        "dct:title": _ja(SITE),
        "dct:description": _ja(ABOUT),
        "dct:language": LANGUAGE,
        "foaf:homepage": _at(home),
        **changed,
        "dcat:dataset": [dataset | changed],
        "dcat:service": [
            {
                "@id": f"{service}#service",
                "@type": "dcat:DataService",
                "dct:title": _ja(f"{SITE} API"),
                "dcat:endpointURL": _at(absolute("api_cases").removesuffix("cases")),
                "dcat:endpointDescription": _at(absolute("api_openapi")),
                "dcat:landingPage": _at(service),
                "dcat:servesDataset": _at(f"{data}#dataset"),
            }
        ],
    }


CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
LANGUAGE = {"@id": "http://id.loc.gov/vocabulary/iso639-1/ja"}


def _terms():
    return absolute("about") + "#terms"


def _ja(words):
    return {"@language": "ja", "@value": words}


def _at(address):
    return {"@id": address}
