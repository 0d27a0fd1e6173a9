"""Where a system administrator proposes the bodies of an organ's remedies, and a supervisor decides on it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.accounts.forms import RejectForm
from applications.accounts.models import Role, User
from applications.accounts.proposal_admin import ProposalAdmin
from applications.documents import access, remedies
from applications.documents.forms import RemediesForm
from applications.documents.models import Remedies
from rules import remedies as law


@admin.register(Remedies)
class RemediesAdmin(ProposalAdmin[Remedies]):
    """A list, a page to propose, and a page that shows a proposal beside what holds, with the two buttons."""

    impersonal = "public bodies, and the officers who proposed and decided on them"
    view_roles = (Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)
    visible_to = staticmethod(access.remedies_visible_to)
    list_display = ("organ", "authority", "court", "effective_from", "state", "proposed_by", "decided_by")
    list_filter = ("state",)
    list_select_related = ("organ", "proposed_by", "decided_by")
    list_per_page = 50
    search_fields = ("organ__name__contains",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Every page of an officer asks.
        return self.holds(request, Role.SYSTEM_ADMIN)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Propose; begun with what holds of the organ in the address."""
        user = self.proposer(request)
        form = RemediesForm(
            request.POST if request.method == "POST" else None,
            organs=access.organs_that_tell(user),
            organ=request.GET.get("organ", ""),
            on=timezone.localdate(),
        )
        return self.propose_page(
            request,
            "admin/documents/propose.html",
            form,
            lambda said: remedies.propose_remedies(**said, actor=user, at=timezone.now()),
            title=_("提出复议机关和管辖法院"),
            done=_("已提出，待负责人复核后生效。"),
        )

    def may_decide(self, request: HttpRequest, proposal: Remedies) -> bool:
        return access.may_decide_remedies(request.user, proposal)

    def show(self, request: HttpRequest, proposal: Remedies, problem: str, form: RejectForm) -> HttpResponse:
        proposed = proposal.state == Remedies.State.PROPOSED
        return self.proposal_page(
            request,
            "admin/documents/remedies.html",
            proposal,
            problem,
            form,
            title=str(proposal.organ),
            current=remedies.in_force(proposal.organ, timezone.localdate()) if proposed else None,
            sentence=law.sentence(proposal.authority, proposal.court),
            may_propose=access.may_propose_remedies(request.user, proposal.organ),
        )

    def approve(self, request: HttpRequest, proposal: Remedies) -> str:
        assert isinstance(request.user, User)
        remedies.approve_remedies(proposal=proposal, actor=request.user, at=timezone.now())
        return _("已复核通过，自生效日期起写入该单位的文书；已经签发的文书不变。")

    def reject(self, request: HttpRequest, proposal: Remedies, reason: str) -> str:
        assert isinstance(request.user, User)
        remedies.reject_remedies(proposal=proposal, actor=request.user, reason=reason, at=timezone.now())
        return _("已驳回，文书写明的机关不变。")
