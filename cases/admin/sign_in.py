"""Signing in: the form, and what the session and the audit log hear of it."""

from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.validators import MaxLengthValidator
from django.dispatch import receiver

from ..models import AuditEntry
from . import second_factor, session
from .throttle import LOCKED

Act = AuditEntry.Act


class SignInForm(AdminAuthenticationForm):
    """Name, password and, for those who have set one up, the second factor; one message for all that fails."""

    code = forms.CharField(
        label="確認コード（二段階認証を設定した人だけ）",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "ログインできません。ユーザー名とパスワードを確かめてください（大文字と小文字は区別します）。"
        "二段階認証を設定した人は、新しい確認コードも入れてください。",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Django tells only the browser how long a name may be; the database would refuse a longer one.
        name = self.fields["username"]
        name.validators.append(MaxLengthValidator(name.max_length))

    def confirm_login_allowed(self, user):
        if not self._may_enter(user):
            user_login_failed.send(__name__, credentials=self._credentials(user), request=self.request)
            raise self.get_invalid_login_error()

    def _may_enter(self, user):
        """Also where the password is right: of tries made at once, none may pass after the tenth has failed."""
        if not user.is_staff or not AxesProxyHandler.is_allowed(self.request, self._credentials(user)):
            return False
        if not second_factor.is_set_up(user):
            return True
        user.otp_device = second_factor.passed(user, self.cleaned_data.get("code", ""))
        return user.otp_device is not None

    @staticmethod
    def _credentials(user):
        return {"username": user.get_username()}

    def get_invalid_login_error(self):
        if self.request.axes_locked_out:
            return forms.ValidationError(LOCKED, code="locked")
        return super().get_invalid_login_error()


@receiver(user_logged_in)
def _signed_in(sender, request, user, **kwargs):
    session.begin(request.session)
    request.session.clear_expired()  # nobody else sweeps
    device = getattr(user, "otp_device", None)
    AuditEntry.record(Act.SIGN_IN, by=user, detail=second_factor.name_of(device) if device else "")


@receiver(user_logged_out)
def _signed_out(sender, request, user, **kwargs):
    if user:
        AuditEntry.record(Act.SIGN_OUT, by=user)
