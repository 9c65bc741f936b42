"""Every setting, from the environment, with defaults that work on one machine (docs/operations.md explains each)."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import env

from common import policy
from config import schedule

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What kind of house this is -------------------------------------------------------------------------------------

MODE: str = env.str("MODE", "demo")
if MODE not in {"demo", "production"}:
    raise ImproperlyConfigured("MODE must be demo or production.")
DEMO = MODE == "demo"
DEBUG: bool = env.bool("DEBUG", False) and DEMO

DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
PORT: int = env.int("PORT", 8000)
PUBLIC_URL: str = env.str("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"


def _secret_key() -> str:
    """The key from the environment; the demo makes its own and keeps it, production never does."""
    if key := env.str("SECRET_KEY", ""):
        return str(key)
    if not DEMO:
        raise ImproperlyConfigured("Set SECRET_KEY: production makes none of its own.")
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


SECRET_KEY = _secret_key()
if not DEMO and not HTTPS:
    raise ImproperlyConfigured("Set PUBLIC_URL to the https address that users open.")

ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [_public.hostname or "localhost"])
if DEMO:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# What is kept and how long. A house without a policy that can be read does not start.
RETENTION_POLICY: str = env.str("RETENTION_POLICY", str(BASE_DIR / "docs" / "retention.yaml"))
_kept = policy.load(Path(RETENTION_POLICY))

# --- The apps, lowest layer first -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "csp",
    "common",
    "accounts",
    "jobs",
    "membership",
    "messaging",
    "calling",
    "recruitment",
    "dues",
    "overview",
    "privacy",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "common.http.PrivacyHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "membership.shell.shell",
            ],
            "builtins": ["common.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "common.forms.FormRenderer"

# --- Data -----------------------------------------------------------------------------------------------------------

DATABASE_URL: str = env.str("DATABASE_URL", f"sqlite:///{DATA_DIR / 'medlemsboka.sqlite3'}")
DATABASES: dict[str, Any] = {"default": dict(dj_database_url.parse(DATABASE_URL, conn_max_age=60))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
            " PRAGMA cache_size=-4000; PRAGMA foreign_keys=ON;"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Seconds: a database host that is gone must not hold a page, or a monitor, for minutes.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    # Compiling a question whose answer takes half a second takes PostgreSQL four: who gets a message, among 50,000.
    DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off")

REDIS_URL: str = env.str("REDIS_URL", "")
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        # JSON, not pickle: what another process can write into the cache must not become code here.
        "OPTIONS": {"serializer": "common.cache.JSONSerializer"},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}


def _broker(url: str) -> str:
    """redis-py names a socket unix://, kombu names the same socket redis+socket://."""
    return "redis+socket://" + url.removeprefix("unix://") if url.startswith("unix://") else url


CELERY_BROKER_URL = _broker(REDIS_URL) or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that is gone costs the request two seconds; the sweep tells the worker again when it is back.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_TIMEZONE = "Europe/Oslo"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
# The timetable's lines that this house needs.
SCHEDULE = tuple(line for line in schedule.SCHEDULE if not line.setting or env.str(line.setting, ""))
CELERY_BEAT_SCHEDULE = schedule.for_beat(SCHEDULE)

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

# --- Who may come in ------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
# The address is unique: by a constraint on its lower case, which this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
REQUIRE_SECOND_FACTOR: bool = env.bool("REQUIRE_SECOND_FACTOR", not DEMO)

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 60 * 60
ACCOUNT_ADAPTER = "messaging.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = int(_kept.time("text_sign_in").total_seconds())
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# Django's own: allauth's would copy each address into a table of its own, a second truth about who signs in with what.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
# Beside allauth's limits for each minute, one for the day: six digits must not fall to patience.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key,50/d/key",
    "request_login_code": "20/m/ip,3/m/key,10/h/key,30/d/key",
    "reset_password": "20/m/ip,3/m/key,10/h/key",
    # The way in to one's own page: by whoever asks, and by the address that is asked for.
    "my_page_ask": "20/m/ip,120/h/ip",
    "my_page_link": "3/m/key,10/h/key,30/d/key",
}
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "request_login_code": "accounts.forms.RequestLoginCodeForm",
    "confirm_login_code": "accounts.forms.ConfirmLoginCodeForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
MFA_ADAPTER = "accounts.mfa.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Medlemsboka"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Whoever came by an invitation has shown that the address is theirs.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorForm",
    "reauthenticate": "accounts.forms.SecondFactorAgainForm",
    "activate_totp": "accounts.forms.ActivateTOTPForm",
}

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = int(_kept.time("sessions").total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT: bool = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_HSTS_SECONDS: int = env.int("SECURE_HSTS_SECONDS", 60 * 60 * 24 * 365)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
if env.bool("BEHIND_PROXY", False):
    # Only where a proxy of ours sets, and strips, these headers.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- Post -----------------------------------------------------------------------------------------------------------

# The demo sends nothing: messaging keeps what it "sent" for the mailbox page.
EMAIL_CONFIG = env.dj_email_url("EMAIL_URL", "dummymail://" if DEMO else "smtp://localhost:25")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT: int = env.int("EMAIL_TIMEOUT", 20)
# A provider of django-anymail instead: EMAIL_BACKEND=anymail.backends.…, and its keys as JSON in ANYMAIL.
if _backend := env.str("EMAIL_BACKEND", ""):
    EMAIL_BACKEND = _backend
ANYMAIL: Any = env.json("ANYMAIL", {})
# The mailbox that returned mail and answers come to: its address, and how to read it (imaps://user:password@host/INBOX).
RETURN_ADDRESS: str = env.str("RETURN_ADDRESS", "")
RETURN_IMAP_URL: str = env.str("RETURN_IMAP_URL", "")
# demo:// sends nothing; sveve://user:password@host, twilio://sid:token@host?from=…; empty: no SMS.
SMS_URL: str = env.str("SMS_URL", "demo://" if DEMO else "")
# Part of the addresses that gateways and providers report to; without it those addresses are closed.
WEBHOOK_SECRET: str = env.str("WEBHOOK_SECRET", "")
# Providers that sign nothing sign in with it too: https://medlemsboka:SECRET@host/kroker/SECRET/epost/PROVIDER/.
if WEBHOOK_SECRET:
    ANYMAIL.setdefault("WEBHOOK_SECRET", f"medlemsboka:{WEBHOOK_SECRET}")
# A worker that has given no sign of life for so long is dead: longer than all of a transport's time limits together.
DELIVERY_SILENCE = timedelta(seconds=env.int("DELIVERY_SILENCE", 180))
# How many send messages to many at a time on one channel, on all hosts together. Codes do not wait for them.
DELIVERY_RUNS: int = env.int("DELIVERY_RUNS", 1)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", f"Medlemsboka <medlemsboka@{_public.hostname}>")

# --- Language and time ----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", _("Norwegian bokmål"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Oslo"
LOCALE_PATHS = sorted(path for path in (BASE_DIR / "locale").glob("*") if path.is_dir())

DJANGO_TABLES2_TEMPLATE = "components/table.html"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "common.log.OneLineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.server": {"handlers": ["console"], "level": "INFO", "propagate": False}},
}
