"""The credit bureau's desk for claims, and its look-up of subjects."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from applications.accounts.admin_lists import QueueListFilter
from applications.accounts.admin_reveal import RevealsContacts
from applications.accounts.events import chain_of
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.accounts.revealing import is_revealed
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.masking import mask_address, mask_name
from applications.organs import regions
from applications.organs.models import Organ
from applications.subjects import access, selectors, services
from applications.subjects import code_admin as code_admin
from applications.subjects.changing import record_subject_change
from applications.subjects.forms import ChangeForm, RejectionForm
from applications.subjects.identity import identity_digest, same_name
from applications.subjects.models import Claim, Subject
from applications.subjects.services.deciding import has_opened
from rules.day_words import day_in_words
from rules.sameness import plain_code, plain_name, visible


class ClaimFilter(QueueListFilter):
    """What waits for an answer, unless something else is asked for."""

    title = _("状态")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Claim.Status.choices, ("all", _("全部"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        return queryset if self.value() == "all" else queryset.filter(status=self.value())


class OwnFilter(admin.SimpleListFilter):
    """Whose answer the own bureau owes: where one leads here from the first page."""

    title = _("答复机构")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("本单位答复")), ("overdue", _("本单位已逾期"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        if self.value() is None:
            return queryset
        mine = access.claims_to_answer(request.user)
        if self.value() == "overdue":
            mine = mine.filter(due_on__lt=timezone.localdate())
        return queryset.filter(pk__in=mine)


@admin.register(Claim)
class ClaimAdmin(RevealsContacts[Claim]):
    view_roles = access.VERIFYING_ROLES
    organ_kinds = (Organ.Kind.CREDIT_BUREAU,)
    visible_to = staticmethod(access.claims_verified_by)
    list_display = [
        "claimed_name",
        "masked_code",
        "region",
        "user",
        "capacity",
        "made_at",
        "due",
        "flagged",
        "status",
        "decided_by",
    ]
    list_filter = [OwnFilter, ClaimFilter]
    list_select_related = ["subject", "user", "decided_by"]
    search_fields = ["uscc__exact", "subject__uscc__exact", "name__startswith", "subject__name__startswith"]
    search_help_text = _("统一社会信用代码，或名称（从头输入）")
    ordering = [F("due_on").asc(nulls_last=True), "made_at"]
    show_full_result_count = False

    def reading_chain(self, claim: Claim) -> str:
        return claim.chain

    def veiled(self, claim: Claim) -> str:
        return mask_name(claim.user.name)

    def revealed_about(self, claim: Claim) -> str:
        """Telephone and address are those of the claimant's account."""
        return chain_of(claim.user)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """With whom each claimant acts for, asked for the whole page at once."""
        changelist = super().get_changelist_instance(request)
        many = selectors.many_of_each(changelist.result_list)
        for claim in changelist.result_list:
            claim.many = many[claim.pk]
        return changelist

    @admin.display(description=_("名称（姓名）"))
    def claimed_name(self, claim: Claim) -> str:
        return claim.claimed_name

    @admin.display(description=_("代码"))
    def masked_code(self, claim: Claim) -> str:
        return claim.masked_code

    @admin.display(description=_("提示"))
    def flagged(self, claim: Claim) -> str:
        """Whether the claimant, or the telephone, acts for very many subjects (rules/acting.toml)."""
        if not claim.many.flagged:  # type: ignore[attr-defined]
            return ""
        return format_html('<span class="tag tag-warn">{}</span>', _("一人代多个主体"))

    @admin.display(description=_("行政区划"))
    def region(self, claim: Claim) -> str:
        return regions.name(selectors.region_of(claim)) if claim.uscc else "—"

    @admin.display(description=_("答复期限"), ordering="due_on")
    def due(self, claim: Claim) -> str:
        """The last day for the answer, and whether it is over."""
        if claim.status != Claim.Status.PENDING or claim.due_on is None:
            return "—"
        if claim.due_on < timezone.localdate():
            return format_html(
                '{} <span class="tag tag-bad">{}</span>', day_in_words(claim.due_on), _("已逾期")
            )
        return day_in_words(claim.due_on)

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
            return self._decide(request, claim, approve=True)
        return self._page(request, claim, "approve")

    def reject_view(self, request: HttpRequest, claim_id: int) -> HttpResponse:
        claim = self._claim(request, claim_id)
        form = RejectionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._decide(request, claim, approve=False, **form.cleaned_data)
        return self._page(request, claim, "reject", form=form)

    def _decide(self, request: HttpRequest, claim: Claim, *, approve: bool, **said: str) -> HttpResponse:
        assert isinstance(request.user, User)
        try:
            services.decide_claim(claim=claim, approve=approve, actor=request.user, at=timezone.now(), **said)
        except ValidationError as error:
            messages.error(request, "".join(error.messages))
            return redirect("admin:subjects_claim_change", claim.pk)
        done = _("已通过，并已通知申请人。") if approve else _("已记为未通过，并已通知申请人。")
        messages.success(request, done)
        return redirect("admin:subjects_claim_changelist")

    def _claim(self, request: HttpRequest, claim_id: str | int) -> Claim:
        claims = self.visible_to(request.user).select_related(
            "subject", "user", "proof", "decided_by", "organ"
        )
        return get_object_or_404(claims, pk=whole_number(str(claim_id)))

    def _page(self, request: HttpRequest, claim: Claim, page: str, **extra: Any) -> HttpResponse:
        assert isinstance(request.user, User)
        subject, at = claim.subject, timezone.now()
        if subject is None and claim.identity_digest:
            # Another name for the number: it is no page of the claimant's, and this one warns.
            digest = identity_digest(claim.identity_type, claim.identity_number)
            subject = Subject.objects.filter(identity_digest=digest).first()
        holding = (
            selectors.holding_claims(subject, timezone.localdate(at)).exclude(pk=claim.pk) if subject else []
        )
        context = {
            "title": _("主体认领：%(name)s") % {"name": claim.claimed_name},
            "claim": claim,
            "other_name": subject.name
            if subject and claim.name and not same_name(subject.name, claim.name)
            else "",
            "others": holding,
            "page": page,
            "waiting": claim.status == Claim.Status.PENDING,
            "opened": has_opened(request.user, claim),
            "many": selectors.many_of(claim),
            "registered_as": subject.legal_representative if subject else "",
            **extra,
        }
        return self.page(request, "admin/subjects/claim.html", **context)


