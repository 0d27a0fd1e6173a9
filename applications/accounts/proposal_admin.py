"""The page of what one officer proposed, on which another one decides (four_eyes)."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.accounts.admin_access import OrganScopedAdmin
from applications.accounts.forms import RejectForm, add_fault, fault_in_words
from applications.accounts.four_eyes import NotProposed, Proposal
from applications.accounts.http import whole_number
from applications.accounts.models import User
from applications.accounts.opened import Evidence, evidence_of
from applications.accounts.reading import reading_verb
from rules.errors import InputError

P = TypeVar("P", bound=Proposal)


class ProposalAdmin(OrganScopedAdmin[P]):
    """An app says what the page shows (``show``), who decides, and what the two buttons do.

    ``approve`` and ``reject`` call the services and return what the officer is told; where they raise NotProposed,
    InputError or ValidationError the page says so and nothing happened.
    """

    @abstractmethod
    def may_decide(self, request: HttpRequest, proposal: P) -> bool: ...

    @abstractmethod
    def show(self, request: HttpRequest, proposal: P, problem: str, form: RejectForm) -> HttpResponse: ...

    @abstractmethod
    def approve(self, request: HttpRequest, proposal: P) -> str: ...

    @abstractmethod
    def reject(self, request: HttpRequest, proposal: P, reason: str) -> str: ...

    def proposer(self, request: HttpRequest) -> User:
        """Whoever asks for a page on which something is proposed; PermissionDenied for whoever may not."""
        if not self.has_add_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        return request.user

    def propose_page(
        self,
        request: HttpRequest,
        template: str,
        form: Form,
        propose: Callable[[dict[str, Any]], P],
        *,
        title: str,
        done: str,
    ) -> HttpResponse:
        """The page with a form; what it says when it is sent and valid is proposed, and an InputError stands at its field."""
        if request.method == "POST" and form.is_valid():
            try:
                proposed = propose(form.cleaned_data)
            except InputError as error:
                add_fault(form, error)
            else:
                messages.success(request, done)
                return redirect(self.address("change", proposed))
        return self.page(request, template, 422 if form.errors else 200, title=title, form=form)

    def proposal_page(
        self,
        request: HttpRequest,
        template: str,
        proposal: P,
        problem: str,
        form: RejectForm,
        *,
        title: str,
        **context: Any,
    ) -> HttpResponse:
        """The page of a template that stands on ``admin/proposal.html``; ``may_decide`` says whether it has the buttons."""
        return self.page(
            request,
            template,
            409 if problem else 200,
            title=title,
            proposal=proposal,
            problem=problem,
            form=form,
            may_decide=proposal.state == Proposal.State.PROPOSED and self.may_decide(request, proposal),
            approve_address=self.address("approve", proposal),
            reject_address=self.address("reject", proposal),
            **context,
        )

    def reading_chain(self, obj: Any) -> str:
        proposal: Proposal = obj
        return proposal.chain

    def evidence(self, request: HttpRequest, proposal: P, address: str) -> list[Evidence]:
        """The files that it rests on, for admin/evidence.html. ``address``: the name of the page that shows one."""
        assert isinstance(request.user, User)
        addresses = {file: reverse(address, args=[proposal.pk]) for file in proposal.evidence_files}
        return evidence_of(addresses, reader=request.user, about=proposal.chain, verb=reading_verb(proposal))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<int:pk>/approve/", wrap(self.approve_view), name=f"{name}_approve"),
            path("<int:pk>/reject/", wrap(self.reject_view), name=f"{name}_reject"),
            *super().get_urls(),
        ]

    def address(self, verb: str, proposal: P) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{verb}", args=[proposal.pk])

    def find(self, request: HttpRequest, pk: int) -> P:
        """The proposal, for whoever may see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found: P = get_object_or_404(self.get_queryset(request), pk=pk)
        return found

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
        return self.show(request, self.find(request, pk), "", RejectForm())

    @method_decorator(require_POST)
    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        proposal = self.find_for(request, pk, self.may_decide)
        try:
            done = self.approve(request, proposal)
        except (NotProposed, InputError, ValidationError) as problem:
            return self.show(request, self.find(request, pk), in_words(problem), RejectForm())
        messages.success(request, done)
        return redirect(self.address("change", proposal))

    @method_decorator(require_POST)
    def reject_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        proposal = self.find_for(request, pk, self.may_decide)
        form = RejectForm(request.POST)
        if not form.is_valid():
            return self.show(request, proposal, _("没有驳回：请写明理由。"), form)
        try:
            done = self.reject(request, proposal, form.cleaned_data["reason"])
        except (NotProposed, InputError, ValidationError) as problem:
            return self.show(request, self.find(request, pk), in_words(problem), form)
        messages.success(request, done)
        return redirect(self.address("change", proposal))

    def find_for(self, request: HttpRequest, pk: int, may: Callable[[HttpRequest, P], bool]) -> P:
        """404 for whoever may not do this: the button is not on their page either."""
        if not self.has_view_permission(request):
            raise Http404
        proposal = self.find(request, pk)
        if not may(request, proposal):
            raise Http404
        return proposal


def in_words(problem: Exception) -> str:
    if isinstance(problem, InputError):
        return fault_in_words(problem)
    return "".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
