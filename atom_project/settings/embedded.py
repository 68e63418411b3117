"""Everything on one machine, embedded servers, loopback only."""

from atom_project.settings.base import *  # noqa: F403 - a profile is the base and a few lines
from atom_project.settings.base import OWN_HOSTS as _GIVEN_HOSTS

OWN_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver", *_GIVEN_HOSTS]
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
