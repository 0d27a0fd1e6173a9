"""撤销信用修复 in the officers' site: one proposes that a repair be revoked, another decides."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from applications.accounts.forms import RejectForm
from applications.accounts.four_eyes import NotProposed
from applications.accounts.models import CASE_ROLES
from applications.accounts.proposal_admin import ProposalAdmin
from applications.documents.previews import letter_page
from applications.files.bodies import takes_files
from applications.files.viewing import upload_response
from applications.repairs import access
from applications.repairs.admin_about_case import AboutCase
from applications.repairs.errors import REFUSALS, NotReady
from applications.repairs.models import RevocationProposal
from applications.repairs.steps import propose_revocation, reject_revocation, revoke_case
from applications.repairs.steps.revoke import RevocationForm, effects_of, reapply
from rules.procedure import IllegalAction


class ToDecideFilter(admin.SimpleListFilter):
    title = gettext_lazy("办理")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", gettext_lazy("待我复核"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[RevocationProposal]
    ) -> QuerySet[RevocationProposal]:
        if self.value() != "mine":
            return queryset
        return queryset & access.revocations_to_decide(request.user)  # type: ignore[arg-type]


@admin.register(RevocationProposal)
class RevocationProposalAdmin(AboutCase[RevocationProposal], ProposalAdmin[RevocationProposal]):
    """What waits for a second officer, and what was decided."""

    view_roles = CASE_ROLES
    visible_to = staticmethod(access.revocations_visible_to)
    list_display = ["case", "subject", "state", "proposed_at", "proposed_by", "decided_by"]
    list_filter = [ToDecideFilter, "state"]
    list_select_related = ["case__record__subject", "proposed_by", "decided_by"]
    search_fields = ["case__number__exact"]
    search_help_text = gettext_lazy("完整的办件编号")
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("propose/<int:case_id>/", wrap(self.propose_view), name="repairs_revocation_propose"),
            path("<int:pk>/evidence/", wrap(self.evidence_view), name="repairs_revocation_evidence"),
            *super().get_urls(),
        ]

    @takes_files(megabytes=10)
    def propose_view(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """The materials of a repaired case are false: the facts, the applicant's word, the evidence."""
        user: Any = request.user
        cases = access.visible_to(user).select_related(
            "record__subject", "record__identifying_unit", "organ", "filing__commitment__document"
        )
        case = get_object_or_404(cases, pk=case_id)
        if not access.may_propose_revocation(user, case):
            raise Http404
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = RevocationForm(*posted, user=user)
        if request.method == "POST" and form.is_valid():
            try:
                proposal = propose_revocation(
                    case=case,
                    facts=form.cleaned_data["facts"],
                    statement=form.cleaned_data["statement"],
                    evidence=form.cleaned_data["evidence"],
                    actor=user,
                    at=timezone.now(),
                )
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(request, _("已提交，等待本单位另一位审批人员复核。"))
                return redirect("admin:repairs_revocationproposal_change", proposal.pk)
        form.keep_files()
        context: dict[str, Any] = {"title": _("提议撤销信用修复"), "case": case, "form": form}
        return self.page(request, "admin/repairs/revocation_form.html", **context, **_outlook(case))

    def may_decide(self, request: HttpRequest, proposal: RevocationProposal) -> bool:
        return access.may_decide_revocation(request.user, proposal)  # type: ignore[arg-type]

    def show(
        self, request: HttpRequest, proposal: RevocationProposal, problem: str, form: RejectForm
    ) -> HttpResponse:
        waits = proposal.state == RevocationProposal.State.PROPOSED
        context: dict[str, Any] = {
            "title": _("%(number)s：撤销信用修复") % {"number": proposal.case.number},
            "proposal": proposal,
            "case": proposal.case,
            "problem": problem,
            "form": form,
            "waits": waits,
            "mine": waits and self.may_decide(request, proposal),
            "evidence": self.evidence(request, proposal, "admin:repairs_revocation_evidence"),
        }
        if waits:
            context |= _outlook(proposal.case)
        return self.page(request, "admin/repairs/revocation.html", 409 if problem else 200, **context)

    @method_decorator(require_POST)
    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if "letter" not in request.POST:
            return super().approve_view(request, pk)
        proposal, at = self.find_for(request, pk, self.may_decide), timezone.now()
        act = partial(revoke_case, proposal=proposal, actor=request.user, at=at)  # type: ignore[arg-type]
        about = proposal.case.number
        return letter_page(request, about, act, [], at=at, refusals=(*REFUSALS, NotProposed))

    def approve(self, request: HttpRequest, proposal: RevocationProposal) -> str:
        try:
            revoke_case(proposal=proposal, actor=request.user, at=timezone.now())  # type: ignore[arg-type]
        except NotReady as missing:
            raise ValidationError(list(missing.problems)) from missing
        except IllegalAction as illegal:
            raise ValidationError(str(illegal)) from illegal
        return _("已撤销信用修复：决定书已出具，申请人已通知，将告知共享平台。")

    def reject(self, request: HttpRequest, proposal: RevocationProposal, reason: str) -> str:
        reject_revocation(proposal=proposal, reason=reason, actor=request.user, at=timezone.now())  # type: ignore[arg-type]
        return _("已驳回，修复没有改变。")

    def evidence_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        return upload_response(request, self.find(request, pk).evidence, label=_("证据"))


def _outlook(case: Any) -> dict[str, Any]:
    """What the decision would mean today, as the letter will say."""
    now = timezone.now()
    return {
        "effects": effects_of(case, now, case.filing.commitment),
        "reapply": reapply(case, timezone.localdate(now)),
    }
