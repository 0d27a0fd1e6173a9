"""A real-name provider as a process of its own: django-oauth-toolkit on loopback.

``python -m tests.real_name.provider PORT FOLDER PORTAL`` makes its database in the folder, serves, and knows one client and
some people. It shares no code with the portal.
"""

import sys
from pathlib import Path
from typing import Any

CLIENT, SECRET = "portal-of-the-tests", "secret-of-the-tests"
PASSWORD = "provider horse battery"
# By the name they sign in with: the real name, the identity number.
PEOPLE = {
    "zhang": ("张小明", "320102199003076515"),
    "other-name": ("张大明", "320102199003076515"),
    "li": ("李四方", "320102199003076523"),
    "nobody": ("无号", ""),
    "bad-number": ("王五", "320102199003076510"),
}


def configure(port: int, folder: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from django.conf import settings

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    settings.configure(
        SECRET_KEY="of a process of the tests",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="tests.real_name.provider",
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "provider.sqlite3")}
        },
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {}}
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        LOGIN_URL="/login/",
        SESSION_COOKIE_NAME="provider",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem,
            "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}/o",
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "who", "profile": "name and number"},
            "OAUTH2_VALIDATOR_CLASS": "tests.real_name.validator.Validator",
            "ID_TOKEN_EXPIRE_SECONDS": 60,
            "REQUEST_APPROVAL_PROMPT": "auto",
        },
    )


def sign_in(request: Any) -> Any:
    """The provider's own page: the name in the address is the person, as after a scan of a face."""
    from django.contrib.auth import get_user_model, login
    from django.http import HttpResponseRedirect

    login(request, get_user_model().objects.get(username=request.GET["who"]))
    return HttpResponseRedirect(request.GET["next"])


def prepare(portal: str) -> None:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from oauth2_provider.models import get_application_model

    call_command("migrate", verbosity=0, interactive=False)
    users = get_user_model().objects
    for username, (name, number) in PEOPLE.items():
        users.create_user(username, password=PASSWORD, first_name=name, last_name=number)
    get_application_model().objects.create(
        client_id=CLIENT,
        client_secret=SECRET,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=f"{portal}/subjects/real-name/return/",
        algorithm="RS256",
        skip_authorization=True,
    )


def __getattr__(name: str) -> Any:
    """The addresses, which can be named only once the settings stand."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import include, path

    return [path("login/", sign_in), path("o/", include("oauth2_provider.urls"))]


def main() -> None:
    port, folder, portal = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    configure(port, folder)
    import django
    from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer
    from django.core.wsgi import get_wsgi_application

    django.setup()
    prepare(portal)
    server = WSGIServer(("127.0.0.1", port), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    (folder / "ready").write_text("ready")
    server.serve_forever()


if __name__ == "__main__":
    main()
