"""Settings of the portal.

Without any environment variable this is the embedded mode: SQLite, Celery over files, everything below
``var/``. Each part of the served mode is switched on by its own variable; docs/operations.md lists them.
"""

import re
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from applications.files.bodies import WORDS
from credit_repair import environment, sign_in
from credit_repair.environment import env, env_address, env_flag, env_number, env_or_file, real_name
from credit_repair.schedule import BEAT, ROUTES

# Lets Django's generic classes name their model at run time too: ModelAdmin[Organ].
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
# Addresses with passwords in them, and passwords: each may also be given as a file, NAME_FILE.
DATABASE_URL = env_or_file("DATABASE_URL")
REPLICA_URL = env_or_file("REPLICA_URL")
BROKER_URL = env_or_file("BROKER_URL")
SITE_URL = env("SITE_URL", "http://127.0.0.1:8000").rstrip("/")
if not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d+)?", SITE_URL):
    raise ImproperlyConfigured(
        f"环境变量 SITE_URL 应是门户完整的公开地址，例如 https://credit.example.gov.cn，而不是“{SITE_URL}”。"
    )
SERVED = bool(DATABASE_URL)
DEBUG = env_flag("DEBUG", False)

# -- Secrets. The embedded mode makes its own on first start and keeps them below DATA_DIR; the served mode
#    refuses to start without them.
own_secrets = None if SERVED else DATA_DIR / "secrets"
SECRET_KEY = environment.secret("SECRET_KEY", own_secrets)
# Encrypts what is kept of people at rest; those of before are read with. The digests by which it is found have a key of their
# own once there was another FIELD_KEY.
FIELD_KEY = environment.secret("FIELD_KEY", own_secrets)
FIELD_KEY_OLD, DIGEST_KEY, DIGEST_KEY_OLD = environment.rotation(FIELD_KEY)
# Seeds of Ed25519 keys: of the heads of the ledger; of the QR codes and lists of documents.
LEDGER_KEY = environment.secret("LEDGER_KEY", own_secrets)
DOCUMENT_KEY = env_or_file("DOCUMENT_KEY") or LEDGER_KEY
SIGNING_DIR, TSA_URL, TSA_CERTIFICATES = environment.signing(DATA_DIR)
SIGNING_MODULE, SIGNING_TOKEN, SIGNING_PIN_FILE = environment.signing_module()

ALLOWED_HOSTS = [host for host in env("ALLOWED_HOSTS", "127.0.0.1,localhost").split(",") if host]
CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL.startswith("https://") else []

INSTALLED_APPS = [
    "credit_repair.apps.OfficersSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_include_bootstrap",
    "csp",
    "applications.numbering",
    "applications.organs",
    "applications.ledger",
    "applications.files",
    "applications.accounts",
    "applications.subjects",
    "applications.notifications",
    "applications.policies",
    "applications.calendars",
    "applications.records",
    "applications.deadlines",
    "applications.documents",
    "applications.sharing",
    "applications.commitments",
    "applications.training",
    "applications.repairs",
    "applications.objections",
    "applications.reports",
    "applications.portal",
    "applications.audit",
    "applications.oversight",
    "applications.sample",
    "applications.rehearsal",
]

MIDDLEWARE = [
    # Headers first, so that every answer has them, whoever gives it.
    "credit_repair.middleware.NoStore",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "credit_repair.language.Language",  # before whatever makes a page
    "credit_repair.middleware.ReadableRequest",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "credit_repair.middleware.KeepSession",
    "credit_repair.middleware.BoundedBody",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "credit_repair.refused.Refused",
    "credit_repair.middleware.RolesReadOnce",
    "credit_repair.middleware.ReadFromReplica",  # last, because it calls the view
]

ROOT_URLCONF = "credit_repair.urls"
WSGI_APPLICATION = "credit_repair.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "credit_repair.context.site",
            ],
        },
    },
]
# templates/django/forms/: a long text is counted, and never cut off while it is pasted.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# -- Data

if DATABASE_URL:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_DIR / "db.sqlite3"),
            "OPTIONS": {
                # A transaction takes the write lock when it begins, so two writers queue instead of failing.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }

# A streaming replica of it, for reading public pages (credit_repair/middleware.py).
if REPLICA_URL:
    if not DATABASE_URL:
        raise ImproperlyConfigured(
            "环境变量 REPLICA_URL 指的是 DATABASE_URL 的只读副本，请同时设置 DATABASE_URL。"
        )
    DATABASES["replica"] = dj_database_url.parse(REPLICA_URL, conn_max_age=60)
    # A page does not wait for a machine that is gone or a server that is stuck: seconds to connect, milliseconds to take in
    # a question and to answer it.
    DATABASES["replica"].setdefault("OPTIONS", {}).update(
        connect_timeout=2, tcp_user_timeout=2000, options="-c statement_timeout=2000"
    )
    DATABASE_ROUTERS = ["applications.database.replica.Router"]

CACHE_URL = env_or_file("CACHE_URL")
CACHES: dict[str, dict[str, Any]]
if CACHE_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}
else:
    CACHES = {
        "default": {
            "BACKEND": "credit_repair.cache.CountingFileCache",
            "LOCATION": str(DATA_DIR / "cache"),
            # Django's own 300 would throw limits away in the middle of the day.
            "OPTIONS": {"MAX_ENTRIES": 20_000},
        }
    }

