"""The credit bureau's desk for claims, and its look-up of subjects."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.admin_lists import QueueListFilter
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.organs import regions
from applications.organs.models import Organ
from applications.subjects import access, selectors, services
from applications.subjects import code_admin as code_admin
from applications.subjects.changing import record_subject_change
from applications.subjects.forms import ChangeForm, RejectionForm
from applications.subjects.identity import same_name
from applications.subjects.models import Claim, Subject
from rules.sameness import plain_code, plain_name, visible


class ClaimFilter(QueueListFilter):
    """What waits for an answer, unless something else is asked for."""

    title = _("状态")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Claim.Status.choices, ("all", _("全部"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        return queryset if self.value() == "all" else queryset.filter(status=self.value())


@admin.register(Claim)
class ClaimAdmin(OrganScopedAdmin[Claim]):
    view_roles = access.VERIFYING_ROLES
    organ_kinds = (Organ.Kind.CREDIT_BUREAU,)
    visible_to = staticmethod(access.claims_verified_by)
    list_display = ["claimed_name", "masked_code", "region", "user", "made_at", "status", "decided_by"]
    list_filter = [ClaimFilter]
    list_select_related = ["subject", "user", "decided_by"]
    search_fields = ["uscc__exact", "subject__uscc__exact", "name__startswith", "subject__name__startswith"]
    search_help_text = _("统一社会信用代码，或名称（从头输入）")
    ordering = ["made_at"]
    show_full_result_count = False

    def reading_chain(self, claim: Claim) -> str:
        return services.chain_of(claim)

    @admin.display(description=_("名称（姓名）"))
    def claimed_name(self, claim: Claim) -> str:
        return claim.claimed_name

    @admin.display(description=_("代码"))
    def masked_code(self, claim: Claim) -> str:
        return claim.masked_code

    @admin.display(description=_("行政区划"))
    def region(self, claim: Claim) -> str:
        return regions.name(selectors.region_of(claim)) if claim.uscc else "—"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("<int:claim_id>/approve/", page(self.approve_view), name="subjects_claim_approve"),
            path("<int:claim_id>/reject/", page(self.reject_view), name="subjects_claim_reject"),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is None or request.method == "POST":
            raise Http404
        return self._page(request, self._claim(request, object_id), "claim")

    def approve_view(self, request: HttpRequest, claim_id: int) -> HttpResponse:
        claim = self._claim(request, claim_id)
        if request.method == "POST":
            return self._decide(request, claim, approve=True, reason="")
        return self._page(request, claim, "approve")

    def reject_view(self, request: HttpRequest, claim_id: int) -> HttpResponse:
        claim = self._claim(request, claim_id)
        form = RejectionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._decide(request, claim, approve=False, reason=form.cleaned_data["reason"])
        return self._page(request, claim, "reject", form=form)

    def _decide(self, request: HttpRequest, claim: Claim, *, approve: bool, reason: str) -> HttpResponse:
        assert isinstance(request.user, User)
        try:
            services.decide_claim(
                claim=claim, approve=approve, reason=reason, actor=request.user, at=timezone.now()
            )
        except ValidationError as error:
            messages.error(request, "".join(error.messages))
            return redirect("admin:subjects_claim_change", claim.pk)
        done = _("已通过，并已通知申请人。") if approve else _("已记为未通过，并已通知申请人。")
        messages.success(request, done)
        return redirect("admin:subjects_claim_changelist")

    def _claim(self, request: HttpRequest, claim_id: str | int) -> Claim:
        claims = self.visible_to(request.user).select_related("subject", "user", "proof", "decided_by")
        return get_object_or_404(claims, pk=whole_number(str(claim_id)))

    def _page(self, request: HttpRequest, claim: Claim, page: str, **extra: Any) -> HttpResponse:
        subject = claim.subject
        former = (
            Claim.objects.filter(subject=subject, status=Claim.Status.VERIFIED)
            .exclude(pk=claim.pk)
            .select_related("user")
            if subject
            else []
        )
        context = {
            "title": _("主体认领：%(name)s") % {"name": claim.claimed_name},
            "claim": claim,
            "other_name": subject.name
            if subject and claim.name and not same_name(subject.name, claim.name)
            else "",
            "others": former,
            "page": page,
            "waiting": claim.status == Claim.Status.PENDING,
            **extra,
        }
        return self.page(request, "admin/subjects/claim.html", **context)


@admin.register(Subject)
class SubjectAdmin(OrganScopedAdmin[Subject]):
    """Numbers of identity documents are masked here as everywhere."""

    view_roles = access.BUREAU_ROLES
    organ_kinds = (Organ.Kind.CREDIT_BUREAU,)
    visible_to = staticmethod(access.visible_to)
    list_display = ["name", "kind", "masked_code", "legal_representative"]
    list_filter = ["kind"]
    change_form_template = "admin/subjects/subject.html"
    search_fields = ["name__startswith", "uscc__exact"]
    search_help_text = _("名称（姓名）从头输入，或统一社会信用代码")
    fields = ["kind", "name", "former", "masked_code", "identity_type", "legal_representative", "address"]
    ordering = ["pk"]
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Subject], search_term: str
    ) -> tuple[QuerySet[Subject], bool]:
        """By the beginning of today's name, or by a whole former one."""
        term = visible(search_term).strip()
        if term:
            names = Q(name__startswith=term) | Q(plain_name__startswith=plain_name(term))
            # A list: beside a query, an index answers none of the three.
            former = Q(pk__in=list(selectors.once_named(term)))
            queryset = queryset.filter(names | former | Q(uscc=plain_code(term)))
        return queryset, False

    @admin.display(description=_("代码"))
    def masked_code(self, subject: Subject) -> str:
        return subject.masked_code

    def reading_chain(self, subject: Subject) -> str:
        return f"subject-{subject.pk}"

    @admin.display(description=_("曾用名"))
    def former(self, subject: Subject) -> str:
        return "、".join(subject.former_names) or "—"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view
        return [
            path("<int:pk>/life/", page(self.life_view), name="subjects_subject_life"),
            path("<int:pk>/proof/<int:change>/", page(self.proof_view), name="subjects_subject_proof"),
            *super().get_urls(),
        ]

    def context_of(self, request: HttpRequest, obj: Subject) -> dict[str, Any]:
        return {"may_record_change": _may_record_change(request)}

    @takes_files(megabytes=10)
    def life_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record that the subject was renamed, merged, split or deregistered."""
        subject = self.get_object(request, str(pk))
        assert isinstance(request.user, User)
        if not _may_record_change(request):
            raise Http404
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = ChangeForm(*posted, user=request.user)
        if request.method == "POST" and form.is_valid():
            try:
                record_subject_change(
                    subject=subject, actor=request.user, at=timezone.now(), **form.cleaned_data
                )
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(request, _("已登记，原名称保留，可以查到。"))
                return redirect("admin:subjects_subject_change", pk)
        form.keep_files()
        title = _("登记更名、合并、分立、注销")
        return self.page(request, "admin/subjects/life.html", title=title, subject=subject, form=form)

    def proof_view(self, request: HttpRequest, pk: int, change: int) -> HttpResponseBase:
        subject = self.get_object(request, str(pk))
        return file_response(get_object_or_404(subject.changes, pk=change).proof, inline=True)


def _may_record_change(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and access.is_bureau_officer(request.user, *access.VERIFYING_ROLES)
