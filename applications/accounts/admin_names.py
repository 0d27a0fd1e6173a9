"""Lists of names that an organ keeps: whose papers it knows of. A name is never deleted, only taken off the list."""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.models import User
from applications.ledger.services import record_event
from rules.sameness import plain_name

M = TypeVar("M", bound=Model)


class ListedNamesAdmin(OrganScopedAdmin[M]):
    """``model`` has ``organ``, ``name``, ``active`` and ``chain``; ``noun`` begins the verbs of its events; ``purpose`` says
    to who keeps the list what it does."""

    noun: str
    purpose: str | Promise
    change_list_template = "admin/accounts/names.html"
    list_display = ("name", "active")
    list_per_page = 50
    show_full_result_count = False
    fields = ("name", "active")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.has_view_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: M | None = None) -> Any:
        return [(None, {"fields": self.fields, "description": self.purpose})]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "purpose": self.purpose})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        assert isinstance(request.user, User) and request.user.organ is not None
        if not change:
            obj.organ = request.user.organ
        others = self.model._default_manager.filter(organ=obj.organ).exclude(pk=obj.pk)
        if plain_name(obj.name) in map(plain_name, others.values_list("name", flat=True)):
            raise ValidationError(_("名单里已经有“%(name)s”。") % {"name": obj.name})
        obj.save()
        record_event(
            chain=obj.chain,
            verb=f"{self.noun}.{'changed' if change else 'registered'}",
            at=timezone.now(),
            actor=request.user,
            role="staff",
            organ=obj.organ,
            payload={"active": obj.active},
        )
