"""Where a department's supervisors change the calendar: proposed by one, compared and approved by another."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.forms import RejectForm
from applications.accounts.four_eyes import NotProposed
from applications.accounts.http import whole_number
from applications.accounts.models import Role, User
from applications.calendars import access, services
from applications.calendars.forms import ClosureForm, NoticeForm
from applications.calendars.impact import impact_of, read_back
from applications.calendars.models import CalendarChange, CalendarNotice, LocalClosure, Recalculation
from applications.calendars.selectors import recalculation_of, waiting_for
from applications.files.bodies import takes_files
from applications.ledger.services import record_event
from applications.organs import regions
from applications.spreadsheets import CsvTable
from rules.errors import InputError

MOVES_A_PAGE = 100
COLUMNS = (
    gettext_lazy("办件编号"),
    gettext_lazy("责任机构"),
    gettext_lazy("期限"),
    gettext_lazy("起算日"),
    gettext_lazy("原届满日"),
    gettext_lazy("新届满日"),
)


class CalendarChangeAdmin(OrganScopedAdmin[Any]):
    """A list, a page to propose, and a page that shows what a proposal would do, with the two buttons."""

    impersonal = "the working calendar, and the officers who proposed and decided it"
    view_roles = (Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)
    list_select_related = ("proposed_by", "decided_by")
    list_filter = ("state",)
    list_per_page = 50
    change_list_template = "admin/calendars/changes.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may_propose(request.user)

    def get_urls(self) -> list[URLPattern]:
        def named(verb: str, view: Any) -> URLPattern:
            name = f"calendars_{self.opts.model_name}_{verb}"
            page: URLPattern = path(f"<int:pk>/{verb}/", self.admin_site.admin_view(view), name=name)
            return page

        return [
            named("approve", self.approve_view),
            named("reject", self.reject_view),
            named("moves", self.moves_view),
            *super().get_urls(),
        ]

    def make_form(self, request: HttpRequest) -> Any:
        raise NotImplementedError

    def propose(self, data: dict[str, Any], user: User) -> CalendarChange:
        raise NotImplementedError

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        waiting = [
            (change, self._address("change", change.pk))
            for change in waiting_for(request.user)
            if isinstance(change, self.model)
        ]
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting})

    @takes_files(megabytes=1)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        form = self.make_form(request)
        if request.method == "POST" and form.is_valid():
            try:
                change = self.propose(form.cleaned_data, request.user)
            except InputError as error:
                form.add_error(error.path if error.path in form.fields else None, str(error))
            else:
                messages.success(request, _("已提出，待另一位负责人复核后生效。"))
                return redirect(self._address("change", change.pk))
        context = {
            "title": _("提出%(what)s") % {"what": self.opts.verbose_name},
            "form": form,
        }
        return self.page(request, "admin/calendars/propose.html", 400 if form.errors else 200, **context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        pk = whole_number(object_id)
        if pk is None:
            raise Http404
        return self._page(request, pk)

    def _page(
        self, request: HttpRequest, pk: int, problem: str = "", reject_form: RejectForm | None = None
    ) -> HttpResponse:
        """What a proposal would do, or what was decided about it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        change = get_object_or_404(self.get_queryset(request), pk=pk)
        proposed = change.state == CalendarChange.State.PROPOSED
        context = {
            "title": str(change),
            "change": change,
            "problem": problem,
            "form": reject_form or RejectForm(),
            "may_decide": proposed and access.may_decide(request.user, change),
            "may_confirm": proposed and access.may_confirm(request.user, change),
            "recalculation": recalculation_of(change),
            **{f"{verb}_address": self._address(verb, pk) for verb in ("approve", "reject", "moves")},
        }
        if isinstance(change, CalendarNotice):
            context["read"] = read_back(change)
            context["confirm_address"] = self._address("confirm", pk)
        else:
            context["place"] = regions.name(change.region)
        try:
            impact = impact_of(change, request.user)  # type: ignore[arg-type]
        except InputError as error:
            # It cannot take effect any more; it can still be turned down.
            context["problem"] = str(error)
            impact = None
        if impact:
            seen: Paginator[Any] = Paginator(impact.moves.seen, MOVES_A_PAGE)
            context |= {
                "impact": impact,
                "elsewhere": impact.moves.count - seen.count,
                "page": seen.get_page(request.GET.get("page")),
            }
        return self.page(request, "admin/calendars/change.html", 409 if problem else 200, **context)

    def moves_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Every moved clock that the person may see, as a table for a spreadsheet."""
        if not self.has_view_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        change = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            impact = impact_of(change, request.user)
        except InputError as error:
            return self._page(request, pk, str(error))
        if impact is None:
            raise Http404
        name = f"{self.opts.model_name}-{pk}"
        response = HttpResponse(
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}-clocks.csv"'},
        )
        table = CsvTable(response, COLUMNS)
        moves = impact.moves.seen[:]
        for move in moves:
            table.add([move.case_number, move.organ, move.kind, move.started_on, move.old, move.new])
        with transaction.atomic():
            record_event(
                chain=name,
                verb="calendar.exported",
                at=timezone.now(),
                actor=request.user,
                role="staff",
                organ=request.user.organ,
                payload={"clocks": len(moves)},
            )
        return response

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        change = self._to_decide(request, pk)
        if isinstance(change, HttpResponse):
            return change
        try:
            done = services.approve(
                change=change,
                approver=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                seen=request.POST.get("version", ""),
            )
        except (NotProposed, InputError) as problem:
            return self._page(request, pk, str(problem))
        messages.success(
            request,
            _("已生效：核对%(checked)d个进行中的期限，变动%(moved)d个，已通知承办人。")
            % {"checked": done.checked, "moved": done.moved},
        )
        return redirect(self._address("change", pk))

    def reject_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        change = self._to_decide(request, pk)
        if isinstance(change, HttpResponse):
            return change
        form = RejectForm(request.POST)
        if not form.is_valid():
            return self._page(request, pk, _("没有驳回：请写明理由。"), form)
        try:
            services.reject(
                change=change,
                approver=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except NotProposed as problem:
            return self._page(request, pk, str(problem), form)
        messages.success(request, _("已驳回，工作日历不变。"))
        return redirect(self._address("change", pk))

    def _to_decide(
        self, request: HttpRequest, pk: int, may: Callable[[Any, CalendarChange], bool] = access.may_decide
    ) -> CalendarChange | HttpResponse:
        """404 for whoever may not do this: the button is not on their page either."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        change: CalendarChange = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request) or not may(request.user, change):
            raise Http404
        return change

    def _address(self, verb: str, pk: int) -> str:
        return reverse(f"admin:calendars_{self.opts.model_name}_{verb}", args=[pk])


