"""What the portal decides for django-allauth: where people land, what is saved of a sign-up, who may try again.

How mail goes out is decided in a layer above, where the outbox is (applications/notifications/account_mail.py).
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.events import record_account_event, record_failed_sign_in
from applications.accounts.known_devices import SIGN_IN
from applications.accounts.limits import Limit, begin, plain_address
from applications.accounts.models import User

# Right passwords for disabled accounts, which no limit of wrong ones counts.
DISABLED = Limit("disabled-account", times=5, seconds=5 * 60)


class AccountAdapter(DefaultAccountAdapter):
    def get_login_redirect_url(self, request: HttpRequest) -> str:
        staff = isinstance(request.user, User) and request.user.is_staff
        return resolve_url("admin:index" if staff else settings.LOGIN_REDIRECT_URL)

    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: Any, commit: bool = True
    ) -> AbstractBaseUser:
        assert isinstance(user, User)
        user.name = form.cleaned_data["name"]
        user.phone = form.cleaned_data["phone"]
        return super().save_user(request, user, form, commit)

    def format_email_subject(self, subject: str) -> str:
        return _("【江苏信用修复】%(subject)s") % {"subject": subject}

    def get_client_ip(self, request: HttpRequest) -> str:
        return plain_address(super().get_client_ip(request))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """A browser that signed in with this address before is counted by itself, whatever happens elsewhere."""
        mark = SIGN_IN.mark(request, credentials["email"].lower())
        if mark is None:
            return super().pre_authenticate(request, **credentials)
        self._login_failed_rl_usage = ratelimit.consume(
            request, app="allauth.account", action="login_failed_known_device", key=mark
        )
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        user = User.objects.select_related("organ").filter(email=credentials["email"].lower()).first()
        record_failed_sign_in(user=user, request=request, at=timezone.now())

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        assert isinstance(user, User)
        if begin(DISABLED, str(user.pk)).admitted:
            record_account_event(user=user, verb="user.sign_in_refused", at=timezone.now())
        return super().respond_user_inactive(request, user)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        assert isinstance(user, User)
        response = super().post_login(request, user, **kwargs)
        SIGN_IN.remember(request, response, user.email.lower())
        return response

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """A new password by mail ends the wait, at a known browser too."""
        super()._delete_login_attempts_cached_email(request, **credentials)
        mark = SIGN_IN.mark(request, credentials["email"].lower())
        if mark:
            ratelimit.clear(request, app="allauth.account", action="login_failed_known_device", key=mark)
