"""Where a department's supervisors change the calendar: proposed by one, compared and approved by another."""

from abc import abstractmethod
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.forms import RejectForm
from applications.accounts.four_eyes import NotProposed
from applications.accounts.models import Role, User
from applications.accounts.proposal_admin import ProposalAdmin, in_words
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
    gettext_lazy("办件或者信息编号"),
    gettext_lazy("责任机构"),
    gettext_lazy("期限"),
    gettext_lazy("起算日"),
    gettext_lazy("原届满日"),
    gettext_lazy("新届满日"),
)


class CalendarChangeAdmin(ProposalAdmin[Any]):
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

        return [named("moves", self.moves_view), *super().get_urls()]

    @abstractmethod
    def make_form(self, request: HttpRequest) -> Any: ...

    @abstractmethod
    def propose(self, data: dict[str, Any], user: User) -> CalendarChange: ...

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        waiting = [
            (change, self.address("change", change))
            for change in waiting_for(request.user)
            if isinstance(change, self.model)
        ]
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting})

    @takes_files(megabytes=1)
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = self.proposer(request)
        return self.propose_page(
            request,
            "admin/calendars/propose.html",
            self.make_form(request),
            lambda said: self.propose(said, user),
            title=_("提出%(what)s") % {"what": self.opts.verbose_name},
            done=_("已提出，待另一位负责人复核后生效。"),
        )

    def may_decide(self, request: HttpRequest, proposal: CalendarChange) -> bool:
        return access.may_decide(request.user, proposal)

    def show(
        self, request: HttpRequest, proposal: CalendarChange, problem: str, form: RejectForm
    ) -> HttpResponse:
        """What a proposal would do, or what was decided about it."""
        change = proposal
        proposed = change.state == CalendarChange.State.PROPOSED
        context: dict[str, Any] = {
            "title": str(change),
            "change": change,
            "problem": problem,
            "form": form,
            "may_decide": proposed and access.may_decide(request.user, change),
            "may_confirm": proposed and access.may_confirm(request.user, change),
            "recalculation": recalculation_of(change),
            **{f"{verb}_address": self.address(verb, change) for verb in ("approve", "reject", "moves")},
        }
        if isinstance(change, CalendarNotice):
            context["read"] = read_back(change)
            context["confirm_address"] = self.address("confirm", change)
        elif isinstance(change, LocalClosure):
            context["place"] = regions.name(change.region)
        try:
            impact = impact_of(change, request.user)  # type: ignore[arg-type]
        except InputError as error:
            # It cannot take effect any more; it can still be turned down.
            context["problem"] = in_words(error)
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
        change = self.find(request, pk)
        assert isinstance(request.user, User)
        try:
            impact = impact_of(change, request.user)
        except InputError as error:
            return self.show(request, change, in_words(error), RejectForm())
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

    def approve(self, request: HttpRequest, proposal: CalendarChange) -> str:
        assert isinstance(request.user, User)
        done = services.approve(
            change=proposal,
            approver=request.user,
            at=timezone.now(),
            seen=request.POST.get("version", ""),
        )
        return _("已生效：核对%(checked)d个进行中的期限，变动%(moved)d个，已通知承办人。") % {
            "checked": done.checked,
            "moved": done.moved,
        }

    def reject(self, request: HttpRequest, proposal: CalendarChange, reason: str) -> str:
        assert isinstance(request.user, User)
        services.reject(change=proposal, approver=request.user, reason=reason, at=timezone.now())
        return _("已驳回，工作日历不变。")


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

    @method_decorator(require_POST)
    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        notice = self.find_for(request, pk, lambda request, notice: access.may_confirm(request.user, notice))
        assert isinstance(request.user, User)
        try:
            services.confirm(notice=notice, supervisor=request.user, at=timezone.now())
        except (NotProposed, InputError) as problem:
            return self.show(request, self.find(request, pk), in_words(problem), RejectForm())
        messages.success(request, _("您已确认提出，待省级社会信用管理部门的另一位负责人复核后生效。"))
        return redirect(self.address("change", notice))

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
