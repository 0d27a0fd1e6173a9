"""Signing in at a real-name provider by OpenID Connect (settings.REAL_NAME): code flow, PKCE, state and nonce.

Authlib speaks; nothing of what the provider sends is kept but who it says that the person is, and that only for the request
in which it is said. No token is stored.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from authlib.oauth2.rfc6749.errors import OAuth2Error
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import gettext as _
from joserfc.errors import JoseError
from requests import RequestException

from applications.foreign_text import clean

# Of each answer of the provider. Somebody waits for it.
SECONDS: Final = 8
# Clocks of two machines may differ so much.
LEEWAY: Final = 60
MOST_CHARACTERS: Final = 200


class NotConfirmed(Exception):
    """The provider did not say who the person is; the message says to the person why, and what to do. ``ours``: nothing
    that the person did led to it, and the log has the cause."""

    def __init__(self, message: str, *, ours: bool = False) -> None:
        super().__init__(message)
        self.ours = ours


@dataclass(frozen=True, slots=True)
class Provider:
    label: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a provider says that somebody is. ``subject`` is the provider's own lasting key of the person."""

    issuer: str
    subject: str
    name: str
    number: str = field(repr=False)


def real_name_provider() -> Provider | None:
    """The provider, where one is configured."""
    return Provider(settings.REAL_NAME["label"]) if settings.REAL_NAME else None


def begin(request: HttpRequest, redirect_uri: str) -> HttpResponseRedirect:
    """To the provider. NotConfirmed where it does not answer."""
    with _in_words():
        response: HttpResponseRedirect = _client().authorize_redirect(request, redirect_uri)
    return response


def finish(request: HttpRequest) -> Identity:
    """Whom the provider sent back. NotConfirmed: in an answer to nothing that this browser asked, with a code or a token
    that does not fit, for another audience, of another time, or without name and number."""
    config = settings.REAL_NAME
    if request.GET.get("error"):
        raise NotConfirmed(_("实名认证没有完成：您在认证页面取消了，或者没有通过认证。可以重新认证。"))
    with _in_words():
        client = _client()
        state = request.GET.get("state", "")
        if client.framework.get_state_data(request.session, state) is None:
            raise NotConfirmed(
                _("这次实名认证不是从这个浏览器刚刚开始的，或者已经用过、已经过期，没有采用。请重新认证。")
            )
        token = client.authorize_access_token(request, leeway=LEEWAY)
        said = token.get("userinfo")
        if said is None:
            raise NotConfirmed(_("实名认证机构没有给出身份信息，没有采用。请稍后重试。"), ours=True)
        said = dict(said)
        if not (said.get(config["name_claim"]) and said.get(config["number_claim"])):
            more = client.userinfo(token=token)
            if more.get("sub") != said["sub"]:
                raise NotConfirmed(_("实名认证机构前后给出的身份不一致，没有采用。请重新认证。"), ours=True)
            said = {**more, **said}
    subject, name, number = (
        _text(said.get(each)) for each in ("sub", config["name_claim"], config["number_claim"])
    )
    if not (subject and name and number):
        raise NotConfirmed(_("实名认证机构没有给出姓名和身份证号码，无法核对，没有采用。"), ours=True)
    return Identity(config["issuer"], subject, name, number)


def _text(value: object) -> str:
    return clean(value, MOST_CHARACTERS) if isinstance(value, str) and len(value) <= MOST_CHARACTERS else ""


def _client() -> Any:
    config = settings.REAL_NAME
    client = _registered(*(config[each] for each in ("issuer", "client_id", "client_secret", "scope")))
    metadata = client.load_server_metadata()
    if metadata.get("issuer", "").rstrip("/") != config["issuer"].rstrip("/"):
        raise NotConfirmed(_("实名认证的设置不正确，暂时不能使用，我们已经记录。"), ours=True)
    return client


@cache
def _registered(issuer: str, client_id: str, client_secret: str, scope: str) -> Any:
    """One client a process: the provider's metadata and keys are asked for once, the keys again when one is not known."""
    client = OAuth().register(
        "real_name",
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=client_id,
        client_secret=client_secret,
        client_kwargs={"scope": scope, "code_challenge_method": "S256", "default_timeout": SECONDS},
    )
    return client


class _in_words:
    """What goes wrong between the portal and the provider, as the person is told of it."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RequestException):
            raise NotConfirmed(
                _("实名认证机构现在没有回应，没有认证。请过几分钟再试，或者上传证件由工作人员核验。"),
                ours=True,
            ) from error
        if isinstance(error, JoseError):
            raise NotConfirmed(
                _(
                    "实名认证机构给出的身份凭证核对不通过（不是给这次认证的，或者已经过期），没有采用。请重新认证。"
                ),
                ours=True,
            ) from error
        if isinstance(error, AuthlibBaseError | OAuth2Error | RuntimeError | KeyError | ValueError):
            raise NotConfirmed(
                _("实名认证机构没有接受这次认证，没有采用。请重新认证；仍不行的，上传证件由工作人员核验。"),
                ours=True,
            ) from error
