"""What the engine counts."""

from typing import Final

from prometheus_client import Counter, Histogram

RUNS: Final = Counter("atom_workflow_runs_total", "Runs that came into a state.", ["flow", "status"])
STEPS: Final = Counter(
    "atom_workflow_steps_total", "Attempts of steps, by how they ended.", ["flow", "step", "outcome"]
)
STEP_SECONDS: Final = Histogram(
    "atom_workflow_step_seconds",
    "How long steps that succeeded took.",
    ["flow", "step"],
    buckets=(0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1200),
)
WORKERS_LOST: Final = Counter("atom_workflow_workers_lost_total", "Steps whose worker vanished.")
LATE_RESULTS: Final = Counter("atom_workflow_late_results_total", "Results refused because the lease was lost.")
