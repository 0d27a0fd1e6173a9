"""What a signing link opens, for somebody without an account: who comes is asked first, then the whole text is shown."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.accounts.limits import Limit, Try, address_of, begin, clock_time
from applications.commitments.models import SigningWay
from applications.commitments.signing import compares_number, reliability, signing_of
from applications.commitments.wording import text_digest
from applications.repairs.errors import NotAllowed, NotReady
from applications.repairs.models import SigningLink
from applications.repairs.services.filings import text_to_sign
from applications.repairs.services.signing_links import find_link, sign_by_link, until_in_words, why_closed
from applications.repairs.signing_forms import LinkSignatureForm, SignerForm, confirmed_digest

# Links that do not exist and people who are not the signatory, counted for the visitor's address and for the link.
WRONG = Limit("signing-link", times=5, seconds=60 * 60)
PAGE = "repairs/sign.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: HttpRequest, token: str) -> HttpResponse:
    """Ask who comes, show the text, take the signature. A link that is closed says why, and names nobody."""
    response = _sign(request, token)
    response["X-Robots-Tag"] = "noindex"
    # The address is the key. With no referrer at all a browser would post from nowhere, and its form would be refused.
    response["Referrer-Policy"] = "same-origin"
    return response


def _sign(request: HttpRequest, token: str) -> HttpResponse:
    attempt = begin(WRONG, f"address {address_of(request)}", f"link {token}")
    if not attempt.admitted:
        return _too_many(request, attempt)
    link = find_link(token)
    if link is None:
        return _closed(request, _("没有这个链接。请核对网址是否完整，或者请发给您的人重新生成。"), 404)
    now = timezone.now()
    if closed := why_closed(link, now):
        attempt.take_back()
        return _closed(request, closed, 410)
    if "confirmed" in request.POST:
        attempt.take_back()
        return _second(request, link)
    form = SignerForm(request.POST or None, link=link)
    if request.method != "POST" or not form.is_valid():
        # What is asked for first, and what was only typed badly, is no wrong guess.
        if not form.has_error("__all__", "stranger"):
            attempt.take_back()
        return _who(request, link, form)
    attempt.take_back()
    paragraphs = text_to_sign(link.case)
    second = LinkSignatureForm(
        link=link, initial={"confirmed": form.confirmed(), "shown": text_digest(paragraphs)}
    )
    return _text(request, link, second, paragraphs)


def _second(request: HttpRequest, link: SigningLink) -> HttpResponse:
    digest = confirmed_digest(link, request.POST.get("confirmed", ""))
    if not digest:
        return _who(request, link, SignerForm(link=link), again=True)
    form = LinkSignatureForm(request.POST, link=link)
    if not form.is_valid():
        return _text(request, link, form, text_to_sign(link.case))
    try:
        commitment = sign_by_link(
            link=link,
            signer_digest=digest,
            shown_sha256=form.cleaned_data["shown"],
            publication_consent=form.cleaned_data["publication_consent"],
            at=timezone.now(),
        )
    except NotReady as refused:
        return _closed(request, str(refused), 410)
    except NotAllowed:
        return _closed(request, _("这件申请现在不需要签署承诺书，链接已经失效。"), 410)
    context = {"commitment": commitment, "signing": signing_of(commitment)}
    return render(request, "repairs/signed.html", context)


def _who(request: HttpRequest, link: SigningLink, form: SignerForm, *, again: bool = False) -> HttpResponse:
    context = {
        "form": form,
        "link": link,
        "until": until_in_words(link),
        "compared": compares_number(link.case.record.subject),
        "again": again,
    }
    return render(request, "repairs/sign_who.html", context)


def _text(
    request: HttpRequest, link: SigningLink, form: LinkSignatureForm, paragraphs: list[str]
) -> HttpResponse:
    subject = link.case.record.subject
    context = {
        "form": form,
        "link": link,
        "paragraphs": paragraphs,
        "person": subject.is_person,
        "compared": compares_number(subject),
        "reliability": reliability(SigningWay.LINK),
        "until": until_in_words(link),
    }
    return render(request, PAGE, context)


def _closed(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return render(request, "repairs/sign_closed.html", {"why": why}, status=status)


def _too_many(request: HttpRequest, refused: Try) -> HttpResponse:
    why = _("输错次数过多。请在%(until)s以后再试。") % {"until": clock_time(refused.until)}
    response = _closed(request, why, 429)
    response["Retry-After"] = str(refused.wait)
    return response
