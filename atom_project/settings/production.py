"""Real servers behind TLS."""

from atom_project.config import config
from atom_project.settings.base import *  # noqa: F403 - a profile is the base and a few lines

CSRF_TRUSTED_ORIGINS = [config.base_url]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
