"""The base of every room's admin: who sees what follows from roles and from the room's own ``visible_to``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from applications.accounts.access import roles_of
from applications.accounts.models import User
from applications.ledger.services import record_event

M = TypeVar("M", bound=Model)


class QueueListFilter(admin.SimpleListFilter):
    """A filter that is always on: its first look-up unless another is asked for. Counts, where the list shows
    them, are the lengths of the lists that the links open."""

    def value(self) -> str:
        chosen: str = super().value() or self.lookup_choices[0][0]
        return chosen

    def choices(self, changelist: ChangeList) -> Any:
        counts = self.get_facet_queryset(changelist) if changelist.add_facets else None
        for index, (lookup, title) in enumerate(self.lookup_choices):
            yield {
                "selected": self.value() == lookup,
                "query_string": changelist.get_query_string({str(self.parameter_name): lookup}),
                "display": f"{title} {counts[f'{index}__c']}" if counts else title,
            }


class OrganScopedAdmin(admin.ModelAdmin[M]):
    """A read-only admin for staff who hold roles, limited to what their organ may see. Django's own
    permissions, groups and the superuser flag play no part.

    A room writes::

        @admin.register(Case)
        class CaseAdmin(OrganScopedAdmin[Case]):
            view_roles = (Role.INTAKE, Role.REVIEWER, Role.APPROVER, Role.SUPERVISOR)
            visible_to = staticmethod(selectors.visible_to)

    - ``view_roles``: any of them opens the list; empty means any staff member with a role.
    - ``organ_kinds``: only staff of organs of these kinds; empty means any.
    - ``visible_to(user) -> QuerySet``: limits the list; an object outside it is 404, as everywhere else.
    - Nothing can be added, changed or deleted here: changes go through services, from actions and extra views.
      A room that wants a form overrides ``has_add_permission`` or ``has_change_permission`` itself.
    - ``reading_chain(obj)``: where a non-empty chain is named, opening the object is an event of it in the ledger.
    - In an action or an extra view ask ``self.holds(request, Role.APPROVER)``; roles are read once a request.
      An action declares ``permissions=["decide"]`` and the class defines ``has_decide_permission(request)``.
    """

    view_roles: tuple[str, ...] = ()
    organ_kinds: tuple[str, ...] = ()
    visible_to: Callable[[Any], QuerySet[Any]]

    def holds(self, request: HttpRequest, *roles: str) -> bool:
        """Whether the signed-in person holds any of the roles (any role at all, if none is named)."""
        held: frozenset[str] | None = getattr(request, "_staff_roles", None)
        if held is None:
            held = roles_of(request.user)
            request._staff_roles = held  # type: ignore[attr-defined]
        return bool(held & set(roles)) if roles else bool(held)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list under its own name: nobody selects a row here to change it."""
        return super().changelist_view(
            request, {"title": self.opts.verbose_name_plural, **(extra_context or {})}
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        visible: QuerySet[M] = self.visible_to(request.user)
        ordering = self.get_ordering(request)
        return visible.order_by(*ordering) if ordering else visible

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> M:
        # Whom the list is not open to learns nothing of what is in it: looked up it would be 403 or 404.
        found = (
            super().get_object(request, object_id, from_field) if self.has_view_permission(request) else None
        )
        if found is None:
            # Django would go to the index with a message, and so tell that the address means something.
            raise Http404
        return found

    def reading_chain(self, obj: M) -> str:
        """The ledger chain that reading this object belongs to; empty if it holds nothing personal."""
        return ""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        if request.method == "GET" and response.status_code == 200:
            obj = self.get_object(request, unquote(object_id))
            chain = self.reading_chain(obj)
            if chain:
                self._record_reading(request, chain)
        return response

    def _record_reading(self, request: HttpRequest, chain: str) -> None:
        user = request.user
        assert isinstance(user, User)
        with transaction.atomic():
            record_event(
                chain=chain,
                verb=f"{self.opts.model_name}.read",
                at=timezone.now(),
                actor=user,
                role="staff",
                organ=user.organ,
            )

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        user = request.user
        if not isinstance(user, User) or user.organ is None or not self.holds(request, *self.view_roles):
            return False
        if self.organ_kinds and user.organ.kind not in self.organ_kinds:
            return False
        return obj is None or self.visible_to(request.user).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False
