"""The policy settings as a form in units people read, with every version and a way back to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.actor import Actor
from apps.core.errors import Conflict, InvalidInput
from apps.core.pages import page, render_page
from apps.core.permissions import Scope
from apps.policies.engine.setting_fields import BY_NAME, HARD_CAPS, Kind, Setting, from_units, in_units
from apps.policies.models import PolicySettings, PolicyVersion
from apps.policies.selectors import settings as reads
from apps.policies.services import settings


@dataclass(frozen=True, slots=True)
class Field:
    """One setting as the form shows it."""

    name: str
    title: str
    help: str
    kind: str
    unit: str
    range: str
    value: Any
    choices: Sequence[tuple[str, bool]]
    error: str


@dataclass(frozen=True, slots=True)
class Change:
    """One setting's step from one version to the next, in its unit."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SettingsContext:
    """The form and the history."""

    groups: list[tuple[str, list[Field]]]
    version: int
    versions: list[tuple[PolicyVersion, list[Change]]]
    next_cursor: str | None
    may_change: bool
    error: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@page(scope=Scope.QUERIES_RUN)
def policies(request: HttpRequest) -> HttpResponseBase:
    """`settings/policies/`: 303 after a change, 422 with the form again and each error at its field."""
    if request.method != "POST":
        return _shown(request)
    typed = {name: request.POST[name] for name in request.POST if name not in ("csrfmiddlewaretoken", "version")}
    changes, errors = _read(typed, request.POST.getlist("hard_caps"))
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    actor.require(Scope.SETTINGS_MANAGE)
    if errors:
        return _shown(request, typed=typed, errors=errors, status=422)
    try:
        row = settings.change(actor, if_version=_version(request), **changes)
    except InvalidInput as error:
        found = {each["field"]: each["message"] for each in error.extra.get("errors", [])}
        return _shown(request, typed=typed, errors=found, message=error.message, status=422)
    except Conflict as error:
        return _shown(request, typed=typed, message=error.message, status=409)
    messages.success(request, f"Saved as version {row.version}. In effect everywhere within seconds.")
    return _see_other()


@require_POST
@page(scope=Scope.SETTINGS_MANAGE)
def restore(request: HttpRequest, version: int) -> HttpResponseBase:
    """`settings/policies/versions/<version>/restore`."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    try:
        row = settings.restore(actor, version, if_version=_version(request))
    except (Conflict, InvalidInput) as error:
        return _shown(request, message=error.message, status=409 if isinstance(error, Conflict) else 422)
    messages.success(request, f"The settings are those of version {version} again, as version {row.version}.")
    return _see_other()


def _shown(
    request: HttpRequest,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    message: str = "",
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set by the identity middleware
    row = reads.get_settings_for(actor)
    may_change = actor.has(Scope.SETTINGS_MANAGE)
    versions, cursor = _history(actor, request) if may_change else ([], None)
    context = SettingsContext(
        _groups(row, typed or {}, errors or {}), row.version, versions, cursor, may_change, message
    )
    return render_page(request, "policies/settings.html", context, status=status)


def _history(
    actor: Actor, request: HttpRequest
) -> tuple[list[tuple[PolicyVersion, list[Change]]], str | None]:  # fmt: skip
    page_of = reads.list_versions_for(actor, cursor=request.GET.get("cursor") or None)
    return [(row, _changes(row)) for row in page_of.items], page_of.next_cursor


def _changes(row: PolicyVersion) -> list[Change]:
    return [
        Change(_title(name), _written(name, step["before"]), _written(name, step["after"]))
        for name, step in row.changes.items()
    ]


def _title(name: str) -> str:
    known = BY_NAME.get(name)
    return known.title if known else name.replace("_", " ").capitalize()


def _written(name: str, value: Any) -> str:
    known = BY_NAME.get(name)
    if isinstance(value, list):
        return ", ".join(each.replace("_", " ") for each in value) or "none"
    if known is None or isinstance(value, bool):
        return {True: "on", False: "off"}.get(value, str(value))
    return f"{in_units(known, Decimal(str(value)))} {known.unit}".strip()


def _groups(
    row: PolicySettings, typed: Mapping[str, str], errors: Mapping[str, str]
) -> list[tuple[str, list[Field]]]:  # fmt: skip
    groups: dict[str, list[Field]] = {}
    for column in settings.fields():
        known = BY_NAME.get(column.name) or _unknown(column)
        groups.setdefault(known.group, []).append(_field(known, row, typed, errors.get(known.name, "")))
    order = list(dict.fromkeys(each.group for each in BY_NAME.values()))
    return sorted(groups.items(), key=lambda each: order.index(each[0]) if each[0] in order else len(order))


def _unknown(column: Any) -> Setting:
    """A setting that another part of the gate added: shown by what its column says."""
    kind = Kind.SWITCH if column.get_internal_type() == "BooleanField" else Kind.COUNT
    return Setting(
        column.name, "Personal data and more", str(column.verbose_name).capitalize(), str(column.help_text), kind
    )


def _field(known: Setting, row: PolicySettings, typed: Mapping[str, str], error: str) -> Field:
    stored = getattr(row, known.name)
    choices = [(cap, cap in stored) for cap in HARD_CAPS] if known.kind is Kind.CAPS else []
    is_plain = known.kind in (Kind.CAPS, Kind.SWITCH, Kind.TEXT)
    value = typed.get(known.name, stored if is_plain else in_units(known, stored))
    return Field(
        known.name, known.title, known.help, known.kind.value, known.unit, known.range, value, choices, error
    )  # fmt: skip


def _read(typed: Mapping[str, str], caps: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed, in base units, and what could not be read."""
    changes: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for column in settings.fields():
        known = BY_NAME.get(column.name) or _unknown(column)
        if known.kind is Kind.CAPS:
            changes[known.name] = caps
        elif known.kind is Kind.SWITCH:
            changes[known.name] = known.name in typed
        elif known.kind is Kind.TEXT and known.name in typed:
            changes[known.name] = typed[known.name]
        elif known.name in typed:
            try:
                changes[known.name] = from_units(known, typed[known.name])
            except ValueError as error:
                errors[known.name] = str(error)
    return changes, errors


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    if not text.isdecimal() or len(text) > 9:
        raise InvalidInput("Load the page again: the form does not say which version it was made from.")
    return int(text)


def _see_other() -> HttpResponseBase:
    response = redirect(reverse("policies:settings"))
    response.status_code = 303
    return response