# Uploaded and issued files. Never below a served path: only permission-checked views hand them out.
MEDIA_ROOT = env("MEDIA_ROOT", str(DATA_DIR / "files"))
# With less free disk than this (MB) the health check fails: papers of a day may be half of it.
DISK_ALARM_MB = env_number("DISK_ALARM_MB", 500)
# ClamAV's daemon, to which every upload is shown: its socket, or host:port. Unset: nothing is scanned.
CLAMD_ADDRESS = env_address("CLAMD_ADDRESS")
DATA_UPLOAD_MAX_NUMBER_FILES = 20
DATA_UPLOAD_MAX_MEMORY_SIZE = WORDS
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
# A bucket for them, where several machines share no folder. What waits for its form stays in the folder.
FILES_S3_BUCKET = env("FILES_S3_BUCKET")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "applications.files.remote.RemoteFiles",
        "OPTIONS": {
            "bucket_name": FILES_S3_BUCKET,
            "endpoint_url": env("FILES_S3_ENDPOINT") or None,
            "region_name": env("FILES_S3_REGION", "us-east-1"),
            "access_key": env_or_file("FILES_S3_ACCESS_KEY"),
            "secret_key": env_or_file("FILES_S3_SECRET_KEY"),
        },
    }
    if FILES_S3_BUCKET
    else {
        "BACKEND": "applications.files.storage.WholeFiles",
        # Here and not for every storage: collected style sheets are read by another user than wrote them.
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "static/"
STATIC_ROOT = env("STATIC_ROOT", str(DATA_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]

# -- Language and time

LANGUAGE_CODE, TIME_ZONE = "zh-hans", "Asia/Shanghai"
# English for the public and applicants alone (credit_repair/language.py).
LANGUAGES, LOCALE_PATHS = [("zh-hans", "简体中文"), ("en", "English")], [BASE_DIR / "locale"]

# -- People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "applications.accounts.validators.LongEnough",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:desk"
ACCOUNT_ADAPTER = "applications.notifications.account_mail.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS, ACCOUNT_RATE_LIMITS, MFA_FORMS = sign_in.FORMS, sign_in.RATE_LIMITS, sign_in.MFA_FORMS
# The second factor is an authenticator app, with recovery codes for the day on which it is lost.
MFA_ADAPTER = "applications.accounts.mfa_adapter.MFAAdapter"
# What opens an account is shown when it is made, and never again.
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "江苏信用修复"
# A telephone's clock is rarely right to the second.
MFA_TOTP_TOLERANCE = 1
# A real-name provider (OpenID Connect) where natural persons show who they are; without one officers verify a document.
REAL_NAME = real_name(
    issuer=env("REAL_NAME_ISSUER"),
    client_id=env("REAL_NAME_CLIENT_ID"),
    client_secret=env_or_file("REAL_NAME_CLIENT_SECRET"),
    label=env("REAL_NAME_LABEL", "统一身份认证"),
    scope=env("REAL_NAME_SCOPE", "openid profile"),
    name_claim=env("REAL_NAME_NAME_CLAIM", "name"),
    number_claim=env("REAL_NAME_NUMBER_CLAIM", "id_number"),
)
# One address an account: a new one replaces the old when it is verified.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# No "remember me": closing the browser ends a session, also one that the form of sign-in did not begin.
ACCOUNT_SESSION_REMEMBER = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Sessions end after 30 minutes without a request (see KeepSession).
SESSION_COOKIE_AGE = 30 * 60
SESSION_COOKIE_HTTPONLY = True

# -- Security headers

HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env_flag("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Limits by address count the visitor, whose address the one proxy in front adds, not the proxy.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
CSRF_FAILURE_VIEW = "credit_repair.refused.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Bootstrap's own style sheet draws its icons as data: images.
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# -- Background work

CELERY_BROKER_URL = BROKER_URL or "filesystem://localhost//"
if not BROKER_URL:
    _queue_dir, _control_dir = DATA_DIR / "broker" / "queue", DATA_DIR / "broker" / "control"
    for _directory in (_queue_dir, _control_dir):
        _directory.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue_dir),
        "data_folder_out": str(_queue_dir),
        "control_folder": str(_control_dir),
        # The folder is looked into this often (seconds); a nudge is picked up at once to a person's eye.
        "polling_interval": 0.2,
    }
else:
    # A broker that does not answer must not hold up a page: the nudge is lost and the sweep makes it good.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_DEFAULT_QUEUE = "deadlines"
CELERY_TASK_QUEUES = [Queue(name) for name in ("deadlines", "sharing", "documents", "mail", "long")]
CELERY_TASK_ROUTES = ROUTES
# Touched every two seconds by a worker that hears its broker. Unset: nowhere.
HEARTBEAT_FILE = env("HEARTBEAT_FILE")
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = BEAT

# -- Mail. Without a server the mails are written below DATA_DIR/mail, where the demo can show them.

EMAIL_HOST = env("EMAIL_HOST")
EMAIL_PORT = env_number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env_or_file("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", "信用修复 <noreply@localhost>")
# Without a gateway no SMS is written or offered; what is left of earlier ones: docs/operations.md, SMS.
SMS_GATEWAY_URL, SMS_GATEWAY_KEY = environment.sms_gateway()

# -- The first sharing platform. Read once, when an installation has none yet; from then on the platforms are rows that
# two supervisors change (sharing.Destination).

PLATFORM_URL = env("PLATFORM_URL", "" if SERVED else "http://127.0.0.1:8010")
PLATFORM_KEY = environment.secret("PLATFORM_KEY", own_secrets)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "credit_repair.log_lines.PrivateFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {"templates_for_paths": {"()": "credit_repair.access_log.TemplatesForPaths"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["templates_for_paths"],
        }
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
    "loggers": {
        # Django's own handlers would mail whole requests, and write addresses of their own.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # It announces itself whenever it is imported, which a command's output has no use for.
        "pikepdf": {"level": "WARNING"},
    },
}
