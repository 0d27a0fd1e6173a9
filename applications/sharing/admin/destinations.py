"""Where a department's supervisors change the platforms: proposed by one, put into effect by another."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.forms import RejectForm
from applications.accounts.models import Role, User
from applications.accounts.proposal_admin import ProposalAdmin
from applications.sharing import access, destinations, selectors
from applications.sharing.forms import DestinationForm
from applications.sharing.models import Destination


@admin.register(Destination)
class DestinationAdmin(ProposalAdmin[Destination]):
    """A list, a page to propose, and a page that shows a proposal beside what is in force, with the two buttons."""

    impersonal = "sharing platforms, and the officers who proposed and decided on them"
    view_roles = (Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)
    visible_to = staticmethod(access.destinations_visible_to)
    list_display = (
        "name",
        "located",
        "level",
        "address",
        "closes",
        "state",
        "active_from",
        "active_to",
        "proposed_by",
        "decided_by",
    )
    list_filter = ("state", "level")
    list_select_related = ("proposed_by", "decided_by")
    list_per_page = 50
    change_list_template = "admin/sharing/destinations.html"

    @admin.display(description=gettext_lazy("行政区划"), ordering="region")
    def located(self, destination: Destination) -> str:
        return destination.place

    def has_view_permission(self, request: HttpRequest, obj: Destination | None = None) -> bool:
        """Of the supervisors only a department's: the others have no say in it."""
        return super().has_view_permission(request, obj) and (
            self.holds(request, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN) or access.may_propose(request.user)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may_propose(request.user)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        waiting = selectors.waiting_for(request.user)
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Propose; begun at a platform that is in force, with what it has."""
        user = self.proposer(request)
        assert user.organ is not None
        form = DestinationForm(
            request.POST if request.method == "POST" else None,
            department_region=user.organ.region,
            initial=selectors.in_force()
            .filter(pk__in=self.visible_to(user), region=request.GET.get("region", "")[:6])
            .values("region", "name", "address")
            .first(),
        )
        return self.propose_page(
            request,
            "admin/sharing/propose.html",
            form,
            lambda said: destinations.propose_destination(**said, actor=user, at=timezone.now()),
            title=_("提出共享平台"),
            done=_("已提出，待另一位负责人复核后生效。"),
        )

    def may_decide(self, request: HttpRequest, proposal: Destination) -> bool:
        return access.may_decide(request.user, proposal)

    def show(
        self, request: HttpRequest, proposal: Destination, problem: str, form: RejectForm
    ) -> HttpResponse:
        proposed = proposal.state == Destination.State.PROPOSED
        current = (
            selectors.in_force().filter(level=proposal.level, region=proposal.region).first()
            if proposed
            else None
        )
        return self.proposal_page(
            request,
            "admin/sharing/destination.html",
            proposal,
            problem,
            form,
            title=str(proposal),
            current=current,
            may_propose=access.may_propose(request.user, proposal.region),
        )

    def approve(self, request: HttpRequest, proposal: Destination) -> str:
        assert isinstance(request.user, User)
        destinations.approve_destination(destination=proposal, actor=request.user, at=timezone.now())
        if proposal.closes:
            return _("已停用，等待推送的信息改送上级在用的平台；上级没有的，等待登记新平台。")
        return _("已生效，本地区等待推送的信息改送现行的平台；推送失败的，须在“共享推送”中重新推送。")

    def reject(self, request: HttpRequest, proposal: Destination, reason: str) -> str:
        assert isinstance(request.user, User)
        destinations.reject_destination(
            destination=proposal, actor=request.user, reason=reason, at=timezone.now()
        )
        return _("已驳回，现行的平台不变。")
