"""The steps of GenerateMemo: survey, packet, write, store.

survey  which days each confirmed table covers → the week to report
packet  every query of the plan, through the gate → the packet, reconciled
write   the writer's text, validated; a rejected one is written again, twice at most, then the table stands alone
store   memo, attempts and artifact version in one transaction
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from apps.artifacts.engine import canonical
from apps.core import clock
from apps.core.errors import AtomError
from apps.dashboards.engine import query, reach, source
from apps.dashboards.engine.period import local_day
from apps.dashboards.services import asking, snapshot
from apps.datasources.contracts import ConfirmedTable
from apps.datasources.selectors import catalog
from apps.memos.contracts import GenerateInput, PacketMade, Reach, StoredMemo, Survey, Written, week_end
from apps.memos.engine import coverage, notes, packet, plan
from apps.memos.engine.significance import Thresholds
from apps.memos.errors import NothingToReport, PacketNotReconciled
from apps.memos.services import storing, writing
from apps.workflows.contracts import StepContext

CONFIRM: Final = "Review the recommended tables and confirm one that has a time column."
Replies = Mapping[str, asking.Reply]
Covered = dict[str, coverage.Coverage]


def survey(ctx: StepContext, wish: GenerateInput) -> Survey:
    """Step 1."""
    tables = list(catalog.confirmed_models(ctx.tenant, wish.datasource_id))
    timed = plan.tables_of(plan.kpis(tables, at_most=None))
    if not timed:
        raise NothingToReport("No confirmed table has figures over time.", next_steps=[CONFIRM])
    today = local_day(clock.now(), wish.tz)
    questions = [
        asking.Question(str(table.table_id), query.text(query.bounds(table, today, wish.tz)), "memo:survey")
        for table in timed
    ]
    replies = _answered(asking.ask_all(ctx.actor, wish.datasource_id, questions))
    covered = [_reach(table, replies[str(table.table_id)], wish.tz) for table in timed]
    last = _last_day(wish, covered, today)
    ctx.progress(1.0, f"Reporting the week to {last.isoformat()}")
    return Survey(last_day=last, today=today, tz=wish.tz, tables=snapshot.taken(timed), reach=covered)


def make_packet(ctx: StepContext, wish: GenerateInput) -> PacketMade:
    """Step 2."""
    found = ctx.output_of("survey", Survey)
    windows = plan.Windows.ending(found.last_day, found.tz)
    covered, spoken, silent = _split(found, windows)
    kpis = plan.kpis(spoken)
    asked = {question.ref: query.text(question.sql) for question in plan.questions(kpis, windows)}
    questions = [asking.Question(ref, sql, "memo:packet") for ref, sql in asked.items()]
    replies = _answered(
        asking.ask_all(
            ctx.actor,
            wish.datasource_id,
            questions,
            on_reply=lambda done, _: ctx.progress(
                done / len(questions), f"{done} of {len(questions)} queries answered"
            ),
        )
    )
    facts = packet.Facts(
        windows=windows,
        kpis=kpis,
        answers={ref: reply.rows for ref, reply in replies.items()},
        sources={ref: packet.Source(reply.sql, reply.query_hash) for ref, reply in replies.items()},
        coverage=covered,
        silent=silent,
        thresholds=Thresholds(),
    )
    made = packet.build(facts, notes.of(facts, today=found.today), today=found.today)
    if torn := packet.unreconciled(made):
        raise PacketNotReconciled(f"The data changed while it was read ({len(torn)} figures disagree); try again.")
    return _made(made, replies)


def write(ctx: StepContext, _: GenerateInput) -> Written:
    """Step 3."""
    found = writing.written(ctx.output_of("packet", PacketMade).packet)
    ctx.progress(1.0, f"Text {found.status}")
    return found


def store(ctx: StepContext, wish: GenerateInput) -> StoredMemo:
    """Step 4."""
    made, text = ctx.output_of("packet", PacketMade), ctx.output_of("write", Written)
    found = ctx.output_of("survey", Survey)
    _, spoken, _ = _split(found, plan.Windows.ending(found.last_day, found.tz))
    stored = storing.store(ctx.actor, wish.datasource_id, made, text, tables=spoken, run_id=ctx.run_id)
    ctx.link("Open the memo", f"autopilot/memos/{stored.memo_id}")
    ctx.progress(1.0, "Stored")
    return stored


def _answered(replies: Mapping[str, asking.Reply | AtomError]) -> dict[str, asking.Reply]:
    """All replies; a memo with a hole in it is none, so the first error is raised."""
    found = {}
    for ref, reply in replies.items():
        if isinstance(reply, AtomError):
            raise reply
        found[ref] = reply
    return found


def _split(found: Survey, windows: plan.Windows) -> tuple[Covered, list[ConfirmedTable], list[ConfirmedTable]]:
    """What each table covers, the tables that speak for the weeks compared, and those that do not."""
    covered = {str(entry.table_id): coverage.Coverage(entry.first, entry.last) for entry in found.reach}
    spoken, silent = plan.split_by_reach(list(snapshot.read(found.tables).values()), covered, windows)
    return covered, spoken, silent


def _reach(table: ConfirmedTable, reply: asking.Reply, tz: str) -> Reach:
    row = reply.rows[0]
    when, newest = source.moment(table), row["last_at"]
    complete = None if newest is None or when is None else reach.complete_day(newest, tz, kind=when.kind)
    first, last = _day(row["first_day"]), _day(row["last_day"])
    return Reach(table_id=table.table_id, first=first, last=last, complete=complete)


def _day(cell: object) -> date | None:
    return None if cell is None else date.fromisoformat(packet.iso_day(cell))


def _last_day(wish: GenerateInput, covered: Sequence[Reach], today: date) -> date:
    known = [coverage.Coverage(entry.first, entry.last) for entry in covered]
    complete = coverage.last_complete_day([entry.complete for entry in covered], today)
    wanted = week_end(wish.week)
    if complete is None:
        raise NothingToReport("The confirmed tables hold no dated rows.", next_steps=[CONFIRM])
    if wanted is None:
        return complete
    if wanted >= today:
        raise NothingToReport("That week is not over yet.")
    if not any(entry.reaches(plan.Windows.ending(wanted, wish.tz).current) for entry in known):
        raise NothingToReport("The data holds nothing for that week.")
    return wanted


def _made(made: dict[str, object], replies: Replies) -> PacketMade:
    unique = {reply.query_hash: reply for reply in replies.values()}
    return PacketMade(
        packet=made,
        sha256=canonical.digest(made),
        estimated_bytes=sum(reply.estimated_bytes for reply in unique.values()),
        query_hashes=sorted(unique),
        simulated=any(reply.simulated for reply in replies.values()),
    )
