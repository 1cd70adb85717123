"""All settings, from ten environment variables (environment.py); a wrong one stops the start with one line.

BIND          address and port to serve on (127.0.0.1:8000)
DATA_DIR      database, secret key, media, collected static files (var/)
DATABASE_URL  another database than DATA_DIR/casebook.sqlite3
REPLICA_URL   a copy of it that keeps up by itself: readers' pages come from there
MEDIA_STORE   where photographs and editions' files are: a folder (DATA_DIR) or s3://bucket/prefix
SITE_URL      the address readers use (http://BIND); https://… turns on what belongs to https
SECRET_KEY    at least 50 characters; without it one is made in DATA_DIR at the first start
DEBUG         1 for development on this machine only
SELF_APPROVAL 1 lets who may publish also publish their own text (for an office of one)
CONTACT       a mail address or https://… that pages and security.txt name; whoever sets it answers there
"""

import os
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from . import environment

BASE_DIR = Path(__file__).resolve().parent.parent


BIND = os.environ.get("BIND") or "127.0.0.1:8000"
BIND_HOST, BIND_PORT = environment.bind(BIND)
SITE_URL = os.environ.get("SITE_URL") or f"http://{BIND}"
_SITE = environment.site(SITE_URL)
HTTPS = _SITE.scheme == "https"
_LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]

DEBUG = environment.flag("DEBUG")
if DEBUG and _SITE.hostname not in ("localhost", "127.0.0.1", "::1"):
    raise ImproperlyConfigured("DEBUG=1 は、この機械の中だけで見るとき（SITE_URL が localhost）に限ります。")

SELF_APPROVAL = environment.flag("SELF_APPROVAL")
CONTACT = environment.contact(os.environ.get("CONTACT", ""))

DATA_DIR = environment.data_dir(Path(os.environ.get("DATA_DIR") or BASE_DIR / "var").resolve())
SECRET_KEY = os.environ.get("SECRET_KEY") or environment.secret_key(DATA_DIR / "secret_key")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY は50文字以上の、推測できない文字列にしてください。")

_HOST = f"[{_SITE.hostname}]" if ":" in _SITE.hostname else _SITE.hostname
ALLOWED_HOSTS = [_HOST] if HTTPS else list(dict.fromkeys([_HOST, *_LOOPBACK]))

INSTALLED_APPS = [
    "cases",
    "cases.apps.EditingConfig",  # django.contrib.admin with our site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "csp",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
]

MIDDLEWARE = [
    # Headers come first, so that static files and errors carry them too.
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "cases.middleware.headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cases.middleware.reading_only",
    "cases.middleware.bounded",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "cases.admin.session.limits",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "casebook.urls"
# The site is a host's own, whatever a header says: parts of pages are kept with their links.
FORCE_SCRIPT_NAME = ""
WSGI_APPLICATION = "casebook.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [  # for the admin; public templates take data, never the request
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {
    "default": environment.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'casebook.sqlite3'}"),
}
if os.environ.get("REPLICA_URL"):
    DATABASES["replica"] = environment.database("REPLICA_URL") | {"TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["cases.replica.Router"]
    # Before all that reads: a session is looked for in the database itself, not where the thread's last page was.
    MIDDLEWARE.insert(0, "cases.middleware.from_the_replica")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = environment.data_dir(DATA_DIR / "static")  # WhiteNoise wants it to exist
STATICFILES_DIRS = [BASE_DIR / "static"]
# Photographs are served by a view that knows which are public: there is no media URL.
MEDIA_ROOT, _MEDIA = environment.media_store(os.environ.get("MEDIA_STORE"), DATA_DIR)
STORAGES = {
    "default": _MEDIA,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o640
# Uploads are bounded (cases.middleware.bounded) and stay in memory: nothing is left in a temporary folder.
FILE_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3_000  # a version with many statements is one long form

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"  # also where a next= that leads elsewhere ends
# Ten tries in five minutes per name and address (cases/admin/throttle.py); of those signed in nothing is kept.
AXES_HANDLER = "cases.admin.throttle.Throttle"
AXES_CLIENT_IP_CALLABLE = "cases.admin.throttle.address"
AXES_LOCKOUT_CALLABLE = "cases.admin.throttle.locked_out"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=5)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
OTP_TOTP_ISSUER = f"casebook {_SITE.hostname}"  # what the telephone shows beside the digits

# Cookies exist in the admin only. How long a session lasts: cases/admin/session.py.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no second cookie for them
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS

SECURE_SSL_REDIRECT = HTTPS
# Who watches the process from its own machine asks without TLS; they name the site in Host as everybody does.
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# A preload list binds the owner's whole domain for years: not this site's to promise.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own handlers mail and print; one line on stderr is what an administrator can watch.
        "django": {"handlers": [], "level": "INFO"},
        # A refused host or a 404 is the reader's doing and may hold what they searched for.
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        # The audit log has what axes would say, without the address.
        "axes": {"level": "ERROR"},
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
