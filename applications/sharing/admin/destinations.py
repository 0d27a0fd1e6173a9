"""Where a department's supervisors change the platforms: proposed by one, put into effect by another."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.forms import RejectForm
from applications.accounts.four_eyes import NotProposed
from applications.accounts.http import whole_number
from applications.accounts.models import Role, User
from applications.sharing import access, destinations, selectors
from applications.sharing.forms import DestinationForm
from applications.sharing.models import Destination
from rules.errors import InputError


@admin.register(Destination)
class DestinationAdmin(OrganScopedAdmin[Destination]):
    """A list, a page to propose, and a page that shows a proposal beside what is in force, with the two buttons."""

    impersonal = "sharing platforms, and the officers who proposed and decided on them"
    view_roles = (Role.SUPERVISOR, Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)
    visible_to = staticmethod(access.destinations_visible_to)
    list_display = (
        "name",
        "located",
        "level",
        "address",
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

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/approve/", view(self.approve_view), name="sharing_destination_approve"),
            path("<int:pk>/reject/", view(self.reject_view), name="sharing_destination_reject"),
        ]
        return own + super().get_urls()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        waiting = selectors.waiting_for(request.user)
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Propose; begun at a platform that is in force, with what it has."""
        if not self.has_add_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        assert request.user.organ is not None
        form = DestinationForm(
            request.POST if request.method == "POST" else None,
            department_region=request.user.organ.region,
            initial=selectors.in_force()
            .filter(pk__in=self.visible_to(request.user), region=request.GET.get("region", "")[:6])
            .values("region", "name", "address")
            .first(),
        )
        if request.method == "POST" and form.is_valid():
            try:
                proposed = destinations.propose_destination(
                    **form.cleaned_data, actor=request.user, at=timezone.now()
                )
            except InputError as error:
                form.add_error(error.path, str(error))
            else:
                messages.success(request, _("已提出，待另一位负责人复核后生效。"))
                return redirect("admin:sharing_destination_change", proposed.pk)
        status = 400 if form.errors else 200
        return self.page(request, "admin/sharing/propose.html", status, title=_("提出共享平台"), form=form)

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
        if not self.has_view_permission(request):
            raise PermissionDenied
        destination = get_object_or_404(
            self.get_queryset(request).select_related("proposed_by", "decided_by"), pk=pk
        )
        proposed = destination.state == Destination.State.PROPOSED
        current = (
            selectors.in_force().filter(level=destination.level, region=destination.region).first()
            if proposed
            else None
        )
        return self.page(
            request,
            "admin/sharing/destination.html",
            409 if problem else 200,
            title=str(destination),
            destination=destination,
            current=current,
            same_key=current is not None and current.sealed_key == destination.sealed_key,
            problem=problem,
            form=reject_form or RejectForm(),
            may_decide=proposed and access.may_decide(request.user, destination),
            may_propose=access.may_propose(request.user, destination.region),
        )

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        destination = self._to_decide(request, pk)
        if isinstance(destination, HttpResponse):
            return destination
        try:
            destinations.approve_destination(
                destination=destination,
                actor=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except NotProposed as problem:
            return self._page(request, pk, str(problem))
        messages.success(request, _("已生效，尚未签收的修复决定改送现行的平台。"))
        return redirect("admin:sharing_destination_change", pk)

    def reject_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        destination = self._to_decide(request, pk)
        if isinstance(destination, HttpResponse):
            return destination
        form = RejectForm(request.POST)
        if not form.is_valid():
            return self._page(request, pk, _("没有驳回：请写明理由。"), form)
        try:
            destinations.reject_destination(
                destination=destination,
                actor=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except NotProposed as problem:
            return self._page(request, pk, str(problem), form)
        messages.success(request, _("已驳回，现行的平台不变。"))
        return redirect("admin:sharing_destination_change", pk)

    def _to_decide(self, request: HttpRequest, pk: int) -> Destination | HttpResponse:
        """404 for whoever may not do this: the button is not on their page either."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        destination = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request) or not access.may_decide(request.user, destination):
            raise Http404
        return destination
