"""The test suite: the embedded profile on a database of its own."""

from atom_project.settings.embedded import *  # noqa: F403 - a profile is the base and a few lines