@admin.register(Subject)
class SubjectAdmin(RevealsContacts[Subject]):
    """A person's number and home are masked until they are revealed."""

    view_roles = access.BUREAU_ROLES
    organ_kinds = (Organ.Kind.CREDIT_BUREAU,)
    visible_to = staticmethod(access.visible_to)
    list_display = ["name", "kind", "masked_code", "legal_representative"]
    list_filter = ["kind"]
    change_form_template = "admin/subjects/subject.html"
    search_fields = ["name__startswith", "uscc__exact"]
    search_help_text = _("名称（姓名）从头输入，或统一社会信用代码")
    fields = ["kind", "name", "former", "code", "identity_type", "legal_representative", "home"]
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

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Subject:
        subject = super().get_object(request, object_id, from_field)
        subject.revealed = is_revealed(request, subject, timezone.now())  # type: ignore[attr-defined]
        return subject

    @admin.display(description=_("代码"))
    def code(self, subject: Subject) -> str:
        shown = subject.is_person and subject.revealed  # type: ignore[attr-defined]
        return subject.identity_number if shown else subject.masked_code

    @admin.display(description=_("住所"))
    def home(self, subject: Subject) -> str:
        """Where an organisation is, its public registration says too."""
        shown = not subject.is_person or subject.revealed  # type: ignore[attr-defined]
        return (subject.address if shown else mask_address(subject.address)) or "—"

    def veiled(self, subject: Subject) -> str:
        return subject.public_name

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
