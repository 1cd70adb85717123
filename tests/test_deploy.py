"""The deployment guide and the files it hands out: what they promise stands in them, and what they name exists."""

import ast
import os
import re
import shlex
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.template.loader import render_to_string

from cases.management.commands import serve
from cases.middleware import MOST_BODY

ROOT = settings.BASE_DIR
DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
SERVICES = ["casebook.service", "casebook-backup.service", "casebook-upkeep.service"]
WHY_AWAY = "サイトを入れ替えているか、止まっています。しばらく待ってから、もう一度開いてください。"


# --- Reading the files: only as much of their languages as they use. ---


def unit(name):
    """A unit file → {name of a setting: its values, in order}."""
    settings_of = {}
    for line in (DEPLOY / name).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            settings_of.setdefault(key, []).append(value)
    return settings_of


def environment():
    lines = (DEPLOY / "casebook.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def _blocks(tokens):
    """Directives as (words, block); of a plain one the block is None."""
    found, words = [], []
    for token in tokens:
        if token == "}":
            break
        if token in (";", "{"):
            found.append((words, _blocks(tokens) if token == "{" else None))
            words = []
        else:
            words.append(token.strip('"'))
    return found


def nginx():
    text = re.sub(r"(?m)(^|\s)#.*$", "", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    return _blocks(iter(re.findall(r'"[^"]*"|\'[^\']*\'|[{};](?=\s|$)|[^\s;{}]+(?:\{[^\s;]*)?', text)))


def every(name, block=None):
    """What stands behind each directive of this name, at any depth."""
    for words, inner in nginx() if block is None else block:
        if words and words[0] == name:
            yield inner if name == "server" else words[1:]
        if inner:
            yield from every(name, inner)


def the_map(variable):
    """nginx's map that makes `variable` → a function from text to text, as nginx takes it."""
    (block,) = (inner for words, inner in nginx() if words[0] == "map" and words[2] == f"${variable}")
    rules = {words[0]: words[1] for words, _ in block}

    def mapped(text):
        if text in rules:
            return rules[text]
        for rule, value in rules.items():
            pattern = rule.lstrip("~*").replace("(?<", "(?P<") if rule.startswith("~") else None
            pattern = re.sub(r"\(\?P<([!=])", r"(?<\1", pattern) if pattern else None
            if pattern and (found := re.search(pattern, text, re.I if rule.startswith("~*") else 0)):
                return found[value[1:]] if value.startswith("$") else value
        return rules.get("default", "")

    return mapped


# --- The guide. ---


def test_the_guide_stays_short():
    assert len(GUIDE.splitlines()) <= 250


def test_every_variable_that_settings_read_stands_in_the_table_and_no_other():
    tree = ast.parse((ROOT / "casebook/settings.py").read_text(encoding="utf-8"))
    read = {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in ("os.environ.get", "environment.flag", "environment.database")
    }
    table = GUIDE[GUIDE.index("## 設定の表") :]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.M)) == read
    assert {line.split()[0] for line in ast.get_docstring(tree).splitlines()[2:]} == read


def test_every_file_that_the_guide_names_exists():
    handed_out = set(
        re.findall(r"(?<![\w./-])((?:casebook|nginx|journald)[\w-]*\.(?:service|timer|conf|env))\b", GUIDE)
    )
    assert len(handed_out) >= 8
    for name in handed_out - {
        "casebook.conf"
    }:  # what nginx.conf and journald.conf are called in their places
        assert (DEPLOY / name).is_file(), name
    for name in re.findall(r"`((?:docs|deploy)/[\w./-]+|[A-Z]+\.md)`", GUIDE):
        assert (ROOT / name).exists(), name
    assert "requirements-server.txt" in GUIDE
    assert (ROOT / "requirements-server.txt").is_file()


def test_everything_handed_out_is_in_the_guide():
    for path in DEPLOY.iterdir():
        assert path.name in GUIDE or path.is_dir(), path.name


def _documents():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(DEPLOY.glob("*.*"))]


@pytest.mark.parametrize("path", _documents(), ids=lambda path: path.name)
def test_every_command_that_a_document_names_exists(path):
    text = path.read_text(encoding="utf-8")
    commands = set(re.findall(r"manage\.py ([a-z_]+)", text))
    if path.name == "deploy.md":
        commands |= set(re.findall(r"(?m)(?:^|`|&& )casebook ([a-z_]+)", text))
    assert commands <= set(get_commands()), commands - set(get_commands())
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b", text if path.suffix == ".md" else ""):
        assert re.search(rf"(?m)^{target}:", makefile), target


def _code():
    return "\n".join(re.findall(r"(?ms)^```\n(.*?)^```", GUIDE))


def test_the_commands_of_the_guide_are_shell():
    done = subprocess.run(["bash", "-n"], input=_code(), text=True, capture_output=True)
    assert not done.stderr
    subprocess.run(["sh", "-n", DEPLOY / "casebook"], check=True)


