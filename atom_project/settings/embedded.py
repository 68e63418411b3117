"""Everything on one machine, embedded servers, loopback only."""

from atom_project.settings.base import *  # noqa: F403 - a profile is the base and a few lines

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
