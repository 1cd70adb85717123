"""Tables that mean harm or are merely broken, made cheaply: HOSTILE name → () → (file name, bytes).

All but `eleven_megabytes` are smaller than 10 MB, so that the limit for files isn't what catches them. Those in
SOUND do no harm and may be read; every other must be refused in words.
"""

import io
import stat
import struct
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
GOOD_ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>項目</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>試験用の値</t></is></c></row>'
)
MEGABYTE = 1024 * 1024
SOUND = {"csv_cr", "deep_part_nobody_reads", "cell_without_value_at_xfd1048576"}


def sheet(rows=GOOD_ROWS, before="", after=""):
    return f'{XML}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def parts(**changed):
    """The parts of a small sound workbook; `changed`: sheet, strings, styles, workbook, relations, types."""
    made = {
        "[Content_Types].xml": changed.get("types")
        or f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/></Types>',
        "_rels/.rels": f'{XML}<Relationships xmlns="{RELATIONS}">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": changed.get("workbook")
        or f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="記述" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": changed.get("relations")
        or f'{XML}<Relationships xmlns="{RELATIONS}">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="rId3" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": changed.get("sheet") or sheet(),
    }
    if "strings" in changed:
        made["xl/sharedStrings.xml"] = changed["strings"]
    if "styles" in changed:
        made["xl/styles.xml"] = changed["styles"]
    return made


