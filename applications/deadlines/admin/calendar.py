"""Where a department's supervisors change the calendar: proposed by one, compared and approved by another."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.models import Role, User
from applications.deadlines import access, services
from applications.deadlines.forms import ClosureForm, NoticeForm, RejectForm
from applications.deadlines.models import (
    CalendarChange,
    CalendarNotice,
    Deadline,
    LocalClosure,
    Recalculation,
)
from applications.deadlines.moves import moved
from applications.organs import regions
from rules.errors import InputError

MOVES_A_PAGE = 100


class CalendarChangeAdmin(OrganScopedAdmin[Any]):
    """A list, a page to propose, and a page that shows what a proposal would do, with the two buttons."""

    view_roles = (Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)
    list_select_related = ("proposed_by", "decided_by")
    list_filter = ("state",)
    list_per_page = 50
    change_list_template = "admin/deadlines/changes.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return access.may_propose(request.user)

    def get_urls(self) -> list[URLPattern]:
        def named(verb: str, view: Any) -> URLPattern:
            name = f"deadlines_{self.opts.model_name}_{verb}"
            return path(f"<int:pk>/{verb}/", self.admin_site.admin_view(view), name=name)

        return [
            named("approve", self.approve_view),
            named("reject", self.reject_view),
            *super().get_urls(),
        ]

    def make_form(self, request: HttpRequest) -> Any:
        raise NotImplementedError

    def propose(self, data: dict[str, Any], user: User) -> CalendarChange:
        raise NotImplementedError

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
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("提出%(what)s") % {"what": self.opts.verbose_name},
            "form": form,
        }
        return TemplateResponse(
            request, "admin/deadlines/propose.html", context, status=400 if form.errors else 200
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise Http404
        return self._page(request, int(object_id))

    def _page(
        self, request: HttpRequest, pk: int, problem: str = "", reject_form: RejectForm | None = None
    ) -> HttpResponse:
        """What a proposal would do, or what was decided about it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        change = get_object_or_404(self.get_queryset(request), pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(change),
            "change": change,
            "problem": problem,
            "form": reject_form or RejectForm(),
            "approve_address": self._address("approve", pk),
            "reject_address": self._address("reject", pk),
            "may_decide": change.state == CalendarChange.State.PROPOSED
            and access.may_decide(request.user, change),
            "recalculation": Recalculation.objects.filter(
                **{"notice" if isinstance(change, CalendarNotice) else "closure": change}
            ).first(),
        }
        if change.state == CalendarChange.State.PROPOSED:
            try:
                context |= self._outlook(request, change)
            except InputError as error:
                context["problem"] = str(error)
                context["may_decide"] = False
        return TemplateResponse(
            request, "admin/deadlines/change.html", context, status=409 if problem else 200
        )

    def _outlook(self, request: HttpRequest, change: CalendarChange) -> dict[str, Any]:
        seen = services.outlook(change)
        moves = moved(seen.before, seen.after)
        own = [move for move in moves if _concerns(request.user, move.clock.organ_id, move.clock.region)]
        page = Paginator(own, MOVES_A_PAGE).get_page(request.GET.get("page"))
        return {
            "changes": seen.changes,
            "version": seen.version,
            "moved": len(moves),
            "elsewhere": len(moves) - len(own),
            "page": page,
            "rows": [(move, Deadline.Kind(move.clock.kind).label) for move in page],
        }

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
        except (services.NotProposed, InputError) as problem:
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
        except services.NotProposed as problem:
            return self._page(request, pk, str(problem), form)
        messages.success(request, _("已驳回，工作日历不变。"))
        return redirect(self._address("change", pk))

    def _to_decide(self, request: HttpRequest, pk: int) -> CalendarChange | HttpResponse:
        """404 for whoever may not decide this: the button is not on their page either."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        change = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request) or not access.may_decide(request.user, change):
            raise Http404
        return change

    def _address(self, verb: str, pk: int) -> str:
        return reverse(f"admin:deadlines_{self.opts.model_name}_{verb}", args=[pk])


def _concerns(user: Any, organ_id: int, region: str) -> bool:
    """Whether a person may see a clock of an organ; access.may_see without the row."""
    if user.organ_id == organ_id:
        return True
    return user.organ.kind == user.organ.Kind.CREDIT_MANAGEMENT and regions.covers(user.organ.region, region)


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
    view_roles = (Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)
    list_display = ("at", "notice", "closure", "checked", "moved")
    list_display_links = None
    list_per_page = 50
