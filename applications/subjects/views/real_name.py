"""To the real-name provider and back: to sign in, or to show who one is."""

import logging

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from applications.accounts.models import RealNameAccount, User
from applications.accounts.real_name import Identity, NotConfirmed, begin, finish, real_name_provider
from applications.foreign_text import trace
from applications.subjects.services.connecting import connect_person

logger = logging.getLogger(__name__)


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponseBase:
    _check(request)
    try:
        return begin(request, settings.SITE_URL + reverse("subjects:real_name_return"))
    except NotConfirmed as refused:
        return _back(request, refused)


@never_cache
@require_GET
def come_back(request: HttpRequest) -> HttpResponseBase:
    """Where the provider sends people to: whoever is signed in is connected, whoever is not signs in."""
    _check(request)
    try:
        identity = finish(request)
    except NotConfirmed as refused:
        return _back(request, refused)
    if not isinstance(request.user, User):
        return _sign_in(request, identity)
    try:
        claim = connect_person(user=request.user, identity=identity, at=timezone.now())
    except ValidationError as refused:
        messages.error(request, "".join(refused.messages))
    else:
        messages.success(
            request, _("实名认证已通过，您现在可以为“%(name)s”办理。") % {"name": claim.claimed_name}
        )
    return redirect("subjects:mine")


def _sign_in(request: HttpRequest, identity: Identity) -> HttpResponse:
    found = RealNameAccount.objects.select_related("user").filter(
        issuer=identity.issuer, key=identity.subject
    )
    account = found.first()
    if account is None:
        messages.info(
            request,
            _(
                "实名认证已通过，但还没有账号与这个实名身份相连，所以没有登录。"
                "请先用邮箱登录或者注册，再在“我的信用主体”中做一次实名认证，以后就可以直接用实名认证登录。"
            ),
        )
        return redirect("account_login")
    record_authentication(request, account.user, "real_name")
    response: HttpResponse = perform_login(request, account.user, email_verification=None)
    return response


def _check(request: HttpRequest) -> None:
    if real_name_provider() is None:
        raise Http404
    if isinstance(request.user, User) and request.user.is_staff:
        raise PermissionDenied


def _back(request: HttpRequest, refused: NotConfirmed) -> HttpResponse:
    if refused.ours:
        logger.warning("the real-name provider confirmed nobody\n%s", trace(refused.__cause__ or refused))
    messages.error(request, str(refused))
    return redirect("subjects:mine" if request.user.is_authenticated else "account_login")