def test_the_settings_handed_out_start_a_site_that_django_finds_nothing_wrong_with(tmp_path):
    given = environment() | {"DATA_DIR": str(tmp_path)}
    known = set(re.findall(r"(?m)^\| `([A-Z_]+)` \|", GUIDE))
    assert given.keys() <= known
    subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in known} | given,
        check=True,
        capture_output=True,
    )


# --- The units. ---


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_can_write_its_data_and_nothing_else(name):
    said = unit(name)
    assert said["User"] == said["Group"] == ["casebook"]
    assert said["ProtectSystem"] == ["strict"]
    backups = ["/var/backups/casebook"] if name == "casebook-backup.service" else []
    assert said["ReadWritePaths"] == [" ".join([environment()["DATA_DIR"], *backups])]
    for one in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictSUIDSGID"):
        assert said[one] == ["yes"], one
    assert said["CapabilityBoundingSet"] == [""]
    assert said["SystemCallFilter"] == ["@system-service"]
    assert said["UMask"][0] in ("0027", "0077")
    assert said["EnvironmentFile"] == ["/etc/casebook.env"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_a_command_there_is(name):
    python = "/opt/casebook/current/.venv/bin/python manage.py "
    for line in unit(name)["ExecStart"]:
        if not line.startswith("/bin/sh"):
            assert line.startswith(python)
            command, *arguments = shlex.split(line.removeprefix(python))
            parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
            parser.parse_args(arguments)


def test_backups_go_only_after_a_new_one_stands(tmp_path):
    said = unit("casebook-backup.service")
    first, second = said["ExecStart"]
    assert said["Type"] == ["oneshot"]  # its commands run in turn, and none after one that failed
    assert "manage.py backup --to /var/backups/casebook" in first
    days = [f"casebook-2026-11-{day:02}-023000.zip" for day in range(1, 20)]
    for name in [*days, "other.txt", ".casebook-part-x"]:
        (tmp_path / name).touch()
    keep = int(said["Environment"][0].removeprefix("KEEP="))
    line = second.replace("/var/backups/casebook", str(tmp_path)).replace("${KEEP}", str(keep))
    subprocess.run(shlex.split(line), check=True)
    assert {path.name for path in tmp_path.iterdir()} == {*days[-keep:], "other.txt", ".casebook-part-x"}
    assert f"{keep}個より古い" in GUIDE


@pytest.mark.parametrize("name", ["backup", "upkeep"])
def test_a_timer_comes_every_night_and_makes_up_for_a_missed_one(name):
    said = unit(f"casebook-{name}.timer")
    assert re.fullmatch(r"\*-\*-\* 0[1-5]:\d\d:00 Asia/Tokyo", said["OnCalendar"][0])
    assert said["Persistent"] == ["yes"]
    hour, minute = said["OnCalendar"][0].split()[1].split(":")[:2]
    assert f"{int(hour)}時{minute}分ごろ" in GUIDE


def test_gunicorn_listens_where_nginx_asks_and_believes_nobody_else():
    command = (ROOT / "cases/management/commands/serve.py").read_text(encoding="utf-8")
    assert '"--bind", settings.BIND' in command
    assert "--no-control-socket" in command
    assert "forwarded-allow-ips" not in command or "127.0.0.1" in command  # gunicorn's own: this machine only
    assert environment()["BIND"].startswith("127.0.0.1:")
    assert list(every("proxy_pass")) == [[f"http://{environment()['BIND']}"]]
    assert not {"%(q)s", "%(r)s", "%(f)s", "%(h)s", "%({x-forwarded-for}i)s"} & set(serve.ACCESS_LOG.split())


# --- nginx. ---


def test_nginx_believes_no_address_that_a_reader_claims():
    said = {words[0]: words[1] for words in every("proxy_set_header")}
    assert said["X-Forwarded-For"] == "$remote_addr"
    assert said["X-Forwarded-Proto"] == "$scheme"
    assert said["X-Forwarded-Host"] == ""
    assert said["Host"] == "$host"


def test_nginx_writes_down_no_words_no_referrer_and_no_address():
    ((_, *parts),) = every("log_format")
    assert set(re.findall(r"\$\w+", " ".join(parts))) == {
        "$time_iso8601", "$request_method", "$casebook_path", "$status", "$body_bytes_sent", "$request_time",
        "$upstream_cache_status",
    }  # fmt: skip
    path = the_map("casebook_path")
    assert path("/cases/?q=himitsu") == "/cases/"
    assert path("/cases/toba-ibasho/") == "/cases/toba-ibasho/"
    assert path("/preview/himitsu/photographs/x.jpg?q=1") == "/preview/"
    for block in every("server"):
        assert all(words == ["off"] or words[1:] == ["casebook"] for words in every("access_log", block))
        assert list(every("access_log", block))
        assert [words[-1] for words in every("error_log", block)] == ["emerg"]


@pytest.mark.parametrize("asked", ["/", "/cases/", "/cases/toba-ibasho/", "/feed/", "/api/v1/cases"])
def test_nginx_keeps_public_answers_for_a_second(client, db, asked):
    assert the_map("casebook_kept")(asked) == "casebook"
    assert list(every("proxy_cache_valid")) == [["200", "1s"]]
    assert not list(every("proxy_cache_use_stale"))
    assert the_map("casebook_not_kept")(client.get("/").headers["Cache-Control"]) == "0"


@pytest.mark.parametrize(
    "asked", ["/admin/", "/admin/x.css", "/preview/x/", "?/cases/", "?/", "/static/site.css", ""]
)
def test_nginx_keeps_neither_the_admin_nor_anything_asked_for_with_a_query(asked):
    assert the_map("casebook_kept")(asked) == "off"
    assert list(every("proxy_cache")) == [["$casebook_kept"]]


@pytest.mark.parametrize("said", ["private, no-store", "no-store", "public, no-cache, x", "max-age=60", ""])
def test_nginx_keeps_nothing_that_says_anything_else(said):
    assert the_map("casebook_not_kept")(said) == "1"
    assert list(every("proxy_no_cache")) == [["$casebook_not_kept"]]


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("gzip, deflate, br", "gzip"),
        ("GZIP", "gzip"),
        ("gzip;q=0", ""),
        ("br", ""),
        ("gzip;q=0.5", "gzip"),
        ("", ""),
    ],
)
def test_nginx_tells_two_kinds_of_readers_apart(said, given):
    assert the_map("casebook_encoding")(said) == given
    assert "$casebook_encoding" in next(every("proxy_cache_key"))[0]


