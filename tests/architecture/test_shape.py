"""The shape of the code: size, keys, borders between schemas. Exemptions carry a reason and go stale loudly."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps as django_apps
from django.conf import settings
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
CODE = ("apps", "atom_project", "celery_app")
MAX_FILE = 400
MAX_FUNCTION = 50
# path or path:function -> why it may be longer
EXEMPT: dict[str, str] = {}


def _modules() -> Iterator[Path]:
    for folder in CODE:
        yield from sorted((ROOT / folder).rglob("*.py"))


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    long = {str(p.relative_to(ROOT)): n for p in _modules() if (n := p.read_text().count("\n")) > MAX_FILE}
    assert {name: n for name, n in long.items() if name not in EXEMPT} == {}


def test_no_function_is_longer_than_fifty_lines() -> None:
    found = {}
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                name = f"{path.relative_to(ROOT)}:{node.name}"
                if lines > MAX_FUNCTION and name not in EXEMPT:
                    found[name] = lines
    assert found == {}


def test_no_exemption_is_stale() -> None:
    for name in EXEMPT:
        assert (ROOT / name.split(":")[0]).exists(), name


def test_every_module_says_what_it_is_for() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in _modules()}
    assert [name for name, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))] == []


def _our_models() -> list[type[models.Model]]:
    labels = settings.TENANT_LABELS | {"tenancy"}
    return [m for m in django_apps.get_models() if m._meta.app_label in labels]


def test_every_key_is_a_uuid() -> None:
    # Keyed by what they describe, or by the cookie's value; no tenant ever sees them.
    allowed = {"tenancy.SchemaScript", "tenancy.SchemaStatus", "tenancy.PageSession"}
    auto = {"tenancy.User_groups", "tenancy.User_user_permissions"}
    wrong = [
        m._meta.label
        for m in _our_models()
        if not isinstance(m._meta.pk, models.UUIDField) and m._meta.label not in allowed | auto
    ]
    assert wrong == []


def test_no_foreign_key_leaves_its_schema_or_app() -> None:
    wrong = []
    for model in _our_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.model is model:
                target = field.remote_field.model._meta.app_label
                if target not in {model._meta.app_label, "auth", "contenttypes"}:
                    wrong.append(f"{model._meta.label}.{field.name} -> {target}")
    assert wrong == []


def test_every_app_has_its_migrations_package() -> None:
    for label in settings.TENANT_LABELS | {"tenancy"}:
        assert (ROOT / "migrations" / label / "__init__.py").exists(), label


# The files are compared, not the database, which the first run on a machine has not made yet.
@pytest.mark.filterwarnings("ignore:Got an error checking a consistent migration history:RuntimeWarning")
def test_models_and_migrations_agree() -> None:
    from django.core.management import call_command  # noqa: PLC0415 - needs Django set up

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_rule_hides_in_a_save_override() -> None:
    assert [m._meta.label for m in _our_models() if "save" in vars(m)] == []


def test_no_model_signal_receivers() -> None:
    wrong = [str(p.relative_to(ROOT)) for p in _modules() if "@receiver(" in p.read_text()]
    assert wrong == []
