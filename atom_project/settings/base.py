"""Settings that hold in every profile; what differs stands in embedded, production and test."""

from datetime import timedelta
from typing import Any

import psycopg.conninfo

from apps.core import redaction
from apps.core.db.pool import reset_connection
from apps.core.logging import configure as configure_logging
from atom_project import mail
from atom_project.config import ROOT, config
from atom_project.runtime import memory
from atom_project.settings.admin_theme import UNFOLD as UNFOLD

memory.collect_seldom()

BASE_DIR = ROOT
DEBUG = False
SECRET_KEY = config.jwt_secret.get_secret_value() or "unset"
# Hosts are checked by tenancy's middleware: the installation's own, and the domains that tenants have proven to own.
ALLOWED_HOSTS = ["*"]
OWN_HOSTS = [host for host in config.allowed_hosts.split(",") if host]
ROOT_URLCONF = "atom_project.urls"
WSGI_APPLICATION = "atom_project.wsgi.application"
ASGI_APPLICATION = "atom_project.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False

# --- apps: shared ones live in `public`, tenant ones in every tenant's schema, audit in both -----------------------
_TENANT_ONLY = [
    "realtime",
    "storage",
    "policies",
    "workflows",
    "artifacts",
    "datasources",
    "agent",
    "dashboards",
    "memos",
    "alerts",
    "studio",
    "gateway",
]
SHARED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.admin.apps.SimpleAdminConfig",  # the addresses discover it: only who serves them needs it
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_prometheus",
    "csp",
    "guardian",
    "apps.core",
    "apps.audit",
    "apps.tenancy",
]
TENANT_APPS = ["apps.audit", *(f"apps.{label}" for label in _TENANT_ONLY)]
INSTALLED_APPS = [*SHARED_APPS, *(app for app in TENANT_APPS if app not in SHARED_APPS)]
TENANT_ONLY_LABELS = frozenset(_TENANT_ONLY)
TENANT_LABELS = frozenset(_TENANT_ONLY) | {"audit"}
SHARED_LABELS = frozenset({"audit", "tenancy", "contenttypes", "auth", "sessions", "admin", "guardian"})
TENANT_MODEL = "tenancy.Tenant"
TENANT_DOMAIN_MODEL = "tenancy.Domain"
MIGRATION_MODULES = {label: f"migrations.{label}" for label in [*_TENANT_ONLY, "audit", "tenancy"]}
DATABASE_ROUTERS = ["apps.core.db.router.TenantRouter"]
AUTH_USER_MODEL = "tenancy.User"


