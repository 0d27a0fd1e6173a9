"""The desk for codes that fail their check: hand in with the licence, and agree or refuse as a second officer."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.forms import RejectForm
from applications.accounts.models import User
from applications.accounts.proposal_admin import ProposalAdmin
from applications.files.bodies import takes_files
from applications.files.viewing import upload_response
from applications.subjects import access, confirmations
from applications.subjects.forms import OrganisationForm
from applications.subjects.models import CodeConfirmation


class CodeForm(OrganisationForm):
    """What stands on the licence, and the licence."""

    def clean_code(self) -> str:
        return confirmations.clean_failing_code(self.cleaned_data["code"])


@admin.register(CodeConfirmation)
class CodeConfirmationAdmin(ProposalAdmin[CodeConfirmation]):
    view_roles = access.CONFIRMING_ROLES
    organ_kinds = access.CONFIRMING_KINDS
    visible_to = staticmethod(access.confirmations_visible_to)
    change_list_template = "admin/subjects/code_list.html"
    list_display = ("code", "name", "state", "proposed_by", "proposed_at", "decided_by")
    list_filter = ("state",)
    list_select_related = ("proposed_by", "decided_by", "licence")
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("new/", page(self.new_view), name="subjects_code_new"),
            path("<int:pk>/licence/", page(self.licence_view), name="subjects_code_licence"),
            *super().get_urls(),
        ]

    def may_decide(self, request: HttpRequest, proposal: CodeConfirmation) -> bool:
        return access.may_decide_code(request.user, proposal)

    def show(
        self, request: HttpRequest, proposal: CodeConfirmation, problem: str, form: RejectForm
    ) -> HttpResponse:
        """The code beside its licence; for the second officer, the two answers."""
        waits = proposal.state == CodeConfirmation.State.PROPOSED
        context: dict[str, Any] = {
            "title": proposal.code,
            "confirmation": proposal,
            "problem": problem,
            "form": form,
            "mine": waits and access.may_decide_code(request.user, proposal),
            "evidence": self.evidence(request, proposal, "admin:subjects_code_licence"),
            "waits": waits,
        }
        return self.page(request, "admin/subjects/code.html", 409 if problem else 200, **context)

    def approve(self, request: HttpRequest, proposal: CodeConfirmation) -> str:
        assert isinstance(request.user, User)
        confirmations.confirm_code(confirmation=proposal, actor=request.user, at=timezone.now())
        return _("已确认，这个代码现在可以用于导入和认领。")

    def reject(self, request: HttpRequest, proposal: CodeConfirmation, reason: str) -> str:
        assert isinstance(request.user, User)
        confirmations.refuse_code(confirmation=proposal, reason=reason, actor=request.user, at=timezone.now())
        return _("已驳回，这个代码不能使用。")

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
        form.keep_files()
        status = 400 if form.errors else 200
        return self.page(request, "admin/subjects/code_new.html", status, title=_("提出代码确认"), form=form)

    def licence_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return upload_response(request, self.find(request, pk).licence, label=_("证照"))
