"""Objections to what records say, at the desk of the unit that answers them."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts import opened
from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.models import User
from applications.accounts.opened import Evidence
from applications.accounts.reading import reading_verb
from applications.accounts.refusals import note
from applications.deadlines.models import Deadline
from applications.documents.previews import letter_page
from applications.files.scanning import is_infected
from applications.files.viewing import upload_response
from applications.records import access
from applications.records.access import RECORD_ROLES, may_answer_objection
from applications.records.forms import AnswerForm
from applications.records.models import InformationObjection
from applications.records.objected import evidence_file, evidence_of, items_of, rested_on
from applications.records.services.objections import answer_objection
from applications.records.services.result_letter import result_of


class ToAnswerFilter(admin.SimpleListFilter):
    title = gettext_lazy("办理")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", gettext_lazy("待我答复")), ("open", gettext_lazy("未答复"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[InformationObjection]
    ) -> QuerySet[InformationObjection]:
        match self.value():
            case "mine":
                return queryset & access.objections_to_answer(request.user)
            case "open":
                return queryset.filter(answered_at=None)
        return queryset


@admin.register(InformationObjection)
class InformationObjectionAdmin(OrganScopedAdmin[InformationObjection]):
    view_roles = RECORD_ROLES
    visible_to = staticmethod(access.objections_visible_to)
    list_display = ["number", "subject", "record", "unit", "filed_at", "outcome", "answered_by"]
    list_filter = [ToAnswerFilter, "outcome"]
    list_select_related = ["subject", "record", "unit", "answered_by"]
    search_fields = ["number__exact", "subject__name__exact", "record__document_number__exact"]
    search_help_text = gettext_lazy("完整的异议编号、主体名称或者决定书文号")
    show_full_result_count = False

    def reading_chain(self, objection: InformationObjection) -> str:
        return objection.number

    def get_urls(self) -> list[URLPattern]:
        evidence = path(
            "<int:pk>/evidence/<uuid:file>/",
            self.admin_site.admin_view(self.evidence_view),
            name="records_informationobjection_evidence",
        )
        return [evidence, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What is objected to, and the answer of those who may give it."""
        objection = self.get_object(request, object_id)
        assert isinstance(request.user, User)
        mine = objection.answered_at is None and may_answer_objection(request.user, objection)
        if request.method == "POST" and not mine:
            note(
                "NotAllowed" if objection.answered_at is None else "IllegalAction",
                act="answer_objection",
                about=objection.number,
            )
            messages.warning(request, _("这项异议已经处理，或者应当由认定单位的审批岗处理。"))
            return redirect("admin:records_informationobjection_change", objection.pk)
        form = AnswerForm(request.POST or None, objection=objection)
        act, at = None, timezone.now()
        if request.method == "POST" and form.is_valid():
            act = partial(
                answer_objection,
                objection=objection,
                accepted=form.accepted,
                supplied=form.cleaned_data.get("supplied", ""),
                reasons=form.cleaned_data["reasons"],
                actor=request.user,
                at=at,
            )
        if "letter" in request.POST:
            wrong = [str(error) for errors in form.errors.values() for error in errors]
            return letter_page(request, objection.number, act, wrong, at=at)
        if act is not None:
            try:
                act()
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(
                    request,
                    _("已处理，已通知异议人，将告知共享平台。")
                    if objection.record_id
                    else _("已处理，已通知异议人。"),
                )
                return redirect("admin:records_informationobjection_change", objection.pk)
        return self.page(
            request,
            "records/admin/objection.html",
            title=_("信息异议 %(number)s") % {"number": objection.number},
            objection=objection,
            items=items_of(objection),
            evidence=self._evidence(request.user, objection),
            infected=[file for file in evidence_of(objection) if is_infected(file)],
            mine=mine,
            letter=result_of(objection),
            clock=Deadline.objects.filter(case_number=objection.number).first(),
            form=form if mine else None,
        )

    def _evidence(self, user: User, objection: InformationObjection) -> list[Evidence]:
        name = "admin:records_informationobjection_evidence"
        return opened.evidence_of(
            {file: reverse(name, args=[objection.pk, file.pk]) for file in rested_on(objection)},
            reader=user,
            about=objection.number,
            verb=reading_verb(objection),
        )

    def evidence_view(self, request: HttpRequest, pk: int, file: UUID) -> HttpResponseBase:
        objection = self.get_object(request, str(pk))
        return upload_response(request, evidence_file(objection, file), label=_("异议证据"))
