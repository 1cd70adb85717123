"""The buttons that move a version, 審査に出す, 公開する, 改訂を始める …: who may press which, and what they do."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError

from ..models import CaseVersion

Status = CaseVersion.Status


@dataclass(frozen=True)
class Act:
    """A button: the method of the version it calls, the states it starts from, who may press it."""

    method: str
    label: str
    starts: tuple[str, ...]
    done: str
    by_publisher: bool = False
    with_reason: bool = False
    not_own: bool = False  # nobody does it to their own text (administrators, or a setting: also that)

    @property
    def alone(self) -> str:
        """Its label where there is no form to save first."""
        return self.label.removeprefix("保存して")


ACTS = (
    Act("submit", "保存して審査に出す", (Status.DRAFT,), "審査に出しました。"),
    Act("publish", "公開する", (Status.IN_REVIEW,), "公開しました。", by_publisher=True, not_own=True),
    Act("return_", "差し戻す", (Status.IN_REVIEW,), "差し戻しました。", by_publisher=True, with_reason=True),
    Act("take_back", "下書きに戻す", (Status.IN_REVIEW,), "下書きに戻しました。"),
    Act(
        "revise",
        "改訂を始める",
        (Status.PUBLISHED, Status.WITHDRAWN),
        "この下書きで改訂を始められます。",
    ),
    Act(
        "withdraw",
        "取り下げる",
        (Status.PUBLISHED, Status.SUPERSEDED),
        "取り下げました。",
        by_publisher=True,
        with_reason=True,
        not_own=True,
    ),
)


def may_write(user, version) -> bool:
    """A draft: whoever may write. In review: only who may publish. Frozen: nobody."""
    if version.is_frozen or not _may_change(user, version):
        return False
    return version.status == Status.DRAFT or user.has_perm("cases.publish_caseversion")


def _may_change(user, version):
    return user.has_perm(f"cases.change_{version._meta.model_name}")


def acts_of(user, version) -> list[Act]:
    """The buttons `user` has the right to press at all on versions of this kind."""
    may_publish = user.has_perm("cases.publish_caseversion")
    may_change = _may_change(user, version)
    return [act for act in ACTS if (may_publish if act.by_publisher else may_change)]


def offered(user, version) -> list[Act]:
    """The buttons `user` may press on `version` as it stands now."""
    others = not version.may_be_published_by(user)
    acts = [act for act in acts_of(user, version) if version.status in act.starts]
    return [act for act in acts if not (act.not_own and others)]


def left_to_others(user, version) -> str:
    """Which buttons are missing because `user` wrote `version`, in words; empty if none is."""
    missing = [act for act in acts_of(user, version) if act.not_own and version.status in act.starts]
    if not missing or version.may_be_published_by(user):
        return ""
    done = missing[0].done.replace("ました", "ます")
    return f"自分が書いた版なので、ほかの公開担当が{done}"


def press(admin, request, version):
    """Do what the pressed button (`_act`, with `_reason`) says; what stands in the way becomes a message.

    Returns the version to go on with: a new draft after 改訂を始める, else the same one.
    Raises PermissionDenied for a button that this user has no right to.
    """
    pressed = request.POST.get("_act")
    act = next((act for act in acts_of(request.user, version) if act.method == pressed), None)
    if act is None:
        raise PermissionDenied
    reason = {"reason": request.POST.get("_reason", "")} if act.with_reason else {}
    try:
        after = getattr(version, act.method)(by=request.user, **reason) or version
    except ValidationError as error:
        for message in error.messages:
            admin.message_user(request, message, messages.ERROR)
        return version
    admin.log_change(request, after, act.label)
    admin.message_user(request, f"{after}：{act.done}", messages.SUCCESS)
    if act.method == "withdraw" and (held := "、".join(map(str, version.kept_in))):
        told = f"{held}のファイルには、この版の内容が残っています。残してはいけないなら、「号」の画面で取り下げてください。"
        admin.message_user(request, told, messages.WARNING)
    return after
