from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from applications.accounts.forms import ResendForm


@require_http_methods(["GET", "POST"])
def resend_verification(request: HttpRequest) -> HttpResponse:
    """Send the verification mail again. The answer is the same whether or not the address has an account."""
    form = ResendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].lower()
        if limited := ratelimit.consume_or_429(request, action="reset_password", key=email):
            return limited
        # Counted for every address, so that being limited tells nothing either. Earlier links stay valid.
        if ratelimit.consume(request, action="confirm_email", key=email):
            address = EmailAddress.objects.filter(
                email__iexact=email, verified=False, user__is_active=True
            ).first()
            if address:
                address.send_confirmation(request)
        return redirect("account_email_verification_sent")
    return render(request, "account/resend_verification.html", {"form": form})