def package(entries):
    """A zip of name → text, bytes, or an iterable of bytes that is written piece by piece."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in entries.items():
            if isinstance(content, (str, bytes)):
                archive.writestr(name, content)
            else:
                with archive.open(name, "w") as entry:
                    for piece in content:
                        entry.write(piece)
    return file.getvalue()


def xlsx(rows=None, **changed):
    """A workbook of these rows (XML), or with these parts changed."""
    if rows is not None:
        changed["sheet"] = sheet(rows)
    return "hostile.xlsx", package(parts(**changed))


def repeated(before, piece, times, after):
    """`piece` many times between two texts, a megabyte or so at once."""
    at_once = max(1, MEGABYTE // len(piece))
    yield before.encode()
    for _ in range(times // at_once):
        yield piece.encode() * at_once
    yield piece.encode() * (times % at_once)
    yield after.encode()


def _long_sheet(piece, times, before=""):
    start, end = sheet(before + "|").split("|")
    return xlsx(sheet=repeated(start, piece, times, end))


def _numbered_rows(count):
    start, end = sheet("|").split("|")
    rows = (
        "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(first, first + 10_000)).encode()
        for first in range(1, count, 10_000)
    )
    return xlsx(sheet=[start.encode(), *rows, end.encode()])


def _strings(piece, times):
    return xlsx(strings=repeated(f'{XML}<sst xmlns="{MAIN}">', piece, times, "</sst>"))


def _doctype(doctype, text):
    rows = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'
    return xlsx(sheet=sheet(rows).replace(XML, XML + doctype))


def _laughs():
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return _doctype(f"<!DOCTYPE x [{entities}]>", "&a9;")


def _utf_16_doctype():
    text = sheet().replace(XML, '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "ha">]>')
    return xlsx(sheet=text.encode("utf-16"))


def _utf_7_doctype():
    text = '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x [+ADwAIQ-ENTITY a "ha"+AD4]+AD4-'
    return xlsx(sheet=text + sheet().removeprefix(XML))


def _with_entry(name, content=b"harm", mode=None):
    file = io.BytesIO(package(parts()))
    with zipfile.ZipFile(file, "a") as archive:
        entry = zipfile.ZipInfo(name)
        entry.filename = name
        if mode:
            entry.create_system, entry.external_attr = 3, mode << 16
        archive.writestr(entry, content)
    return "hostile.xlsx", file.getvalue()


def _many_entries():
    return "hostile.xlsx", package(parts() | {f"xl/media/{n}.txt": b"" for n in range(20_000)})


def _bad_checksum():
    content = package(parts())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        checksum = struct.pack("<L", archive.getinfo("xl/worksheets/sheet1.xml").CRC)
    return "hostile.xlsx", content.replace(checksum, b"\0\0\0\0")


def _understated_size():
    """60 MB that the zip says to be 1,000 bytes."""
    _, content = _long_sheet(" ", 60 * MEGABYTE)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = struct.pack("<L", archive.getinfo("xl/worksheets/sheet1.xml").file_size)
    return "hostile.xlsx", content.replace(size, struct.pack("<L", 1_000))


def _locked_zip():
    content = bytearray(package(parts()))
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    return "hostile.xlsx", bytes(content)


def _macro():
    types = parts()["[Content_Types].xml"].replace("openxmlformats-officedocument.spreadsheetml.sheet.main",
                                                   "ms-excel.sheet.macroEnabled.main")  # fmt: skip
    return "hostile.xlsm", package(parts(types=types) | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def _ods():
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return "hostile.xlsx", package({"mimetype": kind, "content.xml": "<x/>", "META-INF/manifest.xml": "<x/>"})


def _word():
    types = parts()["[Content_Types].xml"].replace("spreadsheetml.sheet", "wordprocessingml.document")
    return xlsx(types=types)


def _odd_cells():
    cells = (
        '<c r="A2" t="s"><v>999</v></c>', '<c r="A2" t="s"><v>-1</v></c>', '<c r="A2"><v>NaN</v></c>',
        '<c r="A2"><v>1_0</v></c>', '<c r="A2" s="99999999999"><v>x</v></c>', '<c r="A2" t="zzz"><v>&#9;</v></c>',
        '<c r="ZZZZ2"><v>1</v></c>', '<c r="A3"><v>1</v></c>', '<c r="A2"><v>1</v></c><c r="A2"><v>2</v></c>',
        '<c r="A2" t="e"><v>#REF!</v></c>', '<c r="A2"><f>1+1</f><v>2</v></c>', '<c r="A2"><v>1e999</v></c>',
    )  # fmt: skip
    return [xlsx(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="2">{cell}</row>') for cell in cells]


def _many_sheets_of_one_part():
    listed = "".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="rId1"/>' for n in range(5_000))
    return xlsx(workbook=f'{XML}<workbook xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>')


def _shared_long_string():
    strings = f"{XML}<sst><si><t>{'あ' * 32_000}</t></si></sst>"
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 10_000))
    return xlsx(rows, strings=strings)


def _csv(content):
    return lambda: ("hostile.csv", content() if callable(content) else content)


HOSTILE = {
    # What a zip or its XML unfolds to
    "string_of_400_megabytes": lambda: _strings("<si><t>" + "A" * MEGABYTE + "</t></si>", 400),
    "string_of_45_megabytes": lambda: xlsx(
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>',
        strings=repeated(f"{XML}<sst><si><t>", "A", 45 * MEGABYTE, "</t></si></sst>"),
    ),
    "six_million_strings": lambda: _strings("<si><t>x</t></si>", 6_000_000),
    "three_million_strings": lambda: _strings("<si><t/></si>", 3_000_000),
    "long_string_in_every_cell": _shared_long_string,
    "million_rows": lambda: _numbered_rows(1_000_000),
    "rows_without_number": lambda: _long_sheet("<row><c><v>1</v></c></row>", 1_500_000),
    "million_empty_cells": lambda: _long_sheet("<c/>", 11_000_000, before='<row r="1">'),
    "million_rows_without_cells": lambda: _long_sheet("<row/>", 7_000_000),
    "twenty_thousand_columns": lambda: _long_sheet("<c><v>1</v></c>", 20_000, before='<row r="1">'),
    "million_merges": lambda: xlsx(
        sheet=repeated(sheet(after="<mergeCells>").removesuffix("</worksheet>"), '<mergeCell ref="A1:B9"/>',
                       1_500_000, "</mergeCells></worksheet>")
    ),
    "attribute_of_45_megabytes": lambda: _long_sheet("A", 45 * MEGABYTE, before='<row r="1" x="'),
    "million_attributes": lambda: xlsx(
        sheet=[b"<worksheet ", *(f'a{n}="" '.encode() for n in range(1_000_000)), b"/>"]
    ),
    "comment_of_45_megabytes": lambda: _long_sheet(" ", 45 * MEGABYTE, before="<!--"),
    "cell_at_xfd1048576": lambda: xlsx(
        GOOD_ROWS + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    ),
    "cell_without_value_at_xfd1048576": lambda: xlsx(
        GOOD_ROWS + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    ),
    "row_2147483647": lambda: xlsx(
        GOOD_ROWS + '<row r="2147483647"><c r="A2147483647"><v>1</v></c></row>'
    ),
    "row_without_address_2147483647": lambda: xlsx(GOOD_ROWS + '<row r="2147483647"><c><v>1</v></c></row>'),
    "row_of_a_thousand_digits": lambda: xlsx(GOOD_ROWS + f'<row r="{"9" * 1000}"><c><v>1</v></c></row>'),
    "merge_of_everything": lambda: xlsx(
        sheet=sheet(after='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    ),
    "billion_laughs": _laughs,
    "quadratic_blowup": lambda: _doctype(f'<!DOCTYPE x [<!ENTITY a "{"A" * 50_000}">]>', "&a;" * 50_000),
    "entity_of_a_file": lambda: _doctype('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>', "&a;"),
    "entity_of_an_address": lambda: _doctype('<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/a">]>', "&a;"),
    "doctype_elsewhere": lambda: _doctype('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', "a"),
    "doctype_in_utf_16": _utf_16_doctype,
    "doctype_in_utf_7": _utf_7_doctype,
    "hundred_thousand_deep": lambda: xlsx("<a>" * 100_000 + "</a>" * 100_000),
    "deep_part_nobody_reads": lambda: (
        "hostile.xlsx", package(parts() | {"xl/theme/theme1.xml": "<a>" * 100_000 + "</a>" * 100_000})
    ),
    # What a zip is made of
    "twenty_thousand_entries": _many_entries,
    "zip_slip": lambda: _with_entry("../../harm.txt"),
    "absolute_name": lambda: _with_entry("/tmp/harm.txt"),
    "backslash_name": lambda: _with_entry("..\\harm.txt"),
    "same_name_twice": lambda: _with_entry("XL/workbook.xml"),
    "symlink": lambda: _with_entry("xl/media/link", b"/etc/hostname", stat.S_IFLNK | 0o777),
    "truncated": lambda: ("hostile.xlsx", package(parts())[:900]),
    "zip_start_only": lambda: ("hostile.xlsx", b"PK\x03\x04"),
    "bad_checksum": _bad_checksum,
    "understated_size": _understated_size,
    "locked_zip": _locked_zip,
    "unsound_xml": lambda: xlsx("<row></sheetData>"),
    # Other kinds of file
    "html_as_xlsx": lambda: ("hostile.xlsx", "<html><table><tr><td>項目</td></tr></table></html>".encode()),
    "text_as_xlsx": lambda: ("hostile.xlsx", "ただの文章です。".encode()),
    "csv_as_xlsx": lambda: ("hostile.xlsx", "項目,値\r\n試験用,1\r\n".encode()),
    "xls": lambda: ("hostile.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000),
    "locked_office_file": lambda: (
        "hostile.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 9
    ),
    "macro": _macro,
    "ods": _ods,
    "word": _word,
    "any_zip": lambda: ("hostile.xlsx", package({"a.txt": "a"})),
    "pdf_as_csv": lambda: ("hostile.csv", b"%PDF-1.7\n1 0 obj"),
    "no_sheet": lambda: xlsx(workbook=f"{XML}<workbook><sheets/></workbook>"),
    "sheet_that_is_missing": lambda: xlsx(relations=f"{XML}<Relationships/>"),
    "sheet_outside": lambda: xlsx(relations=parts()["xl/_rels/workbook.xml.rels"].replace(
        "worksheets/sheet1.xml", "../../../../etc/hostname")),
    "many_sheets_of_one_part": _many_sheets_of_one_part,
    **{f"odd_cell_{n}": lambda file=file: file for n, file in enumerate(_odd_cells())},
    "eleven_megabytes": lambda: ("hostile.csv", b"a,b\r\n" * (11 * MEGABYTE // 5)),
    # CSV
    "csv_empty": _csv(b""),
    "csv_bom_only": _csv(b"\xef\xbb\xbf"),
    "csv_blank": _csv(b" \r\n\r\n,,\r\n"),
    "csv_nul": _csv("項目,値\r\n試\0験,1\r\n".encode()),
    "csv_binary": _csv(bytes(range(256)) * 40),
    "csv_binary_without_nul": _csv(bytes(n for n in range(1, 256) if n != 27) * 40),
    "csv_20000_columns": _csv(lambda: b",".join(b"%d" % n for n in range(20_000))),
    "csv_cell_of_5_megabytes": _csv(lambda: b"a,b\r\n1," + b"x" * 5 * MEGABYTE),
    "csv_open_quote": _csv(lambda: b'a,b\r\n1,"' + b"x,y\r\n" * 1000),
    "csv_open_quote_of_9_megabytes": _csv(lambda: b'a,b\r\n1,"' + b"x,y\r\n" * (9 * MEGABYTE // 5)),
    "csv_text_after_quote": _csv('項目,値\r\n"試"験,1\r\n'.encode()),
    "csv_cr": _csv("項目,値\r試験用,1\r".encode()),
    "csv_utf_7": _csv("項目,値\r\n試験用,1\r\n".encode("utf-7")),
    "csv_utf_16": _csv("項目,値\r\n試験用,1\r\n".encode("utf-16")),
    "csv_utf_16_without_bom": _csv("項目,値\r\n試験用,1\r\n".encode("utf-16-le")),
    "csv_utf_32": _csv("項目,値\r\n試験用,1\r\n".encode("utf-32")),
    "csv_iso_2022_jp": _csv("項目,値\r\n試験用,1\r\n".encode("iso-2022-jp")),
    "csv_euc_jp": _csv("項目,値\r\n試験用の自治体,1\r\n".encode("euc-jp")),
    "csv_broken_utf_8": _csv("項目,値\r\n試験用".encode()[:-1] + b",1\r\n"),
    "csv_broken_cp932": _csv("項目,値\r\n試験用".encode("cp932") + b"\x81\r\n"),
    "csv_ragged": _csv("項目,値\r\n試験用,1,2,3\r\n試験用\r\n".encode()),
    "csv_same_heading_twice": _csv("項目,値,項目\r\n試験用,1,2\r\n".encode()),
    "csv_200000_rows": _csv(lambda: b"a,b\r\n" + b"1,2\r\n" * 200_000),
    "csv_blank_lines": _csv(lambda: b"a,b\r\n" + b"\n" * 9 * MEGABYTE + b"1,2\n"),
    "csv_tabs": _csv("項目\t値\r\n試験用\t1\r\n".encode()),
    "csv_semicolons": _csv("項目;値\r\n試験用;1\r\n".encode()),
    "csv_html": _csv(b"\xef\xbb\xbf\r\n<!doctype html><title>404</title>"),
}  # fmt: skip
