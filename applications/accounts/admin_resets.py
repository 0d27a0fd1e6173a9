"""Where a security administrator proposes to take away a lost second factor, and a second person decides on it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts import access, resets
from applications.accounts.events import chain_of
from applications.accounts.forms import RejectForm
from applications.accounts.models import Role, SecondFactorReset, User
from applications.accounts.proposal_admin import ProposalAdmin


class ResetForm(forms.Form):
    email = forms.EmailField(
        label=gettext_lazy("登录邮箱"),
        help_text=gettext_lazy("丢失验证器、也没有备用码的人用来登录的邮箱。"),
        error_messages={
            "required": gettext_lazy("请填写登录邮箱。"),
            "invalid": gettext_lazy("邮箱格式不正确，请按 name@example.com 填写。"),
        },
    )
    grounds = forms.CharField(
        label=gettext_lazy("怎样核对本人"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("例如：本人到场，核对身份证件。不要写证件号码。"),
        error_messages={"required": gettext_lazy("请写明怎样核对是本人。")},
    )


@admin.register(SecondFactorReset)
class ResetAdmin(ProposalAdmin[SecondFactorReset]):
    view_roles = (Role.SECURITY_ADMIN, Role.SUPERVISOR)
    visible_to = staticmethod(access.resets_visible_to)
    list_display = ("account", "organ", "state", "proposed_by", "proposed_at", "decided_by")
    list_filter = ("state",)
    list_select_related = ("account", "organ", "proposed_by", "decided_by")
    list_per_page = 50

    def reading_chain(self, reset: SecondFactorReset) -> str:
        return chain_of(reset.account)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.holds(request, Role.SECURITY_ADMIN)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = self.proposer(request)
        return self.propose_page(
            request,
            "admin/accounts/propose_reset.html",
            ResetForm(request.POST if request.method == "POST" else None),
            lambda said: resets.propose_reset(**said, actor=user, at=timezone.now()),
            title=_("提出重置两步验证"),
            done=_("已提出，待另一人复核；已发邮件告知本人。"),
        )

    def may_decide(self, request: HttpRequest, proposal: SecondFactorReset) -> bool:
        return isinstance(request.user, User) and resets.may_decide(request.user, proposal)

    def show(
        self, request: HttpRequest, proposal: SecondFactorReset, problem: str, form: RejectForm
    ) -> HttpResponse:
        return self.proposal_page(
            request, "admin/accounts/reset.html", proposal, problem, form, title=str(proposal.account)
        )

    def approve(self, request: HttpRequest, proposal: SecondFactorReset) -> str:
        assert isinstance(request.user, User)
        resets.approve_reset(proposal=proposal, actor=request.user, at=timezone.now())
        return _("两步验证已经重置，已发邮件告知本人。本人现在凭密码登录。")

    def reject(self, request: HttpRequest, proposal: SecondFactorReset, reason: str) -> str:
        assert isinstance(request.user, User)
        resets.reject_reset(proposal=proposal, actor=request.user, reason=reason, at=timezone.now())
        return _("已驳回，两步验证不变。")
