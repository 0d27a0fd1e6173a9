"""The desk for codes that fail their check: hand in with the licence, and agree or refuse as a second officer."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.subjects import access, confirmations
from applications.subjects.forms import OrganisationClaimForm
from applications.subjects.models import CodeConfirmation


class CodeForm(OrganisationClaimForm):
    """What stands on the licence, and the licence."""

    def clean_code(self) -> str:
        return confirmations.clean_failing_code(self.cleaned_data["code"])


class DecisionForm(forms.Form):
    agree = forms.ChoiceField(
        label=_("复核意见"),
        choices=[("yes", _("与证照一致，确认使用")), ("no", _("不予确认"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一项。"), "invalid_choice": _("请选择一项。")},
    )
    reason = forms.CharField(
        label=_("不予确认的原因"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@admin.register(CodeConfirmation)
class CodeConfirmationAdmin(OrganScopedAdmin[CodeConfirmation]):
    view_roles = access.CONFIRMING_ROLES
    organ_kinds = access.CONFIRMING_KINDS
    visible_to = staticmethod(access.codes_visible_to)
    change_list_template = "admin/subjects/code_list.html"
    list_display = ("code", "name", "status", "proposed_by", "proposed_at", "decided_by")
    list_filter = ("status",)
    list_select_related = ("proposed_by", "decided_by")
    show_full_result_count = False

    def reading_chain(self, confirmation: CodeConfirmation) -> str:
        return confirmation.chain

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("new/", page(self.new_view), name="subjects_code_new"),
            path("<int:pk>/licence/", page(self.licence_view), name="subjects_code_licence"),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The code beside its licence; for the second officer, the two answers."""
        if object_id is None:
            raise Http404
        user = request.user
        if not self.has_view_permission(request) or not isinstance(user, User):
            raise PermissionDenied
        found = self.visible_to(user).select_related("licence", "proposed_by", "decided_by")
        confirmation = get_object_or_404(found, pk=whole_number(object_id))
        form = DecisionForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                confirmations.decide_code(
                    confirmation=confirmation,
                    agree=form.cleaned_data["agree"] == "yes",
                    reason=form.cleaned_data["reason"],
                    actor=user,
                    at=timezone.now(),
                )
            except ValidationError as refused:
                form.add_error(None, ValidationError(refused.messages))
            else:
                messages.success(request, _("已办理。"))
                return redirect("admin:subjects_codeconfirmation_changelist")
        mine = confirmation.proposed_by_id == user.pk
        waiting = confirmation.status == CodeConfirmation.Status.PROPOSED
        context = {"confirmation": confirmation, "form": form, "decides": waiting and not mine, "mine": mine}
        return self._page(request, "code", confirmation.code, **context)

    @takes_files(megabytes=10)
    def new_view(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not self.has_view_permission(request) or not isinstance(user, User):
            raise PermissionDenied
        form = CodeForm(request.POST or None, request.FILES or None, user=user)
        if request.method == "POST" and form.is_valid():
            try:
                made = confirmations.propose_code(
                    code=form.cleaned_data["code"],
                    name=form.cleaned_data["name"],
                    licence=form.cleaned_data["proof"],
                    actor=user,
                    at=timezone.now(),
                )
            except ValidationError as refused:
                form.add_error(None, ValidationError(refused.messages))
            else:
                messages.success(request, _("已提出，等待另一名工作人员复核。"))
                return redirect("admin:subjects_codeconfirmation_change", made.pk)
        form.keep_proof()
        return self._page(request, "code_new", _("提出代码确认"), form=form)

    def licence_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.visible_to(request.user).select_related("licence").filter(pk=pk).first()
        if found is None:
            raise Http404
        return file_response(found.licence, inline=True)

    def _page(self, request: HttpRequest, page: str, title: Any, **context: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            **context,
        }
        return render(request, f"admin/subjects/{page}.html", context)