@admin.register(CalendarNotice)
class CalendarNoticeAdmin(CalendarChangeAdmin):
    visible_to = staticmethod(lambda user: CalendarNotice.objects.all())
    list_display = (
        "year",
        "document_number",
        "state",
        "proposed_by",
        "proposed_at",
        "decided_by",
        "decided_at",
    )

    def get_urls(self) -> list[URLPattern]:
        confirm = self.admin_site.admin_view(self.confirm_view)
        return [
            path("<int:pk>/confirm/", confirm, name="calendars_calendarnotice_confirm"),
            *super().get_urls(),
        ]

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        notice = self._to_decide(request, pk, access.may_confirm)
        if isinstance(notice, HttpResponse):
            return notice
        try:
            services.confirm(notice=notice, supervisor=request.user, at=timezone.now())  # type: ignore[arg-type]
        except (NotProposed, InputError) as problem:
            return self._page(request, pk, str(problem))
        messages.success(request, _("您已确认提出，待省级社会信用管理部门的另一位负责人复核后生效。"))
        return redirect(self._address("change", pk))

    def make_form(self, request: HttpRequest) -> NoticeForm:
        return NoticeForm(request.POST or None, request.FILES or None)

    def propose(self, data: dict[str, Any], user: User) -> CalendarNotice:
        return services.propose_notice(
            text=data["text"], year=data["year"], proposed_by=user, at=timezone.now()
        )


@admin.register(LocalClosure)
class LocalClosureAdmin(CalendarChangeAdmin):
    visible_to = staticmethod(lambda user: LocalClosure.objects.all())
    list_display = (
        "place",
        "first_on",
        "last_on",
        "name",
        "working",
        "state",
        "proposed_by",
        "decided_by",
        "decided_at",
    )

    @admin.display(description=gettext_lazy("行政区划"), ordering="region")
    def place(self, closure: LocalClosure) -> str:
        return regions.name(closure.region)

    def make_form(self, request: HttpRequest) -> ClosureForm:
        organ = request.user.organ  # type: ignore[union-attr]
        return ClosureForm(request.POST or None, department_region=organ.region if organ else "")

    def propose(self, data: dict[str, Any], user: User) -> LocalClosure:
        return services.propose_closure(**data, proposed_by=user, at=timezone.now())


@admin.register(Recalculation)
class RecalculationAdmin(OrganScopedAdmin[Recalculation]):
    visible_to = staticmethod(lambda user: Recalculation.objects.all())
    impersonal = "how many clocks a change of the calendar moved"
    view_roles = (Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)
    list_display = ("at", "notice", "closure", "checked", "moved")
    list_display_links = None
    list_per_page = 50
