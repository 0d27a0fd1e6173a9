"""What becomes of a penalty at its source, in the officers' site: one hands it in, another decides."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.forms import RejectForm
from applications.accounts.models import User
from applications.accounts.proposal_admin import ProposalAdmin
from applications.deadlines.models import Deadline
from applications.files.bodies import takes_files
from applications.files.viewing import upload_response
from applications.records import access, fields
from applications.records.access import RECORD_ROLES, may_decide_act, may_propose_act
from applications.records.forms import ChangeForm, GroundsForm, RevokeForm, UnrevokeForm
from applications.records.history import values_before
from applications.records.models import DishonestyRecord, SourceAct
from applications.records.services import source
from applications.records.services.reinstatement import values_without_revocation
from rules.procedure import Clock

Kind = SourceAct.Kind
SourceState = DishonestyRecord.SourceState


class ProposesActs(OrganScopedAdmin[DishonestyRecord]):
    """The pages of a record on which its change is proposed."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/act/<slug:kind>/", wrap(self.act_view), name="records_dishonestyrecord_act"),
            path(
                "<int:pk>/restore/<int:change>/",
                wrap(self.restore_view),
                name="records_dishonestyrecord_restore",
            ),
            *super().get_urls(),
        ]

    @takes_files(megabytes=10)
    def act_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """The penalty was revoked, or changed, or not revoked after all: the paper, the day, the reason, what changes."""
        record = self._proposable(request, pk)
        assert isinstance(request.user, User)
        if kind not in (Kind.REVOKE, Kind.CHANGE, Kind.UNREVOKE):
            raise Http404
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form: GroundsForm
        written: dict[str, Any] = {}
        if kind == Kind.CHANGE:
            form = ChangeForm(*posted, record=record, on=timezone.localdate(), user=request.user)
        elif kind == Kind.UNREVOKE and record.source_state == SourceState.REVOKED:
            form = UnrevokeForm(*posted, user=request.user)
            written = values_without_revocation(record, timezone.now())
        elif kind == Kind.UNREVOKE:
            messages.warning(request, _("该处罚没有登记为撤销，或者已经恢复。"))
            return redirect("admin:records_dishonestyrecord_history", record.pk)
        else:
            form = RevokeForm(*posted, user=request.user)
        return self._propose(request, record, form, kind=kind, written=written)

    def restore_view(self, request: HttpRequest, pk: int, change: int) -> HttpResponse:
        """Have the record be as it was before a change."""
        record = self._proposable(request, pk)
        undone = get_object_or_404(record.changes, pk=change)
        kept = values_before(record).get(undone.pk)
        if not kept:
            messages.warning(request, _("这次变更没有可以恢复的内容。"))
            return redirect("admin:records_dishonestyrecord_history", record.pk)
        return self._propose(
            request,
            record,
            GroundsForm(request.POST or None),
            kind=Kind.RESTORE,
            written={name: fields.from_json(name, value) for name, value in kept.items()},
            undone=undone,
        )

    def _proposable(self, request: HttpRequest, pk: int) -> DishonestyRecord:
        record = self.get_object(request, str(pk))
        if not may_propose_act(request.user, record):
            raise Http404
        return record

    def _propose(
        self,
        request: HttpRequest,
        record: DishonestyRecord,
        form: GroundsForm,
        *,
        kind: str,
        written: Mapping[str, Any],
        undone: Any = None,
    ) -> HttpResponse:
        """``written``: what the act is to make of the record, to be shown; of a change the form itself shows it."""
        assert isinstance(request.user, User)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            common: dict[str, Any] = {
                "grounds": data["grounds"], "actor": request.user, "at": timezone.now(),
            }  # fmt: skip
            try:
                if undone is not None:
                    act = source.restore(change=undone, **common)
                else:
                    act = source.propose_act(
                        record=record,
                        kind=kind,
                        values=form.values,
                        document=data["document"],
                        document_number=data["document_number"],
                        effective_on=data["effective_on"],
                        **common,
                    )
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(request, _("已提交，等待本单位另一位审批人员复核。"))
                return redirect("admin:records_sourceact_change", act.pk)
        if isinstance(form, RevokeForm):
            form.keep_files()
        return self.page(
            request,
            "records/admin/act_form.html",
            title=Kind(kind).label,
            record=record,
            form=form,
            kind=kind,
            changes=_in_words(record, written),
        )