# --- databases: `default` is the runtime role, `admin` exists only where migrations and provisioning run -----------
def database(dsn: str, *, explicit_schema: bool, pool_size: int = 0) -> dict[str, Any]:
    """Django's settings of one DSN; a pool only where `pool_size` is given."""
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    options: dict[str, Any] = {
        key: value for key, value in parts.items() if key not in ("dbname", "user", "password", "host", "port")
    }
    options["options"] = "-c TimeZone=UTC -c search_path=public -c plan_cache_mode=force_generic_plan"
    # Only what core.db.prepared asks for is prepared; its plans are kept, not made anew for each value.
    options["prepare_threshold"] = 1_000_000
    options["application_name"] = f"atom-{config.process}"
    if pool_size:
        options["pool"] = {
            "min_size": 2,
            "max_size": pool_size,
            "timeout": 10,
            # A backend that has touched hundreds of schemas keeps their catalog entries: 300 tenants, 340 MB.
            "max_lifetime": 900,
            "max_idle": 120,
            "reset": reset_connection,
        }
    return {
        "ENGINE": "apps.core.db",
        "NAME": parts.get("dbname", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
        "ATOM_EXPLICIT_SCHEMA": explicit_schema,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


DATABASES = {
    "default": database(
        config.postgres_dsn.get_secret_value(), explicit_schema=False, pool_size=config.database_pool_size
    )
}
if config.postgres_admin_dsn.get_secret_value():
    DATABASES["admin"] = database(config.postgres_admin_dsn.get_secret_value(), explicit_schema=True)

# --- requests -----------------------------------------------------------------------------------------------------
MIDDLEWARE = [
    "apps.gateway.middleware.request.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.gateway.middleware.compression.PageCompressionMiddleware",
    "apps.tenancy.middleware.TenantPathMiddleware",
    "apps.gateway.middleware.door.DoorMiddleware",
    "apps.gateway.middleware.pages.Sessions",
    "apps.gateway.middleware.pages.Csrf",
    "apps.gateway.middleware.pages.Login",
    "apps.gateway.middleware.pages.Messages",
    "apps.gateway.middleware.pages.Framing",
    "apps.gateway.middleware.pages.Htmx",
    "apps.gateway.middleware.policy.PolicyMiddleware",
    "apps.tenancy.middleware.IdentityMiddleware",
    "apps.gateway.middleware.limits.LimitsMiddleware",
    "apps.gateway.middleware.recording.RecordingMiddleware",
    "apps.gateway.middleware.idempotency.IdempotencyMiddleware",
]
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
                "apps.gateway.pages.shell.shell",
            ],
        },
    }
]
LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "atom_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = "atom_csrf"
CSRF_FAILURE_VIEW = "apps.gateway.pages.errors.csrf_failure"
LOGIN_URL = "/login"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# unfold brings Alpine, which evaluates attributes; its policy holds on admin addresses alone (spec: the pages).
ADMIN_CONTENT_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": ["'self'", "'unsafe-eval'", "'unsafe-inline'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}

# --- identity -----------------------------------------------------------------------------------------------------
PASSWORD_HASHERS = ["apps.tenancy.hashers.OwaspArgon2PasswordHasher"]
AUTHENTICATION_BACKENDS = ["apps.tenancy.backends.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_ENGINE = "apps.tenancy.services.page_sessions"
PASSWORD_RESET_TIMEOUT = 3600
# Grants on single objects: guardian's machinery over a table of ours that carries the tenant.
GUARDIAN_USER_OBJ_PERMS_MODEL = "tenancy.ObjectGrant"
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]  # its backend answers has_perm of users; here Actors are asked
ACCESS_TOKEN_LIFETIME = timedelta(minutes=30)
REFRESH_TOKEN_LIFETIME = timedelta(days=14)

# --- mail ---------------------------------------------------------------------------------------------------------
MAIL = mail.settings_of(config.email_url, state_dir=config.state_dir)
EMAIL_BACKEND = MAIL.backend
EMAIL_FILE_PATH = MAIL.folder
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.tls, MAIL.ssl
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = MAIL.sender

# --- programs -----------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.core.rest.ActorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.core.rest.ActorPermission"],
    "DEFAULT_RENDERER_CLASSES": ["apps.core.rest.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.rest.OrjsonParser"],
    "EXCEPTION_HANDLER": "apps.core.problems.drf_handler",
    "DEFAULT_SCHEMA_CLASS": "apps.gateway.api.openapi.Schema",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ATOM",
    "DESCRIPTION": "One workspace for a company's data team.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "OAS_VERSION": "3.1.0",
    "PREPROCESSING_HOOKS": ["apps.gateway.api.openapi.one_address_each"],
    "POSTPROCESSING_HOOKS": ["apps.gateway.api.openapi.errors_in_one_shape"],
}

# --- static files, built by `make static` into static/dist ---------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [("", str(BASE_DIR / "static" / "dist"))] if (BASE_DIR / "static" / "dist").is_dir() else []
STATIC_ROOT = str(config.state_dir / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600
# Names with a hash in them never change: Django's (main.0a1b2c3d4e5f.js) and the build's (figure-BEJXDV6C.js).
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-]([0-9a-f]{12}|[0-9A-Z]{8})\.[0-9a-z]+$"
PROMETHEUS_EXPORT_MIGRATIONS = False

LOGGING_CONFIG = None
redaction.remember(*config.secret_values())
configure_logging(process=config.process, log_dir=config.log_dir, state_dir=config.state_dir, level=config.log_level)
