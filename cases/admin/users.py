"""Users: Django's own page, and the way back in for who has lost the telephone."""

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice

from . import second_factor

User = get_user_model()
# The second factor's own pages would show an administrator everybody's secrets.
admin.site.unregister([User, TOTPDevice, StaticDevice])


@admin.register(User)
class EditorAdmin(UserAdmin):
    actions = ["remove_second_factor"]

    @admin.action(
        description="選んだ人の二段階認証を外す（端末と回復コードをなくしたとき）", permissions=["change"]
    )
    def remove_second_factor(self, request, queryset):
        removed = [str(user) for user in queryset if second_factor.remove(user, by=request.user)]
        if removed:
            self.message_user(request, f"二段階認証を外しました：{'、'.join(removed)}", messages.SUCCESS)
        else:
            self.message_user(request, "選んだ人は、二段階認証を設定していません。", messages.WARNING)