class ToDecideFilter(admin.SimpleListFilter):
    title = gettext_lazy("办理")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", gettext_lazy("待我复核"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SourceAct]) -> QuerySet[SourceAct]:
        return queryset & access.acts_to_decide(request.user) if self.value() == "mine" else queryset


@admin.register(SourceAct)
class SourceActAdmin(ProposalAdmin[SourceAct]):
    """What waits for a second officer, and what was decided."""

    view_roles = RECORD_ROLES
    visible_to = staticmethod(access.acts_visible_to)
    list_display = ["record", "kind", "state", "proposed_at", "proposed_by", "decided_by"]
    list_filter = [ToDecideFilter, "state", "kind"]
    list_select_related = ["record", "proposed_by", "decided_by"]
    search_fields = ["record__document_number__exact"]
    search_help_text = _("完整的决定书文号")
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/document/", wrap(self.document_view), name="records_sourceact_document"),
            *super().get_urls(),
        ]

    def may_decide(self, request: HttpRequest, proposal: SourceAct) -> bool:
        return may_decide_act(request.user, proposal)

    def show(self, request: HttpRequest, proposal: SourceAct, problem: str, form: RejectForm) -> HttpResponse:
        act, record = proposal, proposal.record
        waits = act.state == SourceAct.State.PROPOSED
        values = {name: fields.from_json(name, kept) for name, kept in act.values.items()}
        if waits and act.kind == Kind.UNREVOKE:
            values = values_without_revocation(record, timezone.now())
        context: dict[str, Any] = {
            "title": act.get_kind_display(),
            "act": act,
            "record": record,
            "problem": problem,
            "form": form,
            "changes": _in_words(record, values),
            "waits": waits,
            "clock": _clock(act),
            "mine": waits and may_decide_act(request.user, act),
            "evidence": self.evidence(request, act, "admin:records_sourceact_document"),
        }
        return self.page(request, "records/admin/act.html", 409 if problem else 200, **context)

    def approve(self, request: HttpRequest, proposal: SourceAct) -> str:
        assert isinstance(request.user, User)
        source.approve_act(act=proposal, actor=request.user, at=timezone.now())
        if proposal.kind == Kind.UNREVOKE:
            return _("已生效，将告知共享平台；有因此终止的申请的，已告知申请人可以重新申请。")
        return _("已生效，将告知共享平台；有正在办理的申请的，已一并处理。")

    def reject(self, request: HttpRequest, proposal: SourceAct, reason: str) -> str:
        assert isinstance(request.user, User)
        source.reject_act(act=proposal, reason=reason, actor=request.user, at=timezone.now())
        return _("已驳回，信息没有更改。")

    def document_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        act = self.get_object(request, str(pk))
        if act.document is None:
            raise Http404
        return upload_response(request, act.document, label=_("依据"))


def _clock(act: SourceAct) -> Deadline | None:
    if act.round is None:
        return None
    clocks = Deadline.objects.filter(case_number=act.record.reference, kind=Clock.WITHDRAWAL)
    return clocks.filter(round=act.round).first()


def _in_words(record: DishonestyRecord, values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Field, what the record says now, what it is to say."""

    def words(name: str, value: Any) -> str:
        return fields.in_words(name, fields.to_json(value))

    return [
        (fields.label(name), words(name, fields.present(record, name)), words(name, value))
        for name, value in values.items()
    ]
