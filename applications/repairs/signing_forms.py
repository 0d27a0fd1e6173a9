"""How a commitment is signed: a form for each way (Article 15). Consent to publication is a choice of its own everywhere,
with neither answer preset."""

from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.day_input import DayInput
from applications.accounts.form_helper import helper
from applications.accounts.models import User
from applications.accounts.passwords import is_own_password
from applications.commitments.models import SigningWay
from applications.repairs.errors import NotReady
from applications.repairs.models import RepairCase, SigningLink
from applications.repairs.services.signing import expected_signatory, refuse_signatory
from applications.repairs.services.signing_links import TAIL, is_named, tail_digest
from applications.subjects.identity import same_name

# Who was asked on the first page of a link, for the second: no longer than this.
CONFIRMED_FOR = 60 * 60
SALT = "signing link"


class _WayForm(forms.Form):
    """Of an account that acts for the subject. ``way`` says who may be the signatory."""

    way: SigningWay

    signatory = forms.CharField(label=_("签署人姓名"), max_length=80)

    def __init__(self, *args: Any, user: User, case: RepairCase, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.case = user, case
        subject = case.record.subject
        self.fields["signatory"].help_text = (
            _("请填写本人姓名。") if subject.is_person else _("请填写法定代表人（负责人）姓名。")
        )
        self.initial.setdefault("signatory", expected_signatory(subject))

    def clean_signatory(self) -> str:
        name: str = self.cleaned_data["signatory"].strip()
        try:
            refuse_signatory(case=self.case, way=self.way, signatory=name, actor=self.user)
        except NotReady as refused:
            raise forms.ValidationError(list(refused.problems)) from refused
        return name


def _consent() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=_("是否同意向社会公开承诺书"),
        choices=[("yes", _("同意公开")), ("no", _("不同意公开"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text=_("同意公开承诺是第四条、第五条规定的修复条件。自然人的姓名和证件号码公开时会遮盖。"),
    )


class CommitmentForm(_WayForm):
    """The signature of whoever has the account."""

    way = SigningWay.ACCOUNT
    publication_consent = _consent()
    password = forms.CharField(
        label=_("登录密码"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("再次输入您的登录密码，确认是您在签署。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("签署承诺书"))

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not is_own_password(self.user, password):
            raise forms.ValidationError(_("密码不正确，请重新输入。承诺书还没有签署。"))
        return password


class AgentForm(CommitmentForm):
    """The signature of a handler for the subject, under a power of attorney."""

    way = SigningWay.AGENT
    scope = forms.BooleanField(
        label=_("已上传的授权委托书写明我可以代为签署信用修复承诺书，并写明是否同意公开"),
        error_messages={
            "required": _("授权委托书没有写明可以代为签署承诺书的，不能代签；请换一种方式，或者重新出具。")
        },
    )
    field_order = ["signatory", "scope", "publication_consent", "password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signatory"].label = _("受托人姓名")
        self.fields["signatory"].help_text = _("您自己的姓名，与账号登记的姓名相同。")
        self.initial["signatory"] = self.user.name
        self.helper = helper(_("以受托人身份签署"))


class TypedCode(forms.Form):
    """What is typed back from the paper that was signed: ``expected_code`` is that of the text as it is now."""

    expected_code: str

    code = forms.CharField(
        label=_("纸上的文字校验码"),
        max_length=20,
        help_text=_("印在承诺书末尾的8位字符，用来确认签的就是现在这份文字。"),
    )

    signed_on = forms.DateField(label=_("纸上写的签署日期"), widget=DayInput)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].replace(" ", "").upper()
        if code != self.expected_code:
            raise forms.ValidationError(
                _("校验码与现在的承诺书不符。请核对；打印之后修改过申请的，请重新打印、重新签署。")
            )
        return code


class PaperForm(_WayForm, TypedCode):
    """The scan of what was printed and signed."""

    way = SigningWay.PAPER
    publication_consent = _consent()
    field_order = ["signatory", "code", "signed_on", "publication_consent"]

    def __init__(self, *args: Any, expected_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected_code = expected_code
        self.fields["publication_consent"].help_text = _("与纸上勾选的一致。")
        self.helper = helper(_("以扫描件作为签署件"))


class LinkForm(_WayForm):
    """To whom a link is made, and how it gets there."""

    way = SigningWay.LINK
    delivery = forms.ChoiceField(
        label=_("怎样把链接交给签署人"),
        choices=[
            ("email", _("由系统发到签署人的邮箱")),
            ("hand", _("我来转交：生成网址和二维码，用微信、短信等发给签署人，或者当面扫码")),
        ],
        widget=forms.RadioSelect,
        help_text=_("系统不用短信发送签署链接。"),
    )
    email = forms.EmailField(
        label=_("签署人的邮箱"), required=False, help_text=_("选择由系统发送时填写。请填签署人自己的邮箱。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(_("生成签署链接"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("delivery") == "email" and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("请填写签署人的邮箱，或者选择由您转交。"))
        if cleaned.get("delivery") == "hand":
            cleaned["email"] = ""
        return cleaned


class SignerForm(forms.Form):
    """Who came by a link."""

    name = forms.CharField(
        label=_("您的姓名"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    tail = forms.CharField(
        label=_("您的身份证件号码后六位"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, link: SigningLink, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.link = link
        self.helper = helper(_("下一步：查看承诺书全文"))

    def clean_tail(self) -> str:
        tail: str = self.cleaned_data["tail"].replace(" ", "").upper()
        if len(tail) != TAIL or not (tail.isascii() and tail.isalnum()):
            raise forms.ValidationError(_("请填写证件号码最后6位，末位是X的也要填。"))
        return tail

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not is_named(self.link, name=cleaned["name"].strip(), tail=cleaned["tail"]):
            # One answer for both, so that neither can be guessed apart.
            raise forms.ValidationError(
                _("填写的内容与链接写明的签署人不符。链接不是发给您的，请不要签署，并告知发给您的人。"),
                code="stranger",
            )
        return cleaned

    def confirmed(self) -> str:
        """Who was asked and passed, for the next page: the digest alone."""
        return signing.dumps([self.link.pk, tail_digest(self.cleaned_data["tail"])], salt=SALT)


def confirmed_digest(link: SigningLink, confirmed: str) -> str:
    """The digest of who passed the first page of this link; empty where that is not shown or too long ago."""
    try:
        key, digest = signing.loads(confirmed, salt=SALT, max_age=CONFIRMED_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(digest) if key == link.pk else ""


class LinkSignatureForm(forms.Form):
    """The signature on the second page of a link, below the whole text."""

    confirmed = forms.CharField(widget=forms.HiddenInput)
    shown = forms.CharField(widget=forms.HiddenInput)
    publication_consent = _consent()
    agreed = forms.BooleanField(
        label=_("我已阅读承诺书全文，同意按此承诺"),
        error_messages={"required": _("请阅读全文，同意的请勾选。不同意的，关闭这个页面即可，不会签署。")},
    )
    typed = forms.CharField(
        label=_("输入姓名作为签名"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, link: SigningLink, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.link = link
        self.helper = helper(gettext("签署承诺书"))

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip()
        if not same_name(typed, self.link.signatory):
            raise forms.ValidationError(_("签名与签署人的姓名不同，请重新输入。承诺书还没有签署。"))
        return typed
