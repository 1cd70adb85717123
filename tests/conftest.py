"""The cast: a loaded casebook, three people, and one case to work on."""

import pytest
from django.contrib.auth.models import Group

from cases import fixtures, index
from cases.models import Case, CaseVersion, Citation, Source, Statement


def pytest_collection_modifyitems(items):
    """Nearly every fact is one about rows; others are about the served site. The longest run first."""
    for item in items:
        if {"browser", "faults"}.isdisjoint(item.path.parts):
            item.add_marker(pytest.mark.django_db)
    long = [
        "test_postgresql.py",
        "test_intake_served.py",
        "test_faults.py",
        "test_hosts.py",
        "test_replica.py",
    ]
    items.sort(key=lambda item: long.index(item.path.name) if item.path.name in long else len(long))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Every test starts from the fifteen cases."""
    with django_db_blocker.unblock():
        fixtures.load()


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path  # the search file
    if index._kept:
        index._kept.found.clear()  # what was found in another test's file
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def _member(django_user_model, name, group):
    user = django_user_model.objects.create_user(name, password="a long pass phrase", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def editor(django_user_model):
    return _member(django_user_model, "henshu", "編集者")


@pytest.fixture
def publisher(django_user_model):
    return _member(django_user_model, "kokai", "公開担当")


@pytest.fixture
def administrator(django_user_model):
    return django_user_model.objects.create_superuser("kanri", password="a long pass phrase")


@pytest.fixture
def as_editor(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def as_publisher(client, publisher):
    client.force_login(publisher)
    return client


@pytest.fixture
def toba():
    """鳥羽市's published version 1."""
    return CaseVersion.objects.published().get(case__slug="toba-ibasho")


@pytest.fixture
def draft(toba, editor):
    """A draft revision of 鳥羽市's case, written by the editor."""
    return toba.revise(by=editor)


@pytest.fixture
def new_case(toba):
    """Make more cases, each a copy of 鳥羽市's table facts without statements: new_case(slug, **changes)."""

    def make(slug, *, publish=True, municipality="012025", **changes):
        case = Case.objects.create(slug=slug, municipality_id=municipality)
        facts = {"field": toba.field, "tier": toba.tier, "summary": "試験用の事例", "source": toba.source}
        version = CaseVersion.objects.create(case=case, **{**facts, **changes})
        if publish:
            version.submit(by=None)
            version.publish(by=None)
        return version

    return make


@pytest.fixture
def state():
    """Add a cited statement to a draft: state(version, item, text, **more)."""

    def add(version, item, text, **more):
        statement = Statement.objects.create(version=version, item_id=item, text=text, **more)
        Citation.objects.create(statement=statement, source=Source.objects.get(key="report"), place="8頁")
        return statement

    return add
