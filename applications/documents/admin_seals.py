"""Where an officer proposes the picture of the own organ's seal, or to use it no more, and another decides on it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.accounts.forms import RejectForm, add_fault
from applications.accounts.models import Role, User
from applications.accounts.proposal_admin import ProposalAdmin
from applications.documents import access, seal_pictures
from applications.documents.forms import SealForm, SealWithdrawalForm
from applications.documents.models import SealPicture
from applications.files.bodies import takes_files
from applications.files.responses import file_response
from applications.organs.models import Organ
from rules.errors import InputError

FORM = "admin/documents/seal_form.html"


@admin.register(SealPicture)
class SealPictureAdmin(ProposalAdmin[SealPicture]):
    """A list, two pages to propose, and a page that shows how a letter would be sealed, with the two buttons."""

    impersonal = "seals of public bodies, and the officers who proposed and decided on them"
    view_roles = (*access.KEEPERS_OF_SEAL, Role.AUDIT_ADMIN)
    visible_to = staticmethod(access.seals_visible_to)
    list_display = ("organ", "what", "state", "proposed_at", "proposed_by", "decided_at", "decided_by")
    list_filter = ("state",)
    list_select_related = ("organ", "proposed_by", "decided_by")
    list_per_page = 50
    search_fields = ("organ_name__contains",)

    @admin.display(description=gettext_lazy("事项"))
    def what(self, proposal: SealPicture) -> str:
        return _("停用") if proposal.withdraws else _("启用")

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Every page of an officer asks.
        organ = getattr(request.user, "organ", None)
        if organ is None or organ.kind == Organ.Kind.CREDIT_MANAGEMENT:
            return False
        return self.holds(request, *access.KEEPERS_OF_SEAL)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("withdraw/", wrap(self.withdraw_view), name="documents_sealpicture_withdraw"),
            path("<int:pk>/picture/", wrap(self.picture_view), name="documents_sealpicture_picture"),
            *super().get_urls(),
        ]

    @method_decorator(takes_files(megabytes=10))
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user = self.proposer(request)
        posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = SealForm(*posted, user=user)
        if request.method == "POST" and form.is_valid():
            try:
                proposed = seal_pictures.propose_seal(**form.cleaned_data, actor=user, at=timezone.now())
            except ValidationError as refused:
                form.add_error("picture", refused)
                # Another one has to be chosen.
                form.kept = []
            except InputError as error:
                add_fault(form, error)
            else:
                messages.success(request, _("已提出，待另一人复核后启用。"))
                return redirect(self.address("change", proposed))
        form.keep_files()
        status = 422 if form.errors else 200
        return self.page(request, FORM, status, title=_("上传印章图样"), form=form)

    def withdraw_view(self, request: HttpRequest) -> HttpResponse:
        user = self.proposer(request)
        return self.propose_page(
            request,
            FORM,
            SealWithdrawalForm(request.POST if request.method == "POST" else None),
            lambda said: seal_pictures.propose_withdrawal(**said, actor=user, at=timezone.now()),
            title=_("停用印章图样"),
            done=_("已提出，待另一人复核后停用。"),
        )

    def may_decide(self, request: HttpRequest, proposal: SealPicture) -> bool:
        return access.may_decide_seal(request.user, proposal)

    def show(
        self, request: HttpRequest, proposal: SealPicture, problem: str, form: RejectForm
    ) -> HttpResponse:
        now = timezone.now()
        last = seal_pictures.last_approved(proposal.organ, now)
        return self.proposal_page(
            request,
            "admin/documents/seal.html",
            proposal,
            problem,
            form,
            title=str(proposal),
            now=now,
            last=last,
            used=seal_pictures.in_force(proposal.organ, now),
            may_propose=access.may_propose_seal(request.user) and request.user.organ == proposal.organ,  # type: ignore[union-attr]
        )

    def approve(self, request: HttpRequest, proposal: SealPicture) -> str:
        assert isinstance(request.user, User)
        seal_pictures.approve_seal(proposal=proposal, actor=request.user, at=timezone.now())
        if proposal.withdraws:
            return _("已停用，此后签发的文书不再使用印章图样；已经签发的文书不变。")
        return _("已启用，此后签发的文书使用这个图样；已经签发的文书不变。")

    def reject(self, request: HttpRequest, proposal: SealPicture, reason: str) -> str:
        assert isinstance(request.user, User)
        seal_pictures.reject_seal(proposal=proposal, actor=request.user, reason=reason, at=timezone.now())
        return _("已驳回，文书上的印章不变。")

    def picture_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        picture = self.find(request, pk).picture
        if picture is None:
            raise Http404
        return file_response(picture, inline=True)
