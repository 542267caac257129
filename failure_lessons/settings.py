"""The one settings file. Every value that differs between places comes from the environment.

Safe by default: without `DEBUG=1` it wants a `SECRET_KEY` and `ALLOWED_HOSTS` and turns every protection on.
"""

import ipaddress
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from failure_lessons.local import identity, postgres

BASE_DIR = Path(__file__).resolve().parent.parent


def read_flag(name: str, default: str = "0") -> bool:
    """Whether the environment variable `name` says yes (1, true, yes, on)."""
    value = os.environ.get(name, default).strip().lower()
    if value not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
        raise ImproperlyConfigured(f"{name}={value!r} is not a yes or no: write {name}=1 or {name}=0.")
    return value in {"1", "true", "yes", "on"}


def read_required(name: str, example: str) -> str:
    """The environment variable `name`, or one sentence that says how to set it."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(
            f"Set {name} in the environment, for example {name}={example}, or DEBUG=1 on a laptop."
        )
    return value


def read_limits(name: str, default: str) -> tuple[str, str, str]:
    """Three numbers of seconds from the environment variable `name`, as PostgreSQL writes milliseconds."""
    value = os.environ.get(name, "").strip() or default
    if not re.fullmatch(r"\d{1,5}(?:\.\d{1,3})?(?:/\d{1,5}(?:\.\d{1,3})?){2}", value):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not statement/lock/idle in seconds: write {name}={default}, 0 for no limit."
        )
    statement, lock, idle = (f"{round(float(part) * 1000)}ms" for part in value.split("/"))
    return statement, lock, idle


def read_session_limits(text: str) -> dict[str, tuple[int, int]]:
    """Minutes unused / altogether by role, from `480/1440,publisher=60/720`; the first hold for everybody."""
    found = re.findall(r"(?:([\w -]+)=)?([1-9]\d{0,4})/([1-9]\d{0,4})(?:,|$)", text)
    if ",".join(f"{role}={idle}/{longest}" if role else f"{idle}/{longest}" for role, idle, longest in found) != text:
        raise ImproperlyConfigured(f"SESSION_LIMITS={text!r} is not idle/longest minutes: 480/1440,publisher=60/720.")
    return {"": (480, 1440)} | {role: (int(idle), int(longest)) for role, idle, longest in found}


LAPTOP = read_flag("DEBUG")  # conveniences in place of protections
DEBUG = LAPTOP and read_flag("DEBUG_PAGES", "1")  # Django's own pages of errors, which show the code
DEMONSTRATION = read_flag("DEMONSTRATION", "0")  # `make demo`: each page and file says that much of it is invented
SECRET_KEY = os.environ.get("SECRET_KEY") or (
    "for-local-use-only" if LAPTOP else read_required("SECRET_KEY", "$(openssl rand -base64 48)")
)
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]  # old ones
ALLOWED_HOSTS = (
    os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    if LAPTOP
    else read_required("ALLOWED_HOSTS", "lessons.example.org").split(",")
)
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]

# For what is written without a request at hand: webhooks, and identifiers in feeds and harvesting. The domain stands
# in those identifiers, so it stays the same for ever, whatever address the site moves to.
SITE_URL = os.environ.get(
    "SITE_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}" if LAPTOP else f"https://{ALLOWED_HOSTS[0]}"
).rstrip("/")
REPOSITORY_DOMAIN = os.environ.get("REPOSITORY_DOMAIN") or (
    "failure-lessons.localhost" if LAPTOP else ALLOWED_HOSTS[0].strip(".*")
)
CONTACT_EMAIL = os.environ.get("CONTACT_EMAIL", f"contact@{REPOSITORY_DOMAIN}")

# What signs the head of the ledger (Ed25519): the base64 of 32 random bytes. A laptop makes a key of its own. Whoever
# changes the key names the public half of the old one in LEDGER_FORMER_KEYS, so that what it signed can be checked.
LEDGER_KEY = os.environ.get("LEDGER_KEY", "")
LEDGER_KEY_FILE = BASE_DIR / "var" / "ledger-key" if LAPTOP else ""
LEDGER_FORMER_KEYS = [key.strip() for key in os.environ.get("LEDGER_FORMER_KEYS", "").split(",") if key.strip()]

# Mail leaves from the outbox. Without a mail server it becomes files on a laptop; elsewhere it waits.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = (
    "failure_lessons.outbox.eml.EmlFiles"
    if LAPTOP and not EMAIL_HOST
    else "django.core.mail.backends.smtp.EmailBackend"
)
MAIL_FOLDER = BASE_DIR / "var" / "mail"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = read_flag("EMAIL_USE_TLS", "1")
EMAIL_TIMEOUT = 10  # seconds: other mail waits no longer for a mail server that does not answer
DEFAULT_FROM_EMAIL = CONTACT_EMAIL

# Whom consultations have erased, by numbers that name nobody: beside the backups, so that it outlives a restored one.
ERASURE_LOG = os.environ.get("ERASURE_LOG") or BASE_DIR / "var" / "erasures.jsonl"

# On a laptop webhooks may be tried out against a receiver of one's own; elsewhere they go to public addresses only.
WEBHOOKS_TO_LOOPBACK = LAPTOP and read_flag("WEBHOOKS_TO_LOOPBACK")

INSTALLED_APPS = [
    "failure_lessons",
    "failure_lessons.database",  # before whatever asks the database
    "failure_lessons.outbox",
    "failure_lessons.accounts",
    "failure_lessons.history",
    "failure_lessons.access",
    "failure_lessons.publishing",
    "failure_lessons.vocabularies",
    "failure_lessons.charts",
    "failure_lessons.pages",
    "failure_lessons.webhooks",
    "failure_lessons.intake",
    "failure_lessons.operations",
    "failure_lessons.partners",
    "failure_lessons.workbench",
    "literature",
    "casestudies",
    "recommendations",
    "recommendations.follow_up",
    "recommendations.consultations",
    "failure_lessons.coding",
    "failure_lessons.bulk",  # after every app with an admin: it adds to their lists
    "failure_lessons.workbench.apps.DeskConfig",  # the admin, with a first page of its own
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "failure_lessons.access.cross_origin.CrossOriginReading",  # outermost: refusals of the others can be read too
    "failure_lessons.access.methods.RefuseMethods",
    "failure_lessons.database.limits.LimitsMiddleware",  # before whatever asks the database
    "recommendations.consultations.wall.WatchWall",  # early: every phone in a room asks it every few seconds
    "django.middleware.security.SecurityMiddleware",
    "recommendations.consultations.quick_saving.SaveAnswers",  # early: a room of people answers in the same minutes
    "failure_lessons.access.middleware.ApiAccessMiddleware",  # quotas count every answer, kept ones too
    "failure_lessons.api.codings.TagCodings",  # before whatever compares tags
    "failure_lessons.api.etags.EntityTags",  # early: who holds an answer already passes through nothing else
    "failure_lessons.api.fast_path.FastPath",  # a read of the API passes through nothing below this
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "failure_lessons.api.compression.Compression",
    "failure_lessons.pages.validators.PageValidators",
    "failure_lessons.pages.demonstration.MarkDemonstration",  # inside what compresses and tags pages
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "failure_lessons.history.audit_context.ActingMiddleware",
    "failure_lessons.vocabularies.terms.KeepTermsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "failure_lessons.workbench.posted_text.CleanPostedText",  # after the messages, in which it says what it took out
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "failure_lessons.accounts.doorkeeper.Doorkeeper",  # who has been signed in too long, or lacks a factor
    "failure_lessons.pages.brief.carried.TakeBrief",  # innermost: what follows sees no brief
]

ROOT_URLCONF = "failure_lessons.urls"
WSGI_APPLICATION = "failure_lessons.wsgi.application"
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
                "failure_lessons.pages.metadata.canonical_address",
            ],
            "builtins": ["failure_lessons.pages.templatetags.links"],  # every page has links
        },
    },
]

# How long the database may take, for each kind of work, in seconds: a statement / waiting for a lock / a transaction
# that stands idle; 0 is no limit. What runs out is answered with 503. DATABASE_LIMITS_READER=8/2/15 changes one.
DATABASE_LIMITS = {
    kind: read_limits(f"DATABASE_LIMITS_{kind.upper()}", default)
    for kind, default in (
        ("probe", "1/1/5"),  # /readyz
        ("reader", "2/1/15"),  # pages and API: who waits in vain gets a 503 within three seconds
        ("counts", "120/1/120"),  # what counts are made of, which the first who asks after a start reads whole
        ("workbench", "20/10/60"),  # the admin and what partners send: less than the 30 s a web server gives a request
        ("export", "120/5/120"),  # whole lists as files
        ("command", "0/60/900"),  # commands and workers
    )
}
DATABASE_WORK = os.environ.get("DATABASE_WORK", "command")  # of a process, where no request says better; see wsgi.py
if DATABASE_WORK not in DATABASE_LIMITS:
    raise ImproperlyConfigured(f"DATABASE_WORK={DATABASE_WORK!r} is none of {', '.join(DATABASE_LIMITS)}.")

# A connection lives a minute. Asking it before each request whether it is well would cost more than the request. Behind
# a pool a connection can be told nothing that lasts: there each statement brings its limits (`database/statements.py`).
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or postgres.database_url(BASE_DIR),
        engine="failure_lessons.database.postgresql",
        conn_max_age=60,
        disable_server_side_cursors=read_flag("DATABASE_POOLED", "0"),
    )
}
OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
OPTIONS.setdefault("connect_timeout", 2)  # seconds: the least that the driver knows
if not read_flag("DATABASE_POOLED", "0"):
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    given = "".join(f" -c {name}={value}" for name, value in zip(names, DATABASE_LIMITS[DATABASE_WORK], strict=True))
    OPTIONS["options"] = (OPTIONS.get("options", "") + given).strip()
# Where the processes of a machine note the newest revision that any has served; no older one is ever read after it.
REVISION_FILE = os.environ.get("REVISION_FILE", "")  # empty: each for itself; it goes when the site stops (a backup!)
# Whether each process keeps ready pages and answers, 32 MB at most. The state of the library is in their keys.
ANSWERS_KEPT = read_flag("ANSWERS_KEPT", "1")
STATE_LEASE_SECONDS = 0.01  # for which a process need not ask for that state again (database/state_lease.py)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

try:  # name, colours, sectors and the like of whoever runs the site: docs/your-own-repository.md
    SITE = identity.read_identity(os.environ)
except ValueError as error:
    raise ImproperlyConfigured(str(error)) from None
# What the lessons and recommendations are and are not, in words of whoever runs the site, on pages and in briefs.
# Empty: what holds of the evidence that is shipped.
SITE_NOTICE = os.environ.get("SITE_NOTICE", "").strip()
CONTACT = os.environ.get("CONTACT") or os.environ.get("CONTACT_EMAIL", "")  # where readers report errors and barriers

OIDC_SERVER_URL = os.environ.get("OIDC_SERVER_URL", "")  # of single sign-on: see below
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# Passwords that were stolen elsewhere: a file of SHA-1 in capitals, sorted, one a line, perhaps with :how-often behind.
BREACHED_PASSWORDS = os.environ.get("BREACHED_PASSWORDS", "")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "failure_lessons.accounts.passwords.SiteWordsValidator"},
    {
        "NAME": "failure_lessons.accounts.passwords.BreachedValidator"
        if BREACHED_PASSWORDS
        else "failure_lessons.accounts.passwords.CommonPairsValidator"
    },
]

DOWNLOADS_DIR = os.environ.get("DOWNLOADS_DIR") or BASE_DIR / "var" / "downloads"  # of the worker, read by the site

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [("failure_lessons", SITE.files)] if SITE.files else []  # files of ours give way to those of a name
STATIC_ROOT = None if LAPTOP else os.environ.get("STATIC_ROOT") or BASE_DIR / "staticfiles"  # filled by collectstatic
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": f"failure_lessons.pages.static_files.{'PrefixedStaticFiles' if LAPTOP else 'PrefixedManifestFiles'}"
    },
}
WHITENOISE_USE_FINDERS = LAPTOP
WHITENOISE_AUTOREFRESH = False

# Everything below is the security block. Django 6 has a CSP of its own; then this becomes SECURE_CSP.
SIGN_ON_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER_URL))] if OIDC_SERVER_URL else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # the admin's own stylesheet draws icons this way
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *SIGN_ON_ORIGINS],  # signing in elsewhere begins with a form of ours that leads there
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = not LAPTOP and read_flag("SECURE_SSL_REDIRECT", "1")
# an API answers, it does not redirect to https; the prefix under which the site may run stands before
SECURE_REDIRECT_EXEMPT = [r"^(?:.+/)?api/", r"^(?:.+/)?healthz$", r"^(?:.+/)?readyz$"]
SECURE_HSTS_SECONDS = 0 if LAPTOP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LAPTOP
SECURE_HSTS_PRELOAD = not LAPTOP
if read_flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_NAME = "sessionid" if LAPTOP else "__Host-sessionid"
SESSION_COOKIE_SECURE = not LAPTOP
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "csrftoken" if LAPTOP else "__Host-csrftoken"
CSRF_COOKIE_SECURE = not LAPTOP
CSRF_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # the change form of a large case study
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # bytes of a body; a partner's package has to fit

SOURCE_DOCUMENT_BYTES = int(os.environ.get("SOURCE_DOCUMENT_BYTES", "20_000_000"))  # of one attached document

# Signing in (docs/people.md). Nobody opens an account for themselves: stewards invite.
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "failure_lessons.accounts.adapter.WorkbenchAdapter"
ACCOUNT_FORMS = {
    "login": "failure_lessons.accounts.forms.SignInForm",
    "reset_password": "failure_lessons.accounts.forms.ForgottenForm",
    "change_password": "failure_lessons.accounts.forms.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # of a sign-up that is closed; allauth asks these when signing in
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation is accepted by the link in a mail: that has verified the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers because somebody typed their address
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a mail when a password or a factor changes
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]  # no code by mail: mail is no factor
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser, and by the limits of its role
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# How often something may be tried, as tries/window/for whom: for one address (IPv6: a /64) and for one account. Failed
# sign-ins have limits of their own, which strangers cannot use to lock somebody out: accounts/guessing.py.
ACCOUNT_RATE_LIMITS = {
    "login": "",
    "login_failed": "10/15m/key",  # codes of a second factor: whoever tries them knows the password
    "reset_password": "20/h/ip,5/h/key",
    "reauthenticate": "10/m/user",
}
MFA_ADAPTER = "failure_lessons.accounts.factors.FactorsAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = MFA_RECOVERY_CODES_SHOW_ONCE = True  # codes are kept as hashes: `accounts.recovery_codes`
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # finger, face or PIN: a passkey is two factors wherever it is asked for
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LAPTOP  # http://127.0.0.1
# Whose roles take a second factor (or all). How long a session lasts unused / altogether, in minutes, by role.
FACTOR_ROLES = [role.strip() for role in os.environ.get("FACTOR_ROLES", "").split(",") if role.strip()]
SESSION_LIMITS = read_session_limits(os.environ.get("SESSION_LIMITS") or "480/1440,administrator=60/720")
SESSION_COOKIE_AGE = max(longest for _, longest in SESSION_LIMITS.values()) * 60
# Single sign-on by OpenID Connect: OIDC_ROLES=editors=publisher,staff=researcher says which value of the claim
# OIDC_ROLES_CLAIM gives which role; who has none is not let in.
OIDC_ROLES_CLAIM = os.environ.get("OIDC_ROLES_CLAIM", "groups")
OIDC_ROLES = [
    (value.strip(), role.strip())
    for value, found, role in (pair.rpartition("=") for pair in os.environ.get("OIDC_ROLES", "").split(","))
    if found
]
SOCIALACCOUNT_ADAPTER = "failure_lessons.accounts.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "institution",
                "name": os.environ.get("OIDC_NAME", "your institution"),
                "client_id": read_required("OIDC_CLIENT_ID", "failure-lessons"),
                "secret": read_required("OIDC_CLIENT_SECRET", "…"),
                "settings": {"server_url": OIDC_SERVER_URL, "token_auth_method": "client_secret_basic"},
            }
        ],
    }
# those tries, counted for all workers and machines at once; nothing else is kept there
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "accounts_limit"}}

# Quotas of the API, as requests/seconds, counted per client address (IPv6: per /64) or per token. X-Forwarded-For is
# believed from these proxies only: networks, or `unix` when the proxy speaks over a socket file.
QUOTA_ANONYMOUS = os.environ.get("QUOTA_ANONYMOUS", "600/60")
QUOTA_PARTNER = os.environ.get("QUOTA_PARTNER", "3000/60")
QUOTA_FILE = os.environ.get("QUOTA_FILE", str(BASE_DIR / "var" / "quota.sqlite"))
TRUSTED_PROXIES = [network.strip() for network in os.environ.get("TRUSTED_PROXIES", "").split(",") if network.strip()]
for name, value in (("QUOTA_ANONYMOUS", QUOTA_ANONYMOUS), ("QUOTA_PARTNER", QUOTA_PARTNER)):
    if not re.fullmatch(r"[1-9]\d{0,8}/[1-9]\d{0,5}", value):
        raise ImproperlyConfigured(f"{name}={value!r} is not requests/seconds: write {name}=600/60.")
for network in {*TRUSTED_PROXIES} - {"unix"}:
    try:
        ipaddress.ip_network(network)
    except ValueError:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXIES: {network!r} is no network: write 10.0.0.0/8, 2001:db8::/32 or unix."
        ) from None

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "failure_lessons.problems.handle_api_error",
    "URL_FORMAT_OVERRIDE": None,  # `?format=` would otherwise be accepted without being documented
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE.name} API",
    "DESCRIPTION": "Everything published: evidence on failure in public services, and what follows from it.",
    "VERSION": "1.0.0",
    "CONTACT": {"name": "Whoever runs the site: /developers/ says whom to ask"},
    "LICENSE": {"name": "Creative Commons Attribution 4.0 International", "identifier": "CC-BY-4.0"},
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "failure_lessons.api.description.add_shared_responses",
        "failure_lessons.api.examples.add_examples",
        "failure_lessons.partners.openapi.add_quota_responses",
        "failure_lessons.webhooks.openapi.add_messages",
        "failure_lessons.api.contract.finish_contract",
    ],
}

# Who watches: Prometheus reads /metrics with this token; LOG_REQUESTS=1 writes a line for each request, without its
# query and its sender. LOG_FORMAT=line is for people, json for machines.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
LOG_REQUESTS = read_flag("LOG_REQUESTS")
ACCESS_LOG = os.environ.get("ACCESS_LOG", "")  # written by gunicorn, counted by `manage.py count_use`
# `manage.py check_links` calls the sites of cited sources, so it is off; an archive is asked for what is lost.
CHECK_LINKS = read_flag("CHECK_LINKS")
LINK_ARCHIVE = os.environ.get("LINK_ARCHIVE", "https://archive.org/wayback/available?url=")
LOG_FORMAT = os.environ.get("LOG_FORMAT", "line" if LAPTOP else "json")
if LOG_FORMAT not in ("line", "json"):
    raise ImproperlyConfigured(f"LOG_FORMAT={LOG_FORMAT!r} is neither line nor json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request-id": {"()": "failure_lessons.operations.logs.RequestIdFilter"},
        "outages": {"()": "failure_lessons.operations.logs.OutageFilter"},
    },
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "failure_lessons.operations.logs.JsonLines"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request-id", "outages"]},
    },
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
