"""The officers' page of an objection: verify the facts anew, then uphold or overturn (Article 13)."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applications.accounts.models import Role, User
from applications.accounts.refusals import note
from applications.documents.models import Document
from applications.documents.previews import letter_page
from applications.objections.access import visible_to
from applications.objections.admin_entering import EntersObjections
from applications.objections.evidence import papers_of
from applications.objections.models import Objection
from applications.objections.steps import HandleForm, handle_objection
from applications.repairs import access
from applications.repairs.admin_queue import back_to, leading_on
from applications.repairs.assessing import FINDING_LABELS, asked_codes, assess_case, duties_of
from applications.repairs.errors import REFUSALS
from applications.repairs.progress import progress_of
from applications.repairs.selectors import filed_materials
from applications.repairs.services import NotReady, StaleCase
from applications.repairs.steps.checklist import REST_CONFIRMED, beside_conditions, with_rest_confirmed
from rules.procedure import IllegalAction, State


class OutcomeFilter(admin.SimpleListFilter):
    """What became of an objection, and first of all: those that wait."""

    title = _("处理结果")
    parameter_name = "outcome"
    WAITING = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(self.WAITING, _("待处理")), *Objection.Outcome.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Objection]) -> QuerySet[Objection]:
        chosen = self.value()
        if chosen is None:
            return queryset
        return queryset.filter(outcome="" if chosen == self.WAITING else chosen)


@admin.register(Objection)
class ObjectionAdmin(EntersObjections):
    view_roles = (Role.APPROVER, Role.SUPERVISOR)
    visible_to = staticmethod(visible_to)
    list_display = ("case", "subject", "decision_number", "filed_at", "standing", "handler")
    list_filter = (OutcomeFilter,)
    list_select_related = ("case__record__subject", "handler")
    search_fields = ("case__number", "decision_number")
    search_help_text = _("办件编号或者决定文号")
    show_full_result_count = False

    @admin.display(description=_("处理结果"), ordering="outcome")
    def standing(self, objection: Objection) -> str:
        return objection.get_outcome_display() or gettext("待处理")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        objection = self.get_object(request, object_id)
        case = objection.case
        assert isinstance(request.user, User)
        today = timezone.localdate()
        mine = (
            case.status == State.OBJECTING
            and access.may_act(request.user, Role.APPROVER, case)
            and not access.took_part(request.user, case)
        )
        stated = assess_case(case, today)
        review = case.reviews.last()
        beside = beside_conditions(
            case,
            request.user,
            stated,
            more=papers_of(objection),
            last=review.checklist if review else None,
        )
        posted, rest = request.POST or None, "rest" in request.POST
        form = HandleForm(
            # What is disputed gets its verdict from whoever handles the objection, one by one.
            with_rest_confirmed(posted, beside, but=objection.disputed) if rest else posted,
            codes=asked_codes(stated),
            duties=duties_of(case),
            beside=beside,
            initial={"version": case.version},
        )
        problems: list[str] = []
        if request.method == "POST" and not mine:
            objecting = case.status == State.OBJECTING
            note("NotAllowed" if objecting else "IllegalAction", act="handle_objection", about=case.number)
            if objecting:
                messages.warning(
                    request, gettext("异议应当由没有参与原决定的人员处理，请由本单位其他审批人员处理。")
                )
            else:
                messages.warning(
                    request,
                    _("申请%(number)s现为“%(status)s”，没有待处理的异议。")
                    % {"number": case.number, "status": case.get_status_display()},
                )
            return redirect("admin:objections_objection_change", objection.pk)
        act, at = None, timezone.now()
        if request.method == "POST" and not rest and form.is_valid():
            act = partial(
                handle_objection,
                objection=objection,
                overturn=form.cleaned_data["outcome"] == Objection.Outcome.OVERTURNED,
                checklist=form.checklist(),
                reasons=form.cleaned_data["reasons"],
                actor=request.user,
                at=at,
                version=form.cleaned_data["version"],
            )
        if "letter" in request.POST:
            wrong = [str(error) for errors in form.errors.values() for error in errors]
            return letter_page(request, case.number, act, wrong, at=at, refusals=REFUSALS)
        if act is not None:
            try:
                act()
            except NotReady as problem:
                problems = list(problem.problems)
            except (StaleCase, IllegalAction) as late:
                problems = [str(late)]
            else:
                said = _("%(number)s：异议已处理。") % {"number": case.number}
                messages.success(request, leading_on(request, said, case))
                return back_to(request, case)
        decision = Document.objects.get(number=objection.decision_number)
        context = {
            "title": _("异议 %(number)s") % {"number": case.number},
            "objection": objection,
            "case": case,
            "progress": progress_of(case, today),
            "decision": decision,
            "disputed": [FINDING_LABELS[code] for code in objection.disputed],
            "evidence": objection.evidence.select_related("file"),
            "materials": filed_materials(case),
            "duties": case.obligations.select_related("obligation"),
            "form": form if mine else None,
            "problems": problems,
            "said": REST_CONFIRMED if rest and mine else "",
        }
        return self.page(request, "admin/objections/objection.html", 409 if problems else 200, **context)
