"""The test suite: the embedded profile on a database of its own, static files unhashed (they may not be built)."""

from pathlib import Path

from atom_project.settings.embedded import *  # noqa: F403 - a profile is the base and a few lines
from atom_project.settings.embedded import STATIC_ROOT

Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