def test_nginx_takes_as_much_as_the_application_and_waits_for_nobody_long():
    (size,) = next(every("client_max_body_size"))
    assert int(size.removesuffix("m")) * 1024 * 1024 == MOST_BODY
    for name in ("client_header_timeout", "client_body_timeout", "send_timeout", "keepalive_timeout"):
        for (value,) in every(name):
            assert int(value.removesuffix("s")) <= 30
    assert not list(every("proxy_request_buffering"))  # on, if nobody says otherwise


def test_nginx_has_nothing_for_other_hosts_and_no_versions():
    default, *others = every("server")
    assert all("default_server" in words for words in every("listen", default))
    assert not any("default_server" in words for block in others for words in every("listen", block))
    assert list(every("return", default)) == [["444"]]
    assert list(every("ssl_reject_handshake", default)) == [["on"]]
    for block in every("server"):
        assert list(every("server_tokens", block)) == [["off"]]
    assert {tuple(words) for words in every("ssl_protocols")} == {("TLSv1.2", "TLSv1.3")}
    assert ["301", "https://casebook.example.jp$request_uri"] in list(every("return"))


@pytest.mark.parametrize(
    ("name", "context"), [("400", {}), ("413", {}), ("503", {"status": 503, "why": WHY_AWAY})]
)
def test_the_pages_that_nginx_shows_itself_are_ours(name, context):
    page = (DEPLOY / "pages" / f"{name}.html").read_text(encoding="utf-8")
    assert page == render_to_string(f"{name}.html", context)
    assert any(words[-1] == f"/.error/{name}.html" for words in every("error_page"))


def test_those_pages_carry_the_headers_of_every_other(client, db):
    ours = client.get("/nowhere/", secure=True).headers
    said = {words[0]: words[1] for words in every("add_header") if words[-1] == "always"}
    policy = said.pop("Content-Security-Policy")
    assert set(policy.split("; ")) == set(ours["Content-Security-Policy"].split("; "))
    assert said.pop("Strict-Transport-Security") == "max-age=63072000; includeSubDomains"
    assert (said.pop("Cache-Control"), said.pop("Retry-After")) == ("private, no-store", "10")
    assert said == {name: ours[name] for name in said}
    assert {"Referrer-Policy", "X-Content-Type-Options", "Permissions-Policy"} <= said.keys()


# --- The other ways. ---


def test_the_container_has_no_tests_and_is_nobody_special():
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    for name in sum(copied, []):
        assert (ROOT / name).exists(), name
        assert not name.startswith("tests") and name != "."
    assert [line for line in lines if line.startswith("USER")] == ["USER casebook"]
    assert any("--require-hashes" in line for line in lines)
    assert "VOLUME /data" in lines


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], []),
        (["FOR_PYTHON=3.12"], ["--python-version 3.12", "_2_28_"]),
        (["FOR_ARCH=aarch64"], ["_aarch64"]),
    ],
)
def test_a_wheelhouse_is_the_servers_lock_with_its_hashes(asked, said):
    shown = subprocess.run(
        ["make", "--dry-run", "wheelhouse", *asked], cwd=ROOT, text=True, capture_output=True, check=True
    ).stdout
    for words in [
        "pip download",
        "--require-hashes",
        "--only-binary :all:",
        "-r requirements-server.txt",
        *said,
    ]:
        assert words in shown, words
    assert ("--platform" in shown) == bool(asked)


def test_the_readme_leads_to_the_guide():
    assert "docs/deploy.md" in (ROOT / "README.md").read_text(encoding="utf-8")
