"""Runs, driven by hand: what is kept, what is joined, what a failure leaves, what a person may do next."""

import json
from datetime import timedelta
from pathlib import Path

import jsonschema_rs
import pytest

from apps.audit.models import Entry, OutboxEvent
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, NotFound
from apps.core.ids import new_id
from apps.core.tenant import TenantRef
from apps.tenancy.models import Wakeup
from apps.workflows.enums import FailureCode, RecoverAction, RunStatus
from apps.workflows.models import DeadLetter, StepResult, TimelineRow, WorkflowRun
from apps.workflows.selectors import runs as reads
from apps.workflows.services import execution, recovery, requeue, runs
from tests.integration.workflows import flows
from tests.integration.workflows.conftest import drive

CONTRACT = Path(__file__).resolve().parents[3] / "docs/events/workflow_state_transition.json"


def step(run_id: object, name: str) -> StepResult:
    return StepResult.objects.get(run_id=run_id, step_name=name)


def test_it_works(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.three", work, actor=frida)
    run = drive(started.id)
    assert run.status == RunStatus.SUCCEEDED
    assert run.progress == 1.0
    assert flows.ran(work.folder) == ["first", "second", "third"]
    assert step(run.id, "third").output == {"trail": ["first", "second", "third"]}


def test_each_result_is_kept_with_its_hash_and_key(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    run = drive(runs.start("tests.three", work, actor=frida).id)
    kept = step(run.id, "second")
    assert len(kept.output_hash) == len(kept.input_hash) == 64
    assert kept.idempotency_key == f"{inside.id}:{run.id}:second:{kept.input_hash}"
    assert kept.started_at
    assert kept.finished_at
    assert kept.finished_at >= kept.started_at


def test_two_deliveries_of_one_step_run_it_once(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.three", work, actor=frida)
    assert execution.perform(started.id, "first")
    assert not execution.perform(started.id, "first")
    assert flows.begun(work.folder) == ["first"]


def test_a_step_cannot_be_had_before_its_turn(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.three", work, actor=frida)
    assert not execution.perform(started.id, "third")
    assert flows.begun(work.folder) == []


def test_a_message_of_a_run_that_is_gone_does_nothing(inside: TenantRef) -> None:
    assert not execution.perform(new_id(), "first")


def test_the_same_work_under_way_is_joined(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    one = runs.start("tests.three", work, actor=frida)
    two = runs.start("tests.three", work, actor=frida)
    assert (two.id, two.joined) == (one.id, True)
    drive(one.id)
    assert runs.start("tests.three", work, actor=frida).id != one.id


def test_a_logical_key_joins_runs_of_different_input(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    one = runs.start("tests.three", work, actor=frida, run_key="week 47")
    other = work.model_copy(update={"number": 2})
    assert runs.start("tests.three", other, actor=frida, run_key="week 47").id == one.id
    assert runs.start("tests.three", other, actor=frida).id != one.id


def test_a_transient_failure_is_tried_again_after_one_four_and_sixteen_seconds(
    inside: TenantRef, frida: Actor, work: flows.Work
) -> None:
    started = runs.start("tests.three", work.model_copy(update={"fail": "second:UPSTREAM:3"}), actor=frida)
    now = clock.now()
    waits = []
    for _ in range(3):
        with clock.frozen(now):
            drive(started.id)
            waiting = step(started.id, "second")
            assert waiting.status == "ready"
            assert waiting.due_at
            waits.append((waiting.due_at - now).total_seconds())
            assert Wakeup.objects.get(ref=str(started.id)).due_at == waiting.due_at
            assert not execution.perform(started.id, "second"), "not before its time"
            now = waiting.due_at
    assert all(least <= wait <= least * 1.2 for least, wait in zip((1, 4, 16), waits, strict=True))
    with clock.frozen(now):
        run = drive(started.id)
    assert run.status == RunStatus.SUCCEEDED
    assert step(run.id, "second").retry_count == 3
    assert flows.ran(work.folder) == ["first", "second", "third"]


def test_when_retries_are_used_up_what_is_done_stays_and_the_way_on_is_named(
    inside: TenantRef, frida: Actor, work: flows.Work
) -> None:
    run = exhausted(frida, work)
    assert run.status == RunStatus.PARTIAL_FAILURE
    assert run.error["failed_step"] == "second"
    assert run.error["retry_count"] == 3
    assert [done["step"] for done in run.error["completed"]] == ["first"]
    assert run.error["actions"] == ["retry", "retry_with_sampling"]
    letter = DeadLetter.objects.get(workflow_id=run.id)
    assert letter.failure_class == "retryable"
    assert [s["status"] for s in letter.steps] == ["success", "failed", "pending"]


def exhausted(actor: Actor, work: flows.Work) -> WorkflowRun:
    started = runs.start("tests.three", work.model_copy(update={"fail": "second:UPSTREAM:4"}), actor=actor)
    now = clock.now()
    for _ in range(5):
        with clock.frozen(now):
            drive(started.id)
        now += timedelta(seconds=30)
    return WorkflowRun.objects.get(id=started.id)


@pytest.mark.parametrize("code", ["PERMISSION_DENIED", "QUOTA_EXCEEDED", "MALFORMED_RESPONSE", "POLICY_BLOCKED"])
def test_a_hopeless_failure_is_not_tried_again(code: str, inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    run = drive(runs.start("tests.three", work.model_copy(update={"fail": f"second:{code}:9"}), actor=frida).id)
    assert run.error_code == code
    assert run.error["next_steps"]
    assert flows.begun(work.folder).count("second") == 1
    assert DeadLetter.objects.filter(workflow_id=run.id).exists() is (code == "MALFORMED_RESPONSE")


def test_an_unforeseen_error_shows_no_detail(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    run = drive(runs.start("tests.three", work.model_copy(update={"fail": "first:BUG:9"}), actor=frida).id)
    assert run.status == RunStatus.FAILED
    assert run.error_code == FailureCode.INTERNAL_ERROR
    assert "hunter2" not in str(run.error)


def test_a_failed_run_goes_on_where_it_stopped(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    failed = exhausted(frida, work)
    resumed = runs.recover(failed.id, RecoverAction.RETRY, actor=frida)
    assert resumed.id == failed.id
    run = drive(failed.id)
    assert run.status == RunStatus.SUCCEEDED
    assert flows.ran(work.folder) == ["first", "second", "third"]
    assert Entry.objects.filter(action="workflow.retry", object_id=str(run.id)).exists()


def test_retry_with_sampling_samples_the_failed_step_only(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    failed = exhausted(frida, work)
    runs.recover(failed.id, RecoverAction.RETRY_WITH_SAMPLING, actor=frida)
    run = drive(failed.id)
    assert [row.sampling for row in reads.steps_of(run)] == [False, True, False]


def test_a_step_that_others_need_cannot_be_skipped(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    failed = exhausted(frida, work)
    with pytest.raises(Conflict, match="cannot be skipped"):
        runs.recover(failed.id, RecoverAction.SKIP_AND_CONTINUE, actor=frida)


def test_a_dead_letter_is_requeued_once(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    failed = exhausted(frida, work)
    letter = DeadLetter.objects.get(workflow_id=failed.id)
    requeue.requeue_dead_letter(letter.id, actor=frida)
    with pytest.raises(Conflict):
        requeue.requeue_dead_letter(letter.id, actor=frida)
    assert drive(failed.id).status == RunStatus.SUCCEEDED


def test_a_run_that_succeeded_cannot_be_sent_on(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    run = drive(runs.start("tests.three", work, actor=frida).id)
    with pytest.raises(Conflict):
        runs.recover(run.id, RecoverAction.RETRY, actor=frida)


def test_ten_runs_at_a_limit_of_three_run_three_and_queue_seven(
    inside: TenantRef, frida: Actor, work: flows.Work
) -> None:
    started = [runs.start("tests.three", work.model_copy(update={"number": n}), actor=frida) for n in range(10)]
    queue = reads.read_queue(frida)
    assert {run.id for run in queue.running} == {run.id for run in started[:3]}
    assert [(place, run.id) for place, run in queue.waiting] == [
        (place, run.id) for place, run in enumerate(started[3:], start=1)
    ]
    assert {run.reason for _, run in queue.waiting} == {"concurrency_limit"}
    assert started[9].queue_position == 7
    drive(started[0].id)
    assert {run.id for run in reads.read_queue(frida).running} == {run.id for run in started[1:4]}
    for run in started[1:]:
        drive(run.id)
    assert set(WorkflowRun.objects.values_list("status", flat=True)) == {RunStatus.SUCCEEDED}


def test_a_waiting_run_that_is_cancelled_never_begins(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = [runs.start("tests.three", work.model_copy(update={"number": n}), actor=frida) for n in range(4)]
    assert runs.cancel(started[3].id, actor=frida).status == RunStatus.CANCELLED
    assert not execution.perform(started[3].id, "first")
    with pytest.raises(Conflict):
        runs.cancel(started[3].id, actor=frida)


def test_a_lapsed_slot_is_not_regained_while_others_hold_all(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = [runs.start("tests.three", work.model_copy(update={"number": n}), actor=frida) for n in range(4)]
    WorkflowRun.objects.filter(id=started[0].id).update(slot_expires_at=clock.now())
    recovery.look(str(started[3].id), inside)
    assert WorkflowRun.objects.get(id=started[3].id).status == RunStatus.RUNNING
    assert not execution.perform(started[0].id, "first")
    assert WorkflowRun.objects.get(id=started[0].id).status == RunStatus.QUEUED
    for run in (*started[1:], started[0]):
        drive(run.id)
    assert set(WorkflowRun.objects.values_list("status", flat=True)) == {RunStatus.SUCCEEDED}


def test_a_failed_optional_step_leaves_the_run_successful(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.optional", work.model_copy(update={"fail": "first:PERMISSION_DENIED:9"}), actor=frida)
    run = drive(started.id)
    assert run.status == RunStatus.SUCCEEDED
    spoken = step(run.id, "spoken")
    assert run.warnings == ["Two of five tables could not be read."]
    assert spoken.links == [{"label": "Open the result", "path": "autopilot/things/7"}]
    assert (spoken.progress_message, spoken.progress_fields) == ("All of it", {"tables": 5})


def test_every_state_is_in_the_timeline_and_announced(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    run = drive(runs.start("tests.three", work, actor=frida).id)
    told = list(TimelineRow.objects.filter(run_id=run.id, kind="run_state").values_list("after", flat=True))
    assert told == ["queued", "running", "succeeded"]
    events = [
        event.payload
        for event in OutboxEvent.objects.filter(name="workflow_state_transition").order_by("id")
        if event.payload["workflow_id"] == str(run.id)
    ]
    assert [e["status"] for e in events if not e["step_id"]] == ["queued", "running", "succeeded"]
    assert {e["org_id"] for e in events} == {str(inside.id)}
    schema = jsonschema_rs.validator_for(json.loads(CONTRACT.read_text()))
    assert [str(problem) for event in events for problem in schema.iter_errors(event)] == []


def test_a_finished_run_leaves_no_wake_up(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.three", work, actor=frida)
    assert Wakeup.objects.filter(kind="workflows.run", ref=str(started.id)).exists()
    drive(started.id)
    assert not Wakeup.objects.filter(kind="workflows.run", ref=str(started.id)).exists()


def test_an_edited_flow_does_not_change_a_run_under_way(inside: TenantRef, frida: Actor, work: flows.Work) -> None:
    started = runs.start("tests.three", work, actor=frida)
    WorkflowRun.objects.filter(id=started.id).update(
        plan=[row for row in flows.THREE.plan.to_json() if row["name"] != "third"]
    )
    StepResult.objects.filter(run_id=started.id, step_name="third").delete()
    assert drive(started.id).status == RunStatus.SUCCEEDED
    assert flows.ran(work.folder) == ["first", "second"]


def test_a_run_of_another_tenant_is_not_there(
    mallory: Actor, globex: TenantRef, inside: TenantRef, frida: Actor, work: flows.Work, in_tenant: object
) -> None:
    started = runs.start("tests.three", work, actor=frida)
    with in_tenant(globex), pytest.raises(NotFound):  # type: ignore[operator]
        runs.cancel(started.id, actor=mallory)


def test_a_run_whose_steps_nobody_takes_dies_after_five_dispatches(
    inside: TenantRef, frida: Actor, work: flows.Work
) -> None:
    started = runs.start("tests.three", work, actor=frida)
    now = clock.now()
    for _ in range(6):
        now += timedelta(hours=2)
        with clock.frozen(now):
            recovery.look(str(started.id), inside)
    run = WorkflowRun.objects.get(id=started.id)
    assert (run.status, run.error_code) == (RunStatus.FAILED, FailureCode.DISPATCH_FAILED)
    assert DeadLetter.objects.filter(workflow_id=run.id).exists()
    runs.recover(run.id, RecoverAction.RETRY, actor=frida)
    assert drive(run.id).status == RunStatus.SUCCEEDED
