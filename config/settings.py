"""Settings, read strictly from the environment (see docs/operations.md for the list)."""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env as read, env_sms
from config.logs import LOG_LINE

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = os.environ

DEBUG = read.read_bool(ENV, "DEBUG", default=False)
SECRET_KEY = read.read_secret_key(ENV, debug=DEBUG)
DATA_DIR = Path(ENV.get("DATA_DIR") or BASE_DIR / ".data").resolve()

_BASE = read.read_base_url(ENV, debug=DEBUG)
BASE_URL = _BASE.geturl()
SECURE = _BASE.scheme == "https"
ALLOWED_HOSTS = [_BASE.hostname, *read.read_list(ENV, "ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

# Leaves out what was made fast by hand (complaints/db/json_columns, queue/row_html): to see whether a fault is there.
PLAIN_FETCH = read.read_bool(ENV, "PLAIN_FETCH", default=False)

# A developer hears at once that an event says what its kind does not (complaints/case/payloads).
CHECK_PAYLOADS = DEBUG

INSTALLED_APPS = [
    "ui",
    "accounts",
    "complaints",
    "followups",
    "config.apps.DeskConfig",
    "config.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
]

MIDDLEWARE = [
    "config.health.ForAnyHost",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.CompressPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    # After the language is chosen (its answer is a page), before anything reads the database.
    "config.middleware.RefuseUnstorableText",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInRequired",
    "accounts.middleware.PersonLocaleMiddleware",
    "accounts.middleware.KeptByNoCache",
    "accounts.middleware.DraftAccepted",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # The nearest to the view, so that it sees its errors first.
    "config.busy.AnswerBusy",
]

FORM_RENDERER = "ui.form_rendering.DeskRenderer"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "accounts.context_processors.desk",
            ],
        },
    },
]

# The application's role may not touch the history's protection; migrations run as the owner
# (DATABASE_OWNER_URL), see the command prepare_database.
DATABASES = {"default": read.read_database(ENV)}
DATABASE_OWNER = read.read_database(ENV, "DATABASE_OWNER_URL") if ENV.get("DATABASE_OWNER_URL") else None
# The history: the application's role may add rows to these tables, never change or remove them.
APPEND_ONLY_TABLES = ["complaints_complaintevent", "complaints_round"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL, CELERY_BROKER_URL = read.read_redis(ENV)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "desk",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    },
    # Parts of templates that are the same on every page, kept in each process; with DEBUG they may be edited.
    "fragments": {
        "BACKEND": f"django.core.cache.backends.{'dummy.DummyCache' if DEBUG else 'locmem.LocMemCache'}",
        "LOCATION": "fragments",
    },
}
SESSION_ENGINE = "accounts.sessions"

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["accounts.signin.SignInBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "complaints:queue"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.signin.ClosedSignUp"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password": "accounts.forms.PasswordResetForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
}
# Signing in is counted by accounts.signin_tries.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": None,
    "change_password": "5/m/user",
    "reset_password": "20/h/ip,3/h/key",
    "reset_password_from_key": "20/m/ip",
}
PASSWORD_RESET_TIMEOUT = 2 * 60 * 60

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = Path(ENV.get("STATIC_ROOT") or BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.storage.ManifestStorage"},
}
# Evidence lies outside the web root and is only served through views that ask who is looking.
MEDIA_ROOT = DATA_DIR / "evidence"
MEDIA_URL = None
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Room for more rows than a bulk action takes, so that it can say itself that they are too many.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000
# The handler keeps no more than EVIDENCE_MAX_FILES; the form says how many were too many.
DATA_UPLOAD_MAX_NUMBER_FILES = 100
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "complaints.evidence.uploads.EvidenceUploadHandler",
]
EVIDENCE_MAX_BYTES = 50 * 1024 * 1024
EVIDENCE_MAX_FILES = 10

for _name, _value in read.read_email(ENV, fallback_dir=str(DATA_DIR / "mail")).items():
    globals()[_name] = _value
DEFAULT_FROM_EMAIL = ENV.get("DEFAULT_FROM_EMAIL") or f"Complaint desk <desk@{_BASE.hostname}>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Where an answer to any of our mails goes: a mailbox that somebody reads.
REPLY_TO_EMAIL = ENV.get("REPLY_TO_EMAIL") or DEFAULT_FROM_EMAIL

# Text messages to customers: none without an account at a provider.
SMS = env_sms.read_sms(ENV)
SMS_RECEIPTS_KEY = env_sms.read_receipts_key(ENV)
SMS_QUIET_HOURS = env_sms.read_quiet_hours(ENV)

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-sessionid" if SECURE else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE else "csrftoken"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
# Being built into browsers can hardly be taken back and binds the whole domain, so it is the operator's decision.
SECURE_HSTS_PRELOAD = SECURE and read.read_bool(ENV, "HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]
# Where the web server listens (config.gunicorn).
BIND = read.read_bind(ENV)
# Proxies in front, one or more in a row: the first sets (and never passes on) X-Forwarded-Proto and X-Forwarded-For.
BEHIND_PROXY = read.read_bool(ENV, "BEHIND_PROXY", default=False)
PROXY_HOPS = read.read_int(ENV, "PROXY_HOPS", 1, least=1, most=10) if BEHIND_PROXY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

# Celery carries hints only; the rows in PostgreSQL are the truth. So: no ETA, no countdown, no
# `expires` (a worker with a wrong clock would drop every sweep), no result backend.
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT, CELERY_TASK_SOFT_TIME_LIMIT = 300, 240
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "global_keyprefix": "desk:",
    "socket_timeout": 30,
    "socket_keepalive": True,
}
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_TASK_DEFAULT_QUEUE = "desk"
# The sweep has its own queue and worker: nothing on it talks to the network.
CELERY_TASK_ROUTES = {"followups.tasks.sweep": {"queue": "sweep"}}
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "followups.tasks.sweep", "schedule": 1.0},
    "deliver": {"task": "followups.tasks.deliver", "schedule": 1.0},
    # A started bulk action wakes its own worker; this finds those whose message or worker was lost.
    "bulk": {"task": "complaints.tasks.work_bulk_runs", "schedule": 10.0},
    # The same for posters of a region; a killed worker lets go of its run after a minute.
    "posters": {"task": "followups.tasks.work_poster_runs", "schedule": 15.0},
    # After an upgrade that changed what is indexed; at other times it finds nothing in an empty index.
    "search": {"task": "complaints.tasks.rebuild_search", "schedule": 15.0},
    # What was uploaded for a form that nobody sent, after a day.
    "staged": {"task": "complaints.tasks.forget_staged", "schedule": 600.0},
    # Switching somebody off hands their cases on at once; this finds those that were missed.
    "hand_over": {"task": "followups.tasks.hand_over", "schedule": 300.0},
}
CELERY_BEAT_SCHEDULER = "config.beat.HeartbeatScheduler"
CELERY_TIMEZONE = "UTC"

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}

METRICS_TOKEN = read.read_metrics_token(ENV)

# Secrets that open customer links are encrypted with a key that is not in the database.
TOKEN_KEY = ENV.get("TOKEN_KEY") or SECRET_KEY

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secrets": {"()": "config.logs.HideSecrets"}},
    "formatters": {"line": LOG_LINE},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        # Two wake-up messages a second are no news.
        "celery": {"level": "WARNING"},
        # Nor is each step of making a typeface smaller.
        "fontTools": {"level": "WARNING"},
    },
}
