"""The base of every admin: who sees what follows from roles and from the app's own ``visible_to``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import IntegerField, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from applications.accounts.access import has_role
from applications.accounts.admin_lists import OfferedList, one_term
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.accounts.reading import recorded

logger = logging.getLogger(__name__)

UNIQUE_VIOLATION = "23505"

M = TypeVar("M", bound=Model)


def is_double(error: IntegrityError) -> bool:
    """Whether a row was refused because there is one like it, in the words of either database."""
    return getattr(error.__cause__, "pgcode", "") == UNIQUE_VIOLATION or "UNIQUE constraint" in str(error)


class OrganScopedAdmin(admin.ModelAdmin[M]):
    """A read-only admin for staff who hold roles, limited to what their organ may see. Django's own
    permissions, groups and the superuser flag play no part.

    An app writes::

        @admin.register(Case)
        class CaseAdmin(OrganScopedAdmin[Case]):
            view_roles = (Role.INTAKE, Role.REVIEWER, Role.APPROVER, Role.SUPERVISOR)
            visible_to = staticmethod(access.visible_to)

    - ``view_roles``: any of them opens the list; empty means any staff member with a role.
    - ``organ_kinds``: only staff of organs of these kinds; empty means any.
    - ``visible_to(user) -> QuerySet``: limits the list; an object outside it is 404, as everywhere else.
    - Nothing can be added, changed or deleted here: changes go through services, from actions and extra views.
      An app that wants a form overrides ``has_add_permission`` or ``has_change_permission`` itself.
    - The list answers to its own filters, search and columns only (``admin_lists.OfferedList``).
    - ``context_of(request, obj)``: what the page of a row shows beside the row.
    - Every page that shows something is an event of its reader's chain in the ledger (see reading.py); a page about one
      object names ``reading_chain(obj)``. ``impersonal`` says why nothing in the admin is about a person, and then
      nothing is recorded.
    - In an action or an extra view ask ``self.holds(request, Role.APPROVER)``.
      An action declares ``permissions=["decide"]`` and the class defines ``has_decide_permission(request)``.
    """

    view_roles: tuple[str, ...] = ()
    organ_kinds: tuple[str, ...] = ()
    impersonal: str = ""
    visible_to: Callable[[Any], QuerySet[Any]]
    # Counts beside each filter would read the whole list once for each.
    show_facets = admin.ShowFacets.NEVER
    # The portal's own pages are no pages of a row.
    view_on_site = False

    def holds(self, request: HttpRequest, *roles: str) -> bool:
        """Whether the signed-in person holds any of the roles (any role at all, if none is named)."""
        return has_role(request.user, *roles)

    def page(self, request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """A page of the admin's own in the frame of the officers' site."""
        framed = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, framed, status=status)

    @admin.display(description=mark_safe('<input type="checkbox" id="action-toggle">'))
    def action_checkbox(self, obj: M) -> SafeString:
        """Django's own, without a template for each row."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">',
            ACTION_CHECKBOX_NAME,
            obj.pk,
            _("选中%(row)s") % {"row": obj},
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list under its own name: nobody selects a row here to change it."""
        query = request.GET.copy()
        # With this flag Django takes an invalid parameter for a broken database.
        query.pop(ERROR_FLAG, None)
        request.GET = query  # type: ignore[assignment]
        try:
            response = super().changelist_view(
                request, {"title": self.opts.verbose_name_plural, **(extra_context or {})}
            )
        except DisallowedModelAdminLookup as refused:
            logger.warning("user %s asked %s for %s", request.user.pk, request.path, repr(str(refused))[:200])
            return self.page(
                request,
                "admin/not_offered.html",
                400,
                title=_("列表没有这个筛选条件"),
                list_name=self.opts.verbose_name_plural,
            )
        if isinstance(response, HttpResponseRedirect) and response.url == f"{request.path}?{ERROR_FLAG}=1":
            messages.warning(request, _("网址里的筛选条件或者页码无效，下面是没有筛选的列表。"))
        return response

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OfferedList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        """What is typed is one thing in every list, a number or a name with its spaces."""
        return super().get_search_results(request, queryset, one_term(search_term))

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """A row is named by its own id, as in the address of its page, and by nothing else."""
        return to_field == self.opts.pk.name

    def response_action(  # type: ignore[override]
        self, request: HttpRequest, queryset: QuerySet[M]
    ) -> HttpResponseBase | None:
        """An action on the chosen rows; what cannot be the id of a row is no choice."""
        chosen = request.POST.copy()
        rows = [each for each in chosen.getlist(ACTION_CHECKBOX_NAME) if self._may_be_id(each)]
        chosen.setlist(ACTION_CHECKBOX_NAME, rows)
        request.POST = chosen  # type: ignore[assignment]
        return super().response_action(request, queryset)

    def _may_be_id(self, text: str) -> bool:
        if isinstance(self.opts.pk, IntegerField):
            return whole_number(text) is not None
        try:
            self.opts.pk.to_python(text)
        except ValidationError:
            return False
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        visible: QuerySet[M] = self.visible_to(request.user)
        ordering = self.get_ordering(request)
        return visible.order_by(*ordering) if ordering else visible

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> M:
        # Whom the list is not open to learns nothing of what is in it: looked up it would be 403 or 404.
        # A number in other digits is no address of a row, though Python reads it.
        readable = self.has_view_permission(request) and self._may_be_id(unquote(object_id))
        found = super().get_object(request, object_id, from_field) if readable else None
        if found is None:
            # Django would go to the index with a message, and so tell that the address means something.
            raise Http404
        return found

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A service that refuses says why on the page of the form, with all that was typed."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refused:
            request._refusal = refused.messages  # type: ignore[attr-defined]
        except IntegrityError as late:
            # The form was right when it was looked at; the same button again, or a colleague, was quicker.
            if not is_double(late):
                raise
            request._refusal = [  # type: ignore[attr-defined]
                _("没有保存：同样的内容刚刚已经保存过。请先到列表中核对。")
            ]
        return super().changeform_view(request, object_id, form_url, extra_context)

    def context_of(self, request: HttpRequest, obj: M) -> dict[str, Any]:
        """What the template of the page of a row gets beside the row."""
        return {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: M | None = None,
    ) -> HttpResponse:
        more = self.context_of(request, obj) if obj is not None else {}
        name = self.opts.verbose_name
        more.setdefault("title", _("新增%(name)s") % {"name": name} if add else name)
        # Django's translation sets an English colon behind each Chinese label.
        context["adminform"].form.label_suffix = ""
        return super().render_change_form(request, context | more, add, change, form_url, obj)

    def get_fieldsets(self, request: HttpRequest, obj: M | None = None) -> Any:
        """As they are, but where a relation is only shown it leads to its page only whom that page is open to."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (
                name,
                {**options, "fields": [self._unlinked(request, obj, field) for field in options["fields"]]},
            )
            for name, options in fieldsets
        ]

    def _unlinked(self, request: HttpRequest, obj: M, name: Any) -> Any:
        relations = {field.name: field for field in self.opts.concrete_fields if field.related_model}
        if hasattr(self, str(name)) or name not in relations:
            return name
        field, related = relations[name], getattr(obj, name)
        pages = self.admin_site._registry.get(type(related))
        if pages is None or pages.has_view_permission(request, related):
            return name
        return admin.display(description=field.verbose_name)(lambda shown: str(getattr(shown, name)))

    def get_form(
        self, request: HttpRequest, obj: M | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        refusal: list[str] = getattr(request, "_refusal", [])
        if not refusal:
            return form

        class Refused(form):  # type: ignore[misc]  # a class that the admin makes for each page
            def clean(self) -> Any:
                super().clean()
                raise ValidationError(refusal)

        return Refused

    @property
    def urls(self) -> list[URLPattern]:
        """Every page of the admin, its own extra ones too, passes through the recording of who reads."""
        return [recorded(self, pattern) for pattern in self.get_urls()]

    def shown_object(self, arguments: Mapping[str, Any]) -> Model | None:
        """What a page with these arguments in its address is about."""
        key = next(iter(arguments.values()))
        try:
            return self.model._default_manager.filter(pk=unquote(str(key))).first()
        except (ValueError, ValidationError):
            return None

    def reading_chain(self, obj: Any) -> str:
        """The ledger chain of what happens to this object; readings name it. Empty: it has none."""
        return ""

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
