"""What the portal decides for django-allauth: where people land, what is saved of a sign-up, how mail is titled."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url

from applications.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    def get_login_redirect_url(self, request: HttpRequest) -> str:
        staff = isinstance(request.user, User) and request.user.is_staff
        return resolve_url("admin:index" if staff else settings.LOGIN_REDIRECT_URL)

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = form.cleaned_data["name"]
        user.phone = form.cleaned_data["phone"]
        return super().save_user(request, user, form, commit)

    def format_email_subject(self, subject: str) -> str:
        return f"【江苏信用修复】{subject}"
