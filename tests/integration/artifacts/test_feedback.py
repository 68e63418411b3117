"""Feedback: kept with the version it was given on, complete when asked for, summed up by week."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apps.artifacts.enums import ArtifactKind
from apps.artifacts.services import versions
from apps.audit.models import Entry
from apps.core import tenant as tenant_context
from apps.core.actor import Actor
from apps.core.ids import new_id
from apps.core.tenant import TenantRef

Api = Callable[[Actor | None], Any]


@pytest.fixture(autouse=True)
def _inside(acme: TenantRef, alice: Actor, carol: Actor, mallory: Actor) -> Iterator[None]:
    with tenant_context.entered(acme):
        yield


@pytest.fixture
def memo(alice: Actor) -> versions.StoredVersion:
    return versions.store(
        ArtifactKind.MEMO,
        f"test:{new_id()}",
        title="Week",
        content={"text": str(new_id())},
        lineage=[],
        actor=alice,
        provenance={"query_hashes": ["ab" * 32]},
    )


def give(client: Any, memo: versions.StoredVersion, **changes: Any) -> Any:
    body = {"kind": "memo", "polarity": "negative", "artifact_id": str(memo.artifact_id), "comment": "wrong week"}
    return client.post("/api/v1/feedback", {**body, **changes}, format="json")


def test_a_viewer_gives_feedback_and_it_carries_version_and_hashes(
    memo: versions.StoredVersion, carol: Actor, api: Api
) -> None:
    answer = give(api(carol), memo, anchor="headline.0")
    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert (row["version"], row["version_sha256"]) == (1, memo.sha256)
    assert row["tool_hashes"] == ["ab" * 32]
    assert row["anchor"] == "headline.0"


def test_all_feedback_of_an_artifact_comes_back(memo: versions.StoredVersion, alice: Actor, api: Api) -> None:
    client = api(alice)
    for number in range(60):
        give(client, memo, comment=str(number))
    found = client.get("/api/v1/feedback", {"artifact_id": str(memo.artifact_id)}).json()
    assert sorted(int(row["comment"]) for row in found["items"]) == list(range(60))
    assert (
        client.get("/api/v1/feedback", {"artifact_id": str(memo.artifact_id), "polarity": "positive"}).json()["items"]
        == []
    )


def test_the_summary_counts_by_week_and_against_hashes(memo: versions.StoredVersion, alice: Actor, api: Api) -> None:
    give(api(alice), memo)
    found = api(alice).get("/api/v1/feedback/summary").json()
    assert any(row["kind"] == "memo" and row["polarity"] == "negative" and row["count"] >= 1 for row in found["weeks"])
    assert any(row["hash"] == "ab" * 32 for row in found["negative"]["tool_hashes"])


def test_it_can_be_neither_changed_nor_taken_back(memo: versions.StoredVersion, alice: Actor, api: Api) -> None:
    give(api(alice), memo)
    for method in ("put", "patch", "delete"):
        assert getattr(api(alice), method)("/api/v1/feedback").status_code == 405


def test_bad_feedback_is_refused_with_the_field(memo: versions.StoredVersion, alice: Actor, api: Api) -> None:
    assert give(api(alice), memo, polarity="meh").status_code == 400
    assert give(api(alice), memo, kind="dashboard").status_code == 400
    assert give(api(alice), memo, version=7).status_code == 404
    body = {"kind": "memo", "polarity": "positive"}
    assert api(alice).post("/api/v1/feedback", body, format="json").status_code == 400


def test_a_stranger_cannot_speak_of_it(memo: versions.StoredVersion, mallory: Actor, api: Api) -> None:
    assert give(api(mallory), memo).status_code == 404


def test_giving_feedback_is_in_the_audit_log(memo: versions.StoredVersion, alice: Actor, api: Api) -> None:
    give(api(alice), memo)
    entry = Entry.objects.filter(action="feedback.given", object_id=str(memo.artifact_id)).first()
    assert entry is not None
    assert entry.sha256 == memo.sha256
