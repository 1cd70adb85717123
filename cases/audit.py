"""What changes of users, groups and rights go into the audit log, whoever makes them and on whichever way.

The what comes from the models' signals. The who is whoever a door says is `acting`; outside of one (a command,
a shell) it's the system. Queries that go past the models (`QuerySet.update`) go past this too.
"""

from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save

from .models import AuditEntry

User = get_user_model()
WATCHED = {
    "username": ("名前を変えた", "名前を変えた"),
    "password": ("パスワードを変えた", "パスワードを変えた"),
    "is_active": ("有効にした", "無効にした"),
    "is_staff": ("編集画面に入れるようにした", "編集画面に入れないようにした"),
    "is_superuser": ("管理者にした", "管理者から外した"),
}
_acting = ContextVar("acting", default=None)


@contextmanager
def acting(user):
    """What is changed within is written down as done by `user`."""
    token = _acting.set(user)
    try:
        yield
    finally:
        _acting.reset(token)


def watch() -> None:
    """Start listening; called once, when the app is ready."""
    pre_save.connect(_user_changes, sender=User)
    post_save.connect(_made, sender=User)
    post_delete.connect(_gone, sender=User)
    pre_save.connect(_group_changes, sender=Group)
    post_save.connect(_made, sender=Group)
    post_delete.connect(_gone, sender=Group)
    for through in (User.groups.through, User.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_rights_change, sender=through)


def _record(about, detail):
    kind = "グループ" if isinstance(about, Group) else "利用者"
    AuditEntry.record(AuditEntry.Act.RIGHTS, by=_acting.get(), about=f"{kind} {about}", detail=detail)


def _user_changes(instance, raw, update_fields, **kwargs):
    # A password saved alone is the same one, hashed anew at sign-in.
    fields = set(WATCHED) if update_fields is None else set(WATCHED) & set(update_fields) - {"password"}
    if raw or not fields or not instance.pk:
        return
    if before := User.objects.filter(pk=instance.pk).values(*fields).first():
        for field in WATCHED:
            if field in fields and before[field] != getattr(instance, field):
                words = WATCHED[field][0 if getattr(instance, field) else 1]
                _record(instance, f"{words}（前の名前：{before[field]}）" if field == "username" else words)


def _group_changes(instance, raw, **kwargs):
    before = None if raw else Group.objects.filter(pk=instance.pk).first()
    if before and before.name != instance.name:
        _record(instance, f"名前を変えた（前の名前：{before.name}）")


def _made(instance, created, raw, **kwargs):
    if created and not raw:
        _record(instance, "管理者として作った" if getattr(instance, "is_superuser", False) else "作った")


def _gone(instance, **kwargs):
    _record(instance, "消した")


def _rights_change(instance, action, reverse, model, pk_set, **kwargs):
    words = {"post_add": "加えた", "post_remove": "外した", "pre_clear": "すべて外した"}.get(action)
    if not words or (action != "pre_clear" and not pk_set):
        return
    named = model.objects.filter(pk__in=pk_set) if pk_set else []
    if reverse:  # from the group or the permission: it's those named whose rights change
        for one in named:
            _record(one, f"{instance}を{words}")
    else:
        what = "グループ" if model is Group else "権限"
        _record(instance, f"{what}を{words}：{'、'.join(str(one) for one in named)}".removesuffix("："))
