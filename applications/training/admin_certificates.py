"""The register of training certificates, and the list of other organisers whose certificates are taken."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from applications.accounts.admin_exports import ExportColumn, ExportsList
from applications.accounts.admin_names import ListedNamesAdmin
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.accounts.opened import Evidence, evidence_of
from applications.accounts.reading import reading_verb
from applications.documents.services import Unprintable
from applications.files.viewing import upload_response
from applications.training import access
from applications.training.errors import NotPossible
from applications.training.forms import ReasonForm, ReissueForm
from applications.training.models import Organiser, TrainingCertificate
from applications.training.services import certificates

State = TrainingCertificate.State


@admin.register(TrainingCertificate)
class TrainingCertificateAdmin(ExportsList[TrainingCertificate]):
    view_roles = access.ORGANISING_ROLES
    organ_kinds = access.ORGANISING_KINDS
    visible_to = staticmethod(access.certificates_visible_to)
    list_display = ("number", "person_name", "subject", "title", "issuer_name", "completed_on", "state")
    list_filter = ("state", ("completed_on", admin.DateFieldListFilter))
    list_select_related = ("subject", "organ", "organiser")
    list_per_page = 50
    search_fields = ("number__startswith", "subject__name__startswith", "subject__uscc__startswith")
    search_help_text = gettext_lazy("证书编号、主体名称或者统一社会信用代码（从头输入）")
    show_full_result_count = False
    export_columns = (
        ExportColumn(gettext_lazy("证书编号"), lambda row: row.number),
        ExportColumn(gettext_lazy("参加人"), lambda row: row.person_name),
        ExportColumn(gettext_lazy("信用主体"), lambda row: row.subject.name),
        ExportColumn(gettext_lazy("主体代码"), lambda row: row.subject.masked_code),
        ExportColumn(gettext_lazy("培训名称"), lambda row: row.title),
        ExportColumn(gettext_lazy("组织单位"), lambda row: row.issuer),
        ExportColumn(gettext_lazy("完成日期"), lambda row: row.completed_on.isoformat()),
        ExportColumn(gettext_lazy("状态"), lambda row: row.get_state_display()),
        ExportColumn(gettext_lazy("说明"), lambda row: row.reason),
    )

    def exported(self, rows: QuerySet[TrainingCertificate]) -> QuerySet[TrainingCertificate]:
        return rows.select_related("subject", "organ", "organiser")

    @admin.display(description=gettext_lazy("组织单位"))
    def issuer_name(self, certificate: TrainingCertificate) -> str:
        return certificate.issuer

    def reading_chain(self, obj: Any) -> str:
        certificate: TrainingCertificate = obj
        return certificate.chain

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "training_trainingcertificate"
        return [
            path("<int:pk>/proof/", wrap(self.proof_view), name=f"{name}_proof"),
            path("<int:pk>/confirm/", wrap(self.confirm_view), name=f"{name}_confirm"),
            path("<int:pk>/reject/", wrap(self.reject_view), name=f"{name}_reject"),
            path("<int:pk>/void/", wrap(self.void_view), name=f"{name}_void"),
            path("<int:pk>/reissue/", wrap(self.reissue_view), name=f"{name}_reissue"),
            *super().get_urls(),
        ]

    def _find(self, request: HttpRequest, pk: int) -> tuple[TrainingCertificate, User]:
        user = request.user
        if not self.has_view_permission(request) or not isinstance(user, User):
            raise Http404
        rows = self.get_queryset(request).select_related(
            "subject", "organ", "organiser", "document", "proof", "replaces"
        )
        return get_object_or_404(rows, pk=pk), user

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        pk = whole_number(object_id)
        if pk is None:
            raise Http404
        return self._show(request, pk)

    def _show(
        self, request: HttpRequest, pk: int, problem: str = "", form: Form | None = None
    ) -> HttpResponse:
        certificate, user = self._find(request, pk)
        evidence: list[Evidence] = []
        if certificate.proof:
            addresses = {certificate.proof: reverse("admin:training_trainingcertificate_proof", args=[pk])}
            verb = reading_verb(certificate)
            evidence = evidence_of(addresses, reader=user, about=certificate.chain, verb=verb)
        waits = certificate.state == State.WAITING
        return self.page(
            request,
            "admin/training/certificate.html",
            409 if problem else 200,
            title=certificate.number,
            certificate=certificate,
            problem=problem,
            reason=form or ReasonForm(),
            evidence=evidence,
            mine=waits,
            valid=certificate.state == State.VALID,
            successor=TrainingCertificate.objects.filter(replaces=certificate).first(),
            correctable=certificate.state == State.VOID and certificate.document_id is not None,
        )

    def proof_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        certificate, _user = self._find(request, pk)
        if certificate.proof is None:
            raise Http404
        return upload_response(request, certificate.proof, label=_("证书"))

    @method_decorator(require_POST)
    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        certificate, user = self._find(request, pk)
        try:
            certificates.confirm_certificate(certificate=certificate, actor=user, at=timezone.now())
        except (NotPossible, ValidationError) as refused:
            return self._show(request, pk, _in_words(refused))
        messages.success(request, _("已核对通过，办理机构审查申请时可以查到。"))
        return redirect("admin:training_trainingcertificate_change", pk)

    @method_decorator(require_POST)
    def reject_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        certificate, user = self._find(request, pk)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self._show(request, pk, _("没有办理：请写明原因。"), form)
        try:
            certificates.reject_certificate(
                certificate=certificate, reason=form.cleaned_data["reason"], actor=user, at=timezone.now()
            )
        except (NotPossible, ValidationError) as refused:
            return self._show(request, pk, _in_words(refused), form)
        messages.success(request, _("已记为核对未通过，并通知登记的人。"))
        return redirect("admin:training_trainingcertificate_change", pk)

    def void_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        certificate, user = self._find(request, pk)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        status = 200
        if request.method == "POST" and form.is_valid():
            try:
                certificates.void_certificate(
                    certificate=certificate, reason=form.cleaned_data["reason"], actor=user, at=timezone.now()
                )
            except (NotPossible, ValidationError) as refused:
                form.add_error(None, _in_words(refused))
                status = 409
            else:
                messages.success(request, _("证书已作废，核验页面已同步显示，并通知参加人。"))
                return redirect("admin:training_trainingcertificate_change", pk)
        return self.page(
            request,
            "admin/training/reason.html",
            status,
            title=_("作废培训证书"),
            form=form,
            about=_("%(number)s，%(person)s，%(subject)s")
            % {
                "number": certificate.number,
                "person": certificate.person_name,
                "subject": certificate.subject,
            },
            back=reverse("admin:training_trainingcertificate_change", args=[pk]),
            send=_("作废"),
        )

    def reissue_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        certificate, user = self._find(request, pk)
        before = {name: getattr(certificate, name) for name in ReissueForm.base_fields}
        form = ReissueForm(request.POST if request.method == "POST" else None, initial=before)
        status = 200
        if request.method == "POST" and form.is_valid():
            try:
                new = certificates.reissue_certificate(
                    certificate=certificate, **form.cleaned_data, actor=user, at=timezone.now()
                )
            except Unprintable as unprintable:
                form.add_error(None, unprintable)
            except ValidationError as refused:
                form.add_error(None, refused)
            except NotPossible as refused:
                form.add_error(None, str(refused))
                status = 409
            else:
                messages.success(request, _("已出具更正后的证书，并通知参加人。"))
                return redirect("admin:training_trainingcertificate_change", new.pk)
        return self.page(
            request,
            "admin/training/reason.html",
            status,
            title=_("更正后重新出具培训证书"),
            form=form,
            about=_("%(number)s已经作废，原因：%(reason)s")
            % {"number": certificate.number, "reason": certificate.reason},
            back=reverse("admin:training_trainingcertificate_change", args=[pk]),
            send=_("出具"),
        )


def _in_words(refused: Exception) -> str:
    return "".join(refused.messages) if isinstance(refused, ValidationError) else str(refused)


@admin.register(Organiser)
class OrganiserAdmin(ListedNamesAdmin[Organiser]):
    """Whose certificates can be handed in to be looked at here."""

    noun = "organiser"
    purpose = gettext_lazy(
        "名单上的单位出具的培训证书，参加人可以提交，由登记该单位的机构核对。取消勾选“接受新的登记”以后，不再接受它的新证书，已经登记的不受影响。"
    )
    impersonal = "the names of organisers"
    view_roles = access.ORGANISING_ROLES
    organ_kinds = access.ORGANISING_KINDS
    visible_to = staticmethod(access.organisers_visible_to)
