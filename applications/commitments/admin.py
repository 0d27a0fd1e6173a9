"""The department's desk: the public commitments of its region, and that one of them is broken, as one officer hands in and
another decides (Article 15)."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.forms import RejectForm
from applications.accounts.models import Role, User
from applications.accounts.proposal_admin import ProposalAdmin
from applications.commitments import access, breaches
from applications.commitments.forms import FindingForm
from applications.commitments.models import BreachFinding, Commitment
from applications.files.bodies import takes_files
from applications.files.viewing import upload_response
from applications.organs.models import Organ

Kind, State = BreachFinding.Kind, BreachFinding.State


class BrokenFilter(admin.EmptyFieldListFilter):
    """By whether it was found to be broken."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = gettext_lazy("违背承诺")

    def choices(self, changelist: Any) -> Iterator[Any]:
        words = (None, gettext_lazy("没有被认定违背"), gettext_lazy("已被认定违背"))
        for choice, said in zip(super().choices(changelist), words, strict=True):
            yield {**choice, "display": said or choice["display"]}


@admin.register(Commitment)
class CommitmentAdmin(OrganScopedAdmin[Commitment]):
    view_roles = (Role.SUPERVISOR,)
    organ_kinds = (Organ.Kind.CREDIT_MANAGEMENT,)
    visible_to = staticmethod(access.visible_to)
    list_display = ("subject_name", "kind", "organ", "signed_at", "published_at", "broken_at")
    list_filter = ("kind", ("broken_at", BrokenFilter))
    list_select_related = ("subject", "organ")
    list_per_page = 50
    ordering = ("-published_at", "-id")
    search_fields = ("subject__name__exact", "subject__uscc__exact")
    search_help_text = gettext_lazy("完整的名称或者统一社会信用代码")
    show_full_result_count = False

    def reading_chain(self, obj: Commitment) -> str:
        return obj.chain

    @admin.display(description=gettext_lazy("承诺人"))
    def subject_name(self, commitment: Commitment) -> str:
        return commitment.subject.public_name

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.finding_view)
        return [
            path("<int:pk>/finding/<slug:kind>/", view, name="commitments_commitment_finding"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        commitment = self.get_object(request, object_id)
        return self.page(
            request,
            "admin/commitments/commitment.html",
            title=_("信用承诺"),
            commitment=commitment,
            findings=commitment.findings.select_related("proposed_by", "decided_by"),
            may_propose=access.may_propose_finding(request.user, commitment),
            may_lift=breaches.may_lift(commitment),
        )

    @takes_files(megabytes=10)
    def finding_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """What is found, and the paper that shows it."""
        commitment = self.get_object(request, str(pk))
        if kind not in Kind.values or not access.may_propose_finding(request.user, commitment):
            raise Http404
        assert isinstance(request.user, User)
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = FindingForm(*posted, user=request.user)
        if request.method == "POST" and form.is_valid():
            try:
                finding = breaches.propose_finding(
                    commitment=commitment,
                    kind=kind,
                    facts=form.cleaned_data["facts"],
                    evidence=form.cleaned_data["evidence"],
                    actor=request.user,
                    at=timezone.now(),
                )
            except ValidationError as refused:
                form.add_error(None, refused.messages)
            else:
                messages.success(request, _("已提交，等待本部门或者上级部门的另一位负责人复核。"))
                return redirect("admin:commitments_breachfinding_change", finding.pk)
        form.keep_files()
        return self.page(
            request,
            "admin/commitments/finding_form.html",
            title=Kind(kind).label,
            commitment=commitment,
            form=form,
            kind=kind,
        )


class ToDecideFilter(admin.SimpleListFilter):
    title = gettext_lazy("办理")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", gettext_lazy("待我复核"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[BreachFinding]) -> QuerySet[BreachFinding]:
        if self.value() != "mine":
            return queryset
        return queryset.filter(state=State.PROPOSED).exclude(proposed_by=request.user.pk)


@admin.register(BreachFinding)
class BreachFindingAdmin(ProposalAdmin[BreachFinding]):
    """What waits for a second officer, and what was decided."""

    view_roles = (Role.SUPERVISOR,)
    organ_kinds = (Organ.Kind.CREDIT_MANAGEMENT,)
    visible_to = staticmethod(access.findings_visible_to)
    list_display = ("subject_name", "kind", "state", "proposed_at", "proposed_by", "decided_by")
    list_filter = (ToDecideFilter, "state", "kind")
    list_select_related = ("commitment__subject", "proposed_by", "decided_by")
    search_fields = ("commitment__subject__name__exact",)
    search_help_text = gettext_lazy("完整的名称")
    show_full_result_count = False

    @admin.display(description=gettext_lazy("承诺人"))
    def subject_name(self, finding: BreachFinding) -> str:
        return finding.commitment.subject.public_name

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.evidence_view)
        return [
            path("<int:pk>/evidence/", view, name="commitments_breachfinding_evidence"),
            *super().get_urls(),
        ]

    def may_decide(self, request: HttpRequest, proposal: BreachFinding) -> bool:
        return access.may_decide_finding(request.user, proposal)

    def show(
        self, request: HttpRequest, proposal: BreachFinding, problem: str, form: RejectForm
    ) -> HttpResponse:
        waits = proposal.state == State.PROPOSED
        return self.page(
            request,
            "admin/commitments/finding.html",
            409 if problem else 200,
            title=proposal.get_kind_display(),
            finding=proposal,
            commitment=proposal.commitment,
            problem=problem,
            form=form,
            waits=waits,
            mine=waits and access.may_decide_finding(request.user, proposal),
            evidence=self.evidence(request, proposal, "admin:commitments_breachfinding_evidence"),
        )

    def approve(self, request: HttpRequest, proposal: BreachFinding) -> str:
        assert isinstance(request.user, User)
        breaches.approve_finding(finding=proposal, actor=request.user, at=timezone.now())
        return _("已生效，公示的承诺已同步显示，并已告知承诺人。")

    def reject(self, request: HttpRequest, proposal: BreachFinding, reason: str) -> str:
        assert isinstance(request.user, User)
        breaches.reject_finding(finding=proposal, reason=reason, actor=request.user, at=timezone.now())
        return _("已驳回，承诺没有更改。")

    def evidence_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        finding = self.get_object(request, str(pk))
        return upload_response(request, finding.evidence, label=_("依据"))
