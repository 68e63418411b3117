"""`POST /pii/classify`: verdicts and counts, whatever the values are, and never a value."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.audit.models import Entry
from apps.core import tenant
from apps.core.actor import Actor
from apps.core.tenant import TenantRef

Api = Callable[[Actor | None], Any]
MAILS = [f"planted.{n}@canary{n}.example" for n in range(30)]


def ask(api: Api, who: Actor, *columns: dict[str, Any]) -> Any:
    return api(who).post("/api/v1/pii/classify", {"columns": list(columns)}, format="json")


@pytest.mark.parametrize(
    ("name", "samples", "kind", "tier"),
    [
        ("contact", MAILS, "email", "high"),
        ("contact", [None, *MAILS, None], "email", "high"),
        ("kontakt", [{"art": "privat", "adresse": mail} for mail in MAILS], "email", "high"),
        ("log", [["login", mail] for mail in MAILS], "email", "high"),
        ("amount", [1.5, 2, 3e300, 0], None, "none"),
        ("phone", [], "phone", "low"),
        ("customer_email", [None, None], "email", "low"),
        ("flag", [True, False], None, "none"),
        ("note", ["größer", "日本語", "\U0001f600", ""], None, "none"),
        ("birth_date", ["1990-01-02", "1985-12-31", "2001-07-15"], "date_of_birth", "high"),
    ],
)
def test_a_column_gets_its_class_and_tier(
    api: Api, bob: Actor, name: str, samples: list[Any], kind: str | None, tier: str
) -> None:
    answer = ask(api, bob, {"name": name, "samples": samples})
    assert answer.status_code == 200, answer.content
    found = answer.json()["columns"][0]
    assert (found["type"], found["tier"]) == (kind, tier)
    assert found["recogniser_version"]


def test_no_value_is_given_back_logged_or_recorded(
    api: Api, bob: Actor, acme: TenantRef, caplog: pytest.LogCaptureFixture
) -> None:
    good = ask(api, bob, {"name": "contact", "samples": MAILS})
    bad = ask(api, bob, {"name": "", "samples": MAILS}, {"name": "x", "samples": MAILS[0]})
    assert (good.status_code, bad.status_code) == (200, 400)
    with tenant.entered(acme):
        entries = str(list(Entry.objects.order_by("-seq").values()[:20]))
    for place in (good.content.decode(), bad.content.decode(), caplog.text, entries):
        assert not [mail for mail in MAILS if mail in place]
        assert "@canary" not in place
    assert good.json()["columns"][0]["evidence"]["hits"] == 30


@pytest.mark.parametrize(
    "columns",
    [
        [],
        [{"name": "x", "samples": [1] * 1_001}],
        [{"name": f"c{n}", "samples": []} for n in range(201)],
        [{"name": "x" * 301, "samples": []}],
        [{"name": "x"}],
        "columns",
    ],
)
def test_what_is_out_of_bounds_is_refused(api: Api, bob: Actor, columns: Any) -> None:
    answer = api(bob).post("/api/v1/pii/classify", {"columns": columns}, format="json")
    assert answer.status_code == 400


def test_deep_nesting_is_cut_and_does_no_harm(api: Api, bob: Actor) -> None:
    deep: Any = MAILS[0]
    for _ in range(60):
        deep = {"a": deep}
    assert ask(api, bob, {"name": "x", "samples": [deep]}).json()["columns"][0]["tier"] == "none"


def test_a_viewer_may_not_classify(api: Api, carol: Actor) -> None:
    assert ask(api, carol, {"name": "x", "samples": []}).status_code == 403
