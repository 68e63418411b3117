"""The readiness report as Markdown."""

from collections.abc import Iterable

from apps.gateway.contracts import ComponentState, Report


def markdown(report: Report) -> str:
    """The whole document."""
    verdict = "ready" if report.readiness.ok else "not ready"
    facts = f"{report.at:%Y-%m-%d %H:%M:%S} UTC · {report.env} · commit `{report.commit}` · **{verdict}**"
    parts = [
        f"# Readiness of ATOM\n\n{facts}",
        _section("Components", ("component", "mode", "works", "detail", "since"), map(_component, _states(report))),
        _section(
            "Blocked and replaced",
            ("component", "policy", "remedy"),
            ((f"`{state.name}`", state.policy or "—", state.remedy) for state in _states(report) if state.remedy),
        ),
        _section(
            "Environment (names only)",
            ("variable", "set"),
            ((f"`{name}`", "yes" if is_set else "no") for name, is_set in report.variables),
        ),
        _section(
            "Policies",
            ("policy", "meaning", "enforced by", "p95"),
            ((row.policy, row.meaning, row.enforced_by, _milliseconds(row.p95_ms)) for row in report.policies),
        ),
        _throughput(report),
        _section(
            "Answered by a stand-in since start",
            ("route", "component", "answers"),
            ((f"`{route}`", component, str(count)) for route, component, count in report.simulated),
        ),
        _section(
            "Studio modules",
            ("module", "served"),
            ((name, "yes" if served else "not yet") for name, served in report.studio_modules),
        ),
        _section(
            "Last audit entries",
            ("tenant", "at", "action", "outcome"),
            ((line.tenant, f"{line.at:%Y-%m-%d %H:%M:%S}", f"`{line.action}`", line.outcome) for line in report.audit),
        ),
        _section("Last test and smoke", ("run", "summary"), report.summaries),
        _section(
            "Verification calls",
            ("call", "status", "answer"),
            ((f"`{row.call}`", str(row.status), f"`{row.answer}`") for row in report.samples),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _states(report: Report) -> tuple[ComponentState, ...]:
    return report.readiness.components


def _component(state: ComponentState) -> tuple[str, ...]:
    name = f"**{state.name}**" if state.required else state.name
    return name, state.mode.value, "yes" if state.ok else "no", state.detail, f"{state.since:%Y-%m-%d %H:%M:%S}"


def _throughput(report: Report) -> str:
    head = "## Throughput\n\n"
    if report.requests_per_second is None:
        return head + "The web process does not answer, so nothing was measured."
    rows = ((f"`{row.route}`", str(row.requests), _milliseconds(row.p95_ms)) for row in report.routes[:20])
    mean = f"{report.requests_per_second:.2f} requests a second since start.\n\n"
    return head + mean + _table(("route", "requests", "p95 at most"), rows)


def _milliseconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f} ms"


def _section(title: str, names: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    return f"## {title}\n\n{_table(names, rows)}"


def _table(names: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    body = ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows]
    if not body:
        return "None."
    return "\n".join(["| " + " | ".join(names) + " |", "|" + "---|" * len(names), *body])
