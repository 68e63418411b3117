"""The WSGI application: every HTTP request of ATOM runs through Django's sync handler."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"atom_project.settings.{os.environ.get('ATOM_PROFILE', 'embedded')}")

application = get_wsgi_application()
