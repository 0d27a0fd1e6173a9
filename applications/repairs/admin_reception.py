"""窗口、邮寄收件 in the officers' site (Article 19): find the subject, note who came, enter the papers, submit, serve letters."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from applications.accounts.admin_reveal import RevealsContacts
from applications.accounts.http import whole_number
from applications.accounts.models import Role, User
from applications.accounts.revealing import is_revealed
from applications.files.bodies import takes_files
from applications.files.responses import file_response, shown_file
from applications.policies.selectors import policies_in_force
from applications.repairs import access, steps
from applications.repairs.assessing import assess_case
from applications.repairs.errors import ChangedMeanwhile, NotAllowed, NotReady, StaleCase
from applications.repairs.models import Filing, ProofOfService, Reception, RepairCase
from applications.repairs.reception_forms import FindForm, ProofForm, ReceptionForm
from applications.repairs.reception_pages import TASKS
from applications.repairs.record_list import assess_record, standing_of, why_closed
from applications.repairs.services import record_reading, remove_material
from applications.repairs.services.drafts import EDITABLE, why_kept
from applications.repairs.services.filings import paper_to_sign
from applications.repairs.services.proofs import letters_of, record_service, served_before, unserved
from applications.repairs.services.receptions import (
    cases_of,
    find_subject,
    receive_application,
    records_in_competence,
)
from applications.subjects.models import Subject
from rules.procedure import IllegalAction


class UnservedFilter(admin.SimpleListFilter):
    title = gettext_lazy("办理")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("drafts", gettext_lazy("还没有提交")), ("unserved", gettext_lazy("有文书待送达"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Reception]) -> QuerySet[Reception]:
        cases = RepairCase.objects.all()
        if self.value() == "drafts":
            return queryset.filter(pk__in=cases.filter(status="draft").values("filing__reception"))
        if self.value() == "unserved":
            waiting = unserved(request.user).values("about")  # type: ignore[arg-type]
            return queryset.filter(pk__in=cases.filter(number__in=waiting).values("filing__reception"))
        return queryset


@admin.register(Reception)
class ReceptionAdmin(RevealsContacts[Reception]):
    view_roles = (Role.INTAKE,)
    organ_kinds = access.HANDLING_KINDS
    visible_to = staticmethod(access.receptions_visible_to)
    change_list_template = "admin/repairs/receptions.html"
    list_display = ["subject", "channel", "received_on", "came_name", "received_by"]
    list_filter = [UnservedFilter, "channel"]
    list_select_related = ["subject", "received_by"]
    search_fields = ["subject__name__startswith", "subject__uscc__exact", "filings__cases__number__exact"]
    search_help_text = gettext_lazy("名称（从头输入）、统一社会信用代码或者办件编号")
    show_full_result_count = False

    def shown_object(self, arguments: Mapping[str, Any]) -> Model | None:
        if "subject_id" in arguments:
            return Subject.objects.filter(pk=arguments["subject_id"]).first()
        return super().shown_object(arguments)

    def veiled(self, reception: Reception) -> str:
        return reception.subject.public_name

    def reading_chain(self, obj: Reception | Subject) -> str:
        if isinstance(obj, Subject):
            return f"subject-{obj.pk}"
        return next((case.number for case in cases_of(obj)), "")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.find_view), name="repairs_reception_find"),
            path("new/<int:subject_id>/", wrap(self.receive_view), name="repairs_reception_receive"),
            path("<int:pk>/submit/", wrap(self.submit_view), name="repairs_reception_submit"),
            path("<int:pk>/<int:case_id>/blank/", wrap(self.blank_view), name="repairs_reception_blank"),
            path(
                "<int:pk>/<int:case_id>/file/<int:material_id>/",
                wrap(self.file_view),
                name="repairs_reception_file",
            ),
            path(
                "<int:pk>/<int:case_id>/letter/<uuid:document_id>/",
                wrap(self.letter_view),
                name="repairs_reception_letter",
            ),
            path(
                "<int:pk>/<int:case_id>/proof/<int:proof_id>/",
                wrap(self.proof_view),
                name="repairs_reception_proof",
            ),
            path(
                "<int:pk>/<int:case_id>/task/<slug:name>/",
                wrap(self.task_view),
                name="repairs_reception_task",
            ),
            *super().get_urls(),
        ]

    def _officer(self, request: HttpRequest) -> User:
        user = request.user
        if not (isinstance(user, User) and access.may_receive(user)):
            raise PermissionDenied
        return user

    def _own(self, request: HttpRequest, pk: int, case_id: int) -> RepairCase:
        reception = self.get_object(request, str(pk))
        case = next((each for each in cases_of(reception) if each.pk == case_id), None)
        if case is None:
            raise Http404
        return case

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """By a whole code: nobody turns pages of people here."""
        user = self._officer(request)
        form = FindForm(request.POST or None)
        found, searched = None, False
        if request.method == "POST" and form.is_valid():
            try:
                found = find_subject(**form.cleaned_data, actor=user, at=timezone.now())
                searched = True
            except ValidationError as refused:
                form.add_error(None, refused)
        context: dict[str, Any] = {
            "title": _("收件：查找信用主体"),
            "form": form,
            "found": found,
            "searched": searched,
        }
        return self.page(request, "admin/repairs/reception_find.html", **context)

    @takes_files(megabytes=10)
    def receive_view(self, request: HttpRequest, subject_id: int) -> HttpResponse:
        user = self._officer(request)
        subject = get_object_or_404(Subject, pk=subject_id)
        records = records_in_competence(subject, user)
        if not records:
            raise Http404
        today = timezone.localdate()
        policies = policies_in_force(on=today, units={record.identifying_unit_id for record in records})
        told, closed = [], []
        for record in records:
            assessment = assess_record(record, policies[record.identifying_unit_id], today)
            if why := why_closed(record, assessment, record.cases.all()):
                closed.append((record, why))
            else:
                told.append((record, standing_of(record, assessment, record.cases.all()).label))
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = ReceptionForm(*posted, user=user, records=told, initial={"received_on": today})
        if request.method == "POST" and form.is_valid():
            given = {**form.cleaned_data}
            del given["compared"]
            chosen = {int(pk) for pk in given.pop("records")}
            try:
                reception = receive_application(
                    **given,
                    subject=subject,
                    records=[record for record in records if record.pk in chosen],
                    actor=user,
                    at=timezone.now(),
                )
            except ValidationError as refused:
                form.add_error(None, refused)
            except NotReady as refused:
                form.add_error(None, list(refused.problems))
            else:
                messages.success(request, _("已收件。请录入并扫描材料，再提交申请。"))
                return redirect("admin:repairs_reception_change", reception.pk)
        form.keep_files()
        context: dict[str, Any] = {
            "title": _("收件：%(name)s（%(code)s）") % {"name": subject.name, "code": subject.masked_code},
            "form": form,
            "startable": told,
            "closed": closed,
            "send": _("收件"),
        }
        return self.page(request, "admin/repairs/reception_form.html", **context)

    @method_decorator(require_safe)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """All of one reception: what is entered, what is missing, the letters and how each reached the person."""
        reception = self.get_object(request, object_id)
        user, today = self._officer(request), timezone.localdate()
        rows = []
        for case in cases_of(reception):
            mine = access.may_fill_in(user, case)
            draft, editable = case.status == "draft", mine and case.status in EDITABLE
            rows.append(
                {
                    "case": case,
                    "problems": steps.blocking_problems(case, assess_case(case, today)) if draft else [],
                    "editable": editable,
                    # Each with whether it may be taken back.
                    "materials": [
                        (material, editable and not why_kept(case, material))
                        for material in case.materials.select_related("file")
                    ],
                    "tasks": [
                        (name, task.title)
                        for name, task in TASKS.items()
                        if mine
                        and task.is_open(case)
                        and (name != "training" or case.record.severity == "serious")
                    ],
                    "letters": letters_of(case),
                }
            )
        context: dict[str, Any] = {
            "title": str(reception),
            "reception": reception,
            "rows": rows,
            "drafts": [row["case"] for row in rows if row["case"].status == "draft"],  # type: ignore[attr-defined]
        }
        return self.page(request, "admin/repairs/reception.html", **context)

    @takes_files(megabytes=100)
    def task_view(self, request: HttpRequest, pk: int, case_id: int, name: str) -> HttpResponse:
        """One task of one case; see reception_pages."""
        case, user = self._own(request, pk, case_id), self._officer(request)
        if name not in TASKS or not access.may_fill_in(user, case):
            raise Http404
        back = redirect("admin:repairs_reception_change", pk)
        if not TASKS[name].is_open(case):
            messages.warning(
                request,
                _("申请%(number)s现为“%(status)s”，这一项没有保存。")
                % {"number": case.number, "status": case.get_status_display()},
            )
            return back
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        reception, now = case.filing.reception, timezone.now()
        assert reception is not None
        revealed = is_revealed(request, reception, now)
        task = TASKS[name](case, user, timezone.localdate(now), *posted, revealed=revealed)
        seen = request.POST.get("seen", "") if request.method == "POST" else task.seen
        if request.method == "POST" and task.form.is_valid():
            try:
                task.perform_on(seen, now)
            except NotReady as refused:
                task.form.add_error(None, list(refused.problems))
                # Whoever presses again has read what is saved.
                seen = task.seen if isinstance(refused, ChangedMeanwhile) else seen
            except (StaleCase, IllegalAction) as late:
                task.form.add_error(None, str(late))
            except ValidationError as refused:
                task.form.add_error(None, refused)
            else:
                messages.success(request, _("已保存：%(task)s。") % {"task": task.title})
                return back
        if hasattr(task.form, "keep_files"):
            task.form.keep_files()
        context: dict[str, Any] = {
            "title": f"{case.number} {task.title}",
            "reception": reception,
            "form": task.form,
            "seen": seen,
            "masked": getattr(task.form, "stored", "") and not revealed,
            "send": task.button,
        }
        return self.page(request, "admin/repairs/reception_form.html", **context)

    @method_decorator(require_POST)
    def submit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Submit every draft of a filing or none, each as the page showed it, and each with its own receipt.

        The drafts of a reception are one filing unless one was signed alone after another had been submitted.
        """
        reception, user = self.get_object(request, str(pk)), self._officer(request)
        filings: dict[Filing, dict[str, int]] = {}
        for case in cases_of(reception):
            version = whole_number(request.POST.get(f"version_{case.pk}", ""))
            if version is not None:
                filings.setdefault(case.filing, {})[case.number] = version
        for filing, versions in filings.items():
            try:
                cases = steps.submit_filing(filing=filing, versions=versions, actor=user, at=timezone.now())
            except NotReady as missing:
                for problem in missing.problems:
                    messages.error(request, problem)
            except StaleCase as late:
                messages.warning(request, str(late))
            except NotAllowed:
                raise Http404 from None
            else:
                for case in cases:
                    messages.success(
                        request, _("申请%(number)s已提交，请打印回执交给当事人。") % {"number": case.number}
                    )
        return redirect("admin:repairs_reception_change", pk)

    @method_decorator(require_safe)
    def blank_view(self, request: HttpRequest, pk: int, case_id: int) -> HttpResponse:
        """The commitment to print and sign by hand, as a PDF."""
        case = self._own(request, pk, case_id)
        try:
            pdf = paper_to_sign(case)
        except NotReady as refused:
            messages.error(request, str(refused))
            return redirect("admin:repairs_reception_change", pk)
        return HttpResponse(
            pdf,
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="commitment-{case.number}.pdf"'},
        )

    def file_view(self, request: HttpRequest, pk: int, case_id: int, material_id: int) -> HttpResponseBase:
        """GET opens a paper, POST takes it back while the case is not submitted."""
        case, user = self._own(request, pk, case_id), self._officer(request)
        material = get_object_or_404(case.materials.select_related("file"), pk=material_id)
        if request.method != "POST":
            response = file_response(material.file, inline=True)
            if shown_file(response):
                record_reading(case=case, file=material.file, reader=user, at=timezone.now())
            return response
        try:
            remove_material(case=case, material=material, actor=user, at=timezone.now())
        except NotReady as refused:
            messages.error(request, str(refused))
        except NotAllowed:
            raise Http404 from None
        else:
            messages.success(request, _("已删除“%(name)s”。") % {"name": material.file.name})
        return redirect("admin:repairs_reception_change", pk)

    @takes_files(megabytes=10)
    def letter_view(self, request: HttpRequest, pk: int, case_id: int, document_id: Any) -> HttpResponse:
        """送达回证: how a letter reached the person."""
        case, user = self._own(request, pk, case_id), self._officer(request)
        document = get_object_or_404(letters_of(case), pk=document_id)
        back = redirect("admin:repairs_reception_change", pk)
        if document.proof_of_service.served_on:
            messages.warning(request, served_before(document.proof_of_service))
            return back
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        assert case.filing.reception is not None
        form = ProofForm(*posted, user=user, initial={"recipient": case.filing.reception.came_name})
        if request.method == "POST" and form.is_valid():
            try:
                record_service(
                    document=document, case=case, **form.cleaned_data, actor=user, at=timezone.now()
                )
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(request, _("已登记送达：%(document)s。") % {"document": document})
                return back
        form.keep_files()
        context: dict[str, Any] = {
            "title": _("送达回证：%(document)s") % {"document": document},
            "reception": case.filing.reception,
            "form": form,
            "send": _("登记送达"),
        }
        return self.page(request, "admin/repairs/reception_form.html", **context)

    @method_decorator(require_safe)
    def proof_view(self, request: HttpRequest, pk: int, case_id: int, proof_id: int) -> HttpResponseBase:
        case = self._own(request, pk, case_id)
        proof = get_object_or_404(ProofOfService.objects.select_related("scan"), pk=proof_id, case=case)
        if proof.scan is None:
            raise Http404
        return file_response(proof.scan, inline=True)
