"""Forms of the sign-up and sign-in pages (django-allauth's, worded for the portal) and of the staff desk."""

import re
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from applications.accounts.access import separation_conflict
from applications.accounts.events import record_account_event
from applications.accounts.models import Role, User
from applications.accounts.passwords import is_own_password
from applications.accounts.selectors import pending_address
from applications.organs import regions
from applications.organs.models import Organ, validate_prefix, validate_region
from rules.codes import is_uscc
from rules.errors import InputError

PASSWORD_HINT = _(
    "至少10个字符，不能只有数字，不能是常见密码，也不能与您的邮箱相近。建议用几个词连成一句话。"
)
SEPARATION_ERROR = _(
    "三员分立：系统管理员、安全管理员、审计管理员不得兼任任何其他岗位。请只保留其中一项，或另设账号。"
)


def clean_phone(value: str) -> str:
    compact = re.sub(r"[\s-]", "", value)
    if not re.fullmatch(r"\+?\d{7,15}", compact):
        raise ValidationError(_("请填写11位手机号码，或带区号的固定电话，例如 025-12345678。"))
    return value.strip()


def fault_in_words(fault: InputError) -> str:
    """What was expected; and where, if that is said in words and not by the name of a field."""
    return f"{fault.expected}。" if fault.path.isascii() else str(fault)


def add_fault(form: forms.Form | forms.ModelForm[Any], fault: InputError) -> None:
    """Say what a service expects: of a field, whose label names it already; else of the whole form."""
    if fault.path in form.fields:
        form.add_error(fault.path, f"{fault.expected}。")
    else:
        form.add_error(None, fault_in_words(fault))


def checked(user: AbstractBaseUser | None, password: str) -> str:
    """The password, if it is that of the signed-in user."""
    assert isinstance(user, User)
    if not is_own_password(user, password):
        raise ValidationError(_("密码不正确，请重新输入。"))
    return password


def worded(form: forms.Form, **labels: Any) -> None:
    """Our labels, and no placeholders: they vanish as soon as one types."""
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        field.widget.attrs.pop("placeholder", None)
        field.error_messages["required"] = (
            _("请再输入一次密码。")
            if name == "password2"
            else format_lazy(_("请填写{label}。"), label=field.label or "")
        )


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, login=_("电子邮箱"), password=_("密码"))
        self.fields["password"].help_text = ""


class SignupForm(allauth_forms.SignupForm):
    name = forms.CharField(
        label=_("姓名"),
        max_length=80,
        help_text=_("办理人的真实姓名，会写进受理通知等文书。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("联系电话"),
        max_length=40,
        help_text=_("只在材料有疑问时用来联系您，不会公开。"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    field_order = ["name", "phone", "email", "password1", "password2"]
    account_already_exists: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, email=_("电子邮箱"), password1=_("密码"), password2=_("再输入一次密码"))
        self.fields["email"].help_text = _("用来登录和接收通知。注册后需要点击邮件中的链接验证。")
        self.fields["password1"].help_text = PASSWORD_HINT

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not any(character.isalpha() for character in name):
            raise ValidationError(_("请填写真实姓名。"))
        return name

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"])

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """A new account, or a mail to whoever has one with this address: as much work, so as much time."""
        if not self.account_already_exists:
            try:
                with transaction.atomic():
                    saved: tuple[User | None, HttpResponse | None] = super().try_save(request)
                return saved
            except IntegrityError:
                # Somebody was quicker, perhaps the same person with a second click.
                self.account_already_exists = True
        User().set_password(self.cleaned_data["password1"])
        for user in User.objects.filter(email=self.cleaned_data["email"]):
            record_account_event(user=user, verb="user.signed_up_again", at=timezone.now())
        told: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return told


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, email=_("电子邮箱"))


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, password1=_("新密码"), password2=_("再输入一次新密码"))
        self.fields["password1"].help_text = PASSWORD_HINT


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, oldpassword=_("现在的密码"), password1=_("新密码"), password2=_("再输入一次新密码"))
        self.fields["password1"].help_text = PASSWORD_HINT

    def clean_oldpassword(self) -> str:
        return checked(self.user, self.cleaned_data["oldpassword"])


class SetPasswordForm(allauth_forms.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, password1=_("密码"), password2=_("再输入一次密码"))
        self.fields["password1"].help_text = PASSWORD_HINT


