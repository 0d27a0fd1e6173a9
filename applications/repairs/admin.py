"""The officers' desk: a queue sorted by legal due date, one page a case, one page a step."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from applications.accounts.absences import absence_of
from applications.accounts.admin_exports import ExportsList
from applications.accounts.admin_filters import DayRangeFilter, SavedFilters, SavesFilters
from applications.accounts.admin_lists import KeysFirst, is_search
from applications.accounts.http import whole_number
from applications.accounts.models import CASE_ROLES, User
from applications.documents.previews import letter_page
from applications.repairs import (
    access,
    admin_inquiries,  # noqa: F401
    admin_reception,  # noqa: F401
    admin_revocations,  # noqa: F401
    exporting,
    services,
    steps,
)
from applications.repairs.admin_handing import HandsOver
from applications.repairs.admin_improvements import NotesImprovements
from applications.repairs.admin_queue import (
    OfficerFilter,
    QueueFilter,
    back_to,
    from_queue,
    leading_on,
    order_of,
    queue_opened,
)
from applications.repairs.admin_rows import QueueRows
from applications.repairs.admin_straight_on import GoesStraightOn, open_steps
from applications.repairs.admin_yearbook import KeepsYearbooks
from applications.repairs.errors import REFUSALS
from applications.repairs.messages import stale
from applications.repairs.models import CorrectionItem, RepairCase
from applications.repairs.officer_forms import in_charge, officer_form
from applications.repairs.progress import progress_of
from applications.repairs.search import find_cases
from applications.repairs.selectors import (
    filed_materials,
    officer_of,
    sent_notices,
    unsent_notice,
)
from applications.repairs.services.proofs import letters_of
from applications.repairs.services.sittings import filed_together
from applications.repairs.spent_roles import spent_roles
from applications.repairs.steps import PAGES
from applications.repairs.steps.deciding import assess_by_review
from applications.repairs.steps.request_correction import WaiverForm
from applications.repairs.verdicts import returns_of
from rules.procedure import IllegalAction, Role, State


@admin.register(RepairCase)
class RepairCaseAdmin(
    QueueRows,
    GoesStraightOn,
    HandsOver,
    KeepsYearbooks,
    NotesImprovements,
    SavesFilters,
    ExportsList[RepairCase],
):
    change_list_template = "admin/repairs/list.html"
    view_roles = CASE_ROLES
    visible_to = staticmethod(access.visible_to)
    list_filter = (QueueFilter, OfficerFilter, ("due_on", DayRangeFilter), "record__severity", SavedFilters)
    list_per_page = 50
    search_fields = ("number",)
    search_help_text = _(
        "在全部办件中查找：办件编号、决定书文号、统一社会信用代码（从头输入），或者主体名称中的任意几个字"
    )
    show_full_result_count = False
    paginator = KeysFirst
    # See admin_queue.ORDER.
    sortable_by = ()
    # A case's page has its own way back; worked out for each row, the list's filters cost a quarter of the page.
    preserve_filters = False
    export_columns = exporting.COLUMNS
    exported = staticmethod(exporting.with_all)

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return order_of("all" if is_search(request) else queue_opened(request))

    def reading_chain(self, case: RepairCase) -> str:
        return case.number

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[RepairCase], search_term: str
    ) -> tuple[QuerySet[RepairCase], bool]:
        """Among all that may be seen, whatever list was open: a case is found where it is."""
        if not search_term.strip():
            return queryset, False
        found, more = find_cases(self.get_queryset(request), search_term)
        if more:
            messages.info(
                request,
                _("结果较多，只列出一部分。请输入更完整的名称、代码或者编号。"),
            )
        return queryset.filter(pk__in=found), False

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<int:case_id>/step/<slug:action>/",
                self.admin_site.admin_view(self.step_view),
                name="repairs_step",
            ),
            path(
                "<int:case_id>/officer/",
                self.admin_site.admin_view(self.officer_view),
                name="repairs_officer",
            ),
            path(
                "<int:case_id>/exception/<int:item_id>/",
                self.admin_site.admin_view(self.exception_view),
                name="repairs_exception",
            ),
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One case: what is claimed, the materials, what the rules say, and the steps that are one's to take."""
        case = self._case(request, object_id)
        today = timezone.localdate()
        objection, officer = getattr(case, "objection", None), officer_of(case)
        # What the rules say is shown to whoever decides.
        decides = access.turn_role(case) == Role.APPROVER
        unsent = unsent_notice(case) if case.status == State.SUBMITTED else None
        context: dict[str, Any] = {
            "title": f"{case.number} {case.record.subject}",
            "from_queue": from_queue(request),
            "case": case,
            "progress": progress_of(case, today),
            "duties": case.obligations.select_related("obligation"),
            "materials": filed_materials(case),
            "assessment": assess_by_review(case, today) if decides else None,
            "reviews": case.reviews.select_related("reviewer"),
            "returns": returns_of(case),
            "spent": spent_roles(request.user, case),  # type: ignore[arg-type]
            "notices": sent_notices(case),
            "unsent": unsent,
            "unsent_items": unsent.items.select_related("exception_by") if unsent else [],
            "may_waive": access.may_waive(request.user, case),  # type: ignore[arg-type]
            "officer": officer,
            "away": absence_of(officer, today) if officer else None,
            "officer_form": officer_form(case, request.user, officer),  # type: ignore[arg-type]
            "letters_to_serve": letters_of(case),
            "may_serve": case.filing.reception is not None
            and access.may_receive_for(request.user, case.filing.reception),  # type: ignore[arg-type]
            "objection": objection,
            "may_note": access.may_work_on(request.user, case),  # type: ignore[arg-type]
            "may_inquire": access.may_inquire(request.user, case),  # type: ignore[arg-type]
            "revocations": case.revocation_proposals.all(),
            "together": filed_together(case, request.user),  # type: ignore[arg-type]
            "may_propose_revocation": access.may_propose_revocation(request.user, case),  # type: ignore[arg-type]
            "buttons": open_steps(case, request.user, today),  # type: ignore[arg-type]
        }
        return self.page(request, "admin/repairs/case.html", **context)

    def _case(self, request: HttpRequest, object_id: str | int) -> RepairCase:
        assert isinstance(request.user, User)
        cases = self.visible_to(request.user).select_related(
            "record__subject",
            "record__identifying_unit",
            "organ",
            "filing__commitment__document",
            "filing__commitment__subject",
            "objection",
        )
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(cases, pk=whole_number(str(object_id)))

    @method_decorator(require_POST)
    def officer_view(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Take a case, hand it to a colleague, or give it back."""
        case = self._case(request, case_id)
        assert isinstance(request.user, User)
        form = officer_form(case, request.user, officer_of(case), request.POST)
        if form is None and access.turn_role(case) is not None:
            raise Http404
        if form is None:
            messages.warning(
                request,
                _("申请%(number)s现为“%(status)s”，没有需要承办的环节。")
                % {"number": case.number, "status": case.get_status_display()},
            )
        elif not form.is_valid():
            messages.error(request, gettext("承办人没有改变：请从名单中选择本单位现在可以承办的人员。"))
        else:
            chosen: User | None = form.cleaned_data["officer"]
            try:
                changed = services.assign_case(
                    case=case, officer=chosen, actor=request.user, at=timezone.now()
                )
            except services.NotAllowed:
                raise Http404 from None
            except services.NotReady as problem:
                messages.error(request, str(problem))
            else:
                now = in_charge(chosen, timezone.localdate())
                said = f"{case.number}{'' if changed else gettext('没有改变，仍')}{now}。"
                messages.success(request, leading_on(request, said, case))
        return back_to(request, case)

    def exception_view(self, request: HttpRequest, case_id: int, item_id: int) -> HttpResponse:
        """The head of the organ says why something is asked for again."""
        case = self._case(request, case_id)
        assert isinstance(request.user, User)
        if not access.may_waive(request.user, case):
            raise Http404
        item = (
            CorrectionItem.objects.select_related("notice__case")
            .filter(pk=item_id, notice__case=case)
            .first()
        )
        if item is None or not item.asks_again or item.sent_at or case.status != State.SUBMITTED:
            # The officer has changed the draft meanwhile, or sent it.
            messages.warning(request, gettext("这项补正要求已经改动、发出或者不需要理由，请重新查看。"))
            return back_to(request, case)
        form = WaiverForm(request.POST or None, initial={"reason": item.exception_reason})
        if request.method == "POST" and form.is_valid():
            try:
                steps.waive_item(
                    item=item, reason=form.cleaned_data["reason"], actor=request.user, at=timezone.now()
                )
            except services.NotAllowed:
                raise Http404 from None
            except services.NotReady as problem:
                form.add_error(None, str(problem))
            else:
                said = gettext("理由已记录，受理人员现在可以发送补正告知。")
                messages.success(request, leading_on(request, said, case))
                return back_to(request, case)
        context: dict[str, Any] = {
            "title": gettext("再次告知补正的理由"),
            "from_queue": from_queue(request),
            "case": case,
            "item": item,
            "form": form,
            "materials": filed_materials(case),
            "duties": case.obligations.select_related("obligation"),
            "notices": sent_notices(case),
        }
        return self.page(request, "admin/repairs/exception.html", **context)

    def step_view(self, request: HttpRequest, case_id: int, action: str) -> HttpResponse:
        """The page of one step: what it needs, what follows from it, and the button that takes it."""
        case = self._case(request, case_id)
        if action not in PAGES:
            raise Http404
        today = timezone.localdate()
        posted = {"version": case.version} if "letter" in request.GET else request.POST or None
        try:
            page = PAGES[action](case, request.user, today, posted)  # type: ignore[arg-type]
        except services.NotAllowed:
            raise Http404 from None
        except IllegalAction as illegal:
            messages.warning(request, f"{illegal}{stale(case)}")
            return back_to(request, case)
        if page.step.documents and ("letter" in request.GET or "letter" in request.POST):
            at = timezone.now()
            act = partial(page.take, at=at) if page.is_valid() else None
            return letter_page(request, case.number, act, page.errors(), at=at, refusals=REFUSALS)
        if request.method == "POST" and page.is_valid():
            try:
                done = page.take(at=timezone.now())
            except services.NotReady as problem:
                page.problems = list(problem.problems)
            except services.NotAllowed:
                raise Http404 from None
            except (services.StaleCase, IllegalAction) as late:
                # What was typed stays on the page, beside the word that somebody was quicker.
                page.problems = [str(late)]
            else:
                messages.success(request, leading_on(request, done, case))
                return redirect(f"{page.after}{from_queue(request)}")
        context: dict[str, Any] = {
            "title": page.step.label,
            "from_queue": from_queue(request),
            "case": case,
            "page": page,
            "materials": filed_materials(case),
            "duties": case.obligations.select_related("obligation"),
            "notices": sent_notices(case),
            "returns": returns_of(case),
            "spent": spent_roles(request.user, case),  # type: ignore[arg-type]
        }
        status = 409 if request.method == "POST" and page.problems else 200
        return self.page(request, "admin/repairs/step.html", status, **context)
