"""What a monitor learns: the process answers, readers can be served; and nothing else."""

from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import psycopg
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.postgresql import server
from tests.served import serving


def test_both_say_a_word_to_anybody_and_are_kept_by_nobody(client):
    for path, word in (("/healthz", "ok\n"), ("/readyz", "ready\n")):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, word)
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"


def test_that_the_process_answers_takes_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")


def test_a_release_whose_migrations_are_to_come_is_not_ready(client, caplog):
    MigrationRecorder(connection).record_unapplied("cases", "0001_initial")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready\n")
    assert answer.headers["Retry-After"] == "10"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "1 migrations are to be applied" in caplog.text
    assert client.get("/healthz").status_code == 200


def test_a_monitor_on_the_same_machine_asks_without_tls_but_by_the_sites_name(client, settings):
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["casebook.example.jp"]
    for path in ("/healthz", "/readyz"):
        assert client.get(path, headers={"host": "casebook.example.jp"}).status_code == 200
        assert client.get(path, headers={"host": "127.0.0.1:8000"}).status_code == 400
    assert client.get("/", headers={"host": "casebook.example.jp"}).status_code == 301


# Without its database

# Pages with a search, which are never kept: a kept page is believed for a tenth of a second more.
AWAY = {"/healthz": 200, "/readyz": 503, "/cases/?q=shiken": 503, "/api/v1/cases?q=shiken": 503}


def _asked(site):
    """What the site answers: path → status. A 503 says when to come back."""
    statuses = {}
    for path in AWAY:
        try:
            with build_opener(ProxyHandler({})).open(site.url + path) as answer:
                statuses[path] = answer.status
        except HTTPError as error:
            with error:
                statuses[path] = error.code
                assert error.headers["Retry-After"] == "10"
    return statuses


def test_while_postgresql_is_away_readers_are_told_and_after_it_all_is_as_before(tmp_path):
    with server() as url, serving(tmp_path, DATABASE_URL=url) as site:
        assert set(_asked(site).values()) == {200}
        beside = url.removesuffix("casebook") + "postgres"
        with psycopg.connect(beside, autocommit=True) as control:
            control.execute("ALTER DATABASE casebook ALLOW_CONNECTIONS false")
            control.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'casebook'"
            )
            assert _asked(site) == AWAY
            control.execute("ALTER DATABASE casebook ALLOW_CONNECTIONS true")
        assert set(_asked(site).values()) == {200}
        assert "readyz: OperationalError" in site.log.read_text()