class AddEmailForm(allauth_forms.AddEmailForm):
    """Whoever has the address has the account, so a session that stands open is not enough for it."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("更换登录邮箱前，需要再次确认是您本人。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, email=_("新的电子邮箱"), password=_("现在的登录密码"))

    def clean_password(self) -> str:
        return checked(self.user, self.cleaned_data["password"])


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worded(self, password=_("密码"))

    def clean_password(self) -> str:
        return checked(self.user, self.cleaned_data["password"])


class ResendForm(forms.Form):
    email = forms.EmailField(
        label=_("电子邮箱"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("请填写注册时用的电子邮箱。")},
    )


class StaffForm(forms.ModelForm[User]):
    """A staff member and the roles held. The admin sets ``actor``, the person who fills the form in."""

    actor: User
    roles = forms.MultipleChoiceField(
        label=_("岗位"), choices=Role, widget=forms.CheckboxSelectMultiple, required=False
    )

    new_email = forms.EmailField(
        label=_("更换登录邮箱"),
        required=False,
        help_text=_(
            "不更换的不填。系统向新邮箱发送确认链接，并告知原邮箱；本人登录确认后生效。尚未设置过密码的账号立即更换。"
        ),
    )

    class Meta:
        model = User
        fields = ["email", "name", "phone", "organ", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["roles"].initial = list(self.instance.staff_roles.values_list("role", flat=True))
            pending = pending_address(self.instance)
            if pending:
                self.fields["new_email"].help_text = format_lazy(
                    _("已向 {email} 发送确认链接，等待本人登录确认。要换成另一个邮箱的，在这里填写。"),
                    email=pending,
                )
        if self.instance.pk in (None, self.actor.pk):
            # A new account has its address, and nobody changes the own one.
            del self.fields["new_email"]
        for name in ("email", "name", "organ"):
            if name in self.fields:
                self.fields[name].required = True

    def clean_email(self) -> str:
        return self._free(self.cleaned_data["email"])

    def clean_new_email(self) -> str:
        email: str = self.cleaned_data["new_email"]
        return self._free(email) if email else ""

    def _free(self, email: str) -> str:
        email = email.lower()
        if (
            User.objects.filter(email=email).exists()
            or EmailAddress.objects.filter(email=email, verified=True).exists()
        ):
            raise ValidationError(_("该邮箱已有账号。工作人员账号不能与个人账号共用邮箱，请换一个邮箱。"))
        return email

    def clean_roles(self) -> list[str]:
        roles: list[str] = self.cleaned_data["roles"]
        if separation_conflict(roles):
            raise ValidationError(SEPARATION_ERROR)
        if self.instance.pk == self.actor.pk and set(roles) != set(self.fields["roles"].initial):
            raise ValidationError(_("不能修改自己的岗位，请由另一名安全管理员办理。"))
        return roles

    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        if self.instance.pk == self.actor.pk and not active:
            raise ValidationError(_("不能停用自己的账号，请由另一名安全管理员办理。"))
        return active


class OrganForm(forms.ModelForm[Organ]):
    """An organ. The admin sets ``actor``, whose own organ must cover the region."""

    actor: User

    class Meta:
        model = Organ
        fields = [
            "code",
            "name",
            "document_prefix",
            "kind",
            "level",
            "region",
            "uscc",
            "phone",
            "address",
        ]

    def clean_document_prefix(self) -> str:
        prefix: str = self.cleaned_data["document_prefix"]
        if prefix != self.initial.get("document_prefix"):
            validate_prefix(prefix)
        return prefix

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"]
        validate_region(region)
        if self.actor.organ and not regions.covers(self.actor.organ.region, region):
            raise ValidationError(
                _("只能维护%(region)s范围内的机构。"), params={"region": self.actor.organ.region_name}
            )
        return region

    def clean_uscc(self) -> str:
        code: str = self.cleaned_data["uscc"].strip().upper()
        if not is_uscc(code):
            raise ValidationError(_("统一社会信用代码不正确：应为18位且校验位相符，请核对。"))
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        region, level = data.get("region"), data.get("level")
        if region and level:
            right = Organ.Level.of(region)
            if level != right:
                self.add_error(
                    "level",
                    _("%(region)s是%(level)s行政区划，请改选层级或行政区划。")
                    % {"region": regions.name(region), "level": right.label},
                )
        return data


class RejectForm(forms.Form):
    """Why a proposal is turned down (see four_eyes)."""

    reason = forms.CharField(
        label=_("驳回理由"), max_length=500, error_messages={"required": _("请写明驳回的理由")}
    )
