"""The floor of the query door: a bare Django view with one query, four stock middlewares, behind the same server.

`python -m tests.benchmarks.bare_site` serves `/bare` on PORT with the database of POSTGRES_DSN.
"""

import os

import django
import psycopg
import uvicorn
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path


def _database() -> dict[str, object]:
    parts = psycopg.conninfo.conninfo_to_dict(os.environ["POSTGRES_DSN"])
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    place = {key: str(parts.get(name, "")) for key, name in names.items()}
    return {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": None, **place}


settings.configure(
    SECRET_KEY="benchmark " * 6,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    LOGGING_CONFIG=None,
    DATABASES={"default": _database()},
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django comes first

from atom_project.runtime.bridge import WsgiBridge  # noqa: E402 - Django comes first


def bare(_: HttpRequest) -> JsonResponse:
    """`SELECT 1`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return JsonResponse({"rows": cursor.fetchall()})


urlpatterns = [path("bare", bare)]

if __name__ == "__main__":
    uvicorn.run(
        WsgiBridge(get_wsgi_application(), threads=16), port=int(os.environ["PORT"]), loop="uvloop", http="httptools",
        lifespan="off", access_log=False, log_level="warning", timeout_keep_alive=75,
    )  # fmt: skip
