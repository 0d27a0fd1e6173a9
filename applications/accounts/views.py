from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.signup import send_unknown_account_mail
from allauth.account.models import EmailAddress, get_emailconfirmation_model
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from applications.accounts import selectors, while_typing
from applications.accounts.forms import ResendForm
from applications.accounts.http import SignedInRequest
from applications.accounts.models import TypedText, User
from applications.accounts.typed import page_of


@require_http_methods(["GET", "POST"])
def resend_verification(request: HttpRequest) -> HttpResponse:
    """Send the verification mail again. Whatever the address is, the answer is the same and one mail goes to it."""
    form = ResendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        if limited := ratelimit.consume_or_429(request, action="reset_password", key=email):
            return limited
        # Counted for every address, so that being limited tells nothing either. Earlier links stay valid.
        if ratelimit.consume(request, action="confirm_email", key=email):
            address = EmailAddress.objects.filter(email=email).order_by("-verified").first()
            if address is None:
                send_unknown_account_mail(request, email)
            elif address.verified or not address.user.is_active:
                get_adapter().send_account_already_exists_mail(email)
            else:
                address.send_confirmation(request)
        return redirect("account_email_verification_sent")
    return render(request, "account/resend_verification.html", {"form": form})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def email(request: SignedInRequest) -> HttpResponseBase:
    """Applicants change their address here. That of staff is the security administrator's to change."""
    if request.user.is_staff:
        organ = request.user.organ
        context = {
            "new_address": selectors.pending_address(request.user),
            "keepers": selectors.keepers_of(organ).exclude(pk=request.user.pk) if organ else [],
        }
        status = 403 if request.method == "POST" else 200
        return render(request, "account/email_of_staff.html", context, status=status)
    return allauth_views.email(request)


@never_cache
@require_http_methods(["GET", "POST"])
def confirm_email(request: HttpRequest, key: str) -> HttpResponseBase:
    """The link of a verification mail. A member of staff opens it signed in: the link proves the mailbox, the
    password the person, so that whoever proposes an address cannot take the account over with it."""
    confirmation = get_emailconfirmation_model().from_key(key)
    address = confirmation.email_address if confirmation else None
    owner = address.user if address else None
    if owner is not None and owner.is_staff and request.user != owner:
        logout(request)
        messages.info(request, _("请用更换邮箱的那个工作账号登录（仍用原邮箱和密码），再确认新邮箱。"))
        return redirect_to_login(request.path)
    if address is not None and User.objects.filter(email=address.email).exclude(pk=address.user_id):
        # An account made with it in the meantime, perhaps never verified.
        context = {"confirmation": confirmation, "can_confirm": False}
        return render(request, "account/email_confirm.html", context, status=409)
    return allauth_views.confirm_email(request, key=key)


@require_POST
def keep_typed(request: HttpRequest) -> HttpResponse:
    """What somebody is typing, also when the session ended meanwhile: the form says whose it is."""
    return while_typing.keep(request, at=timezone.now())


@login_required
@require_POST
def discard_typed(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a person typed into a form that was not taken goes, because that person does not want it any more."""
    get_object_or_404(TypedText, pk=pk, writer=request.user).delete()
    messages.success(request, _("保留的内容已经丢弃。"))
    return redirect(page_of(request) or "portal:desk")
