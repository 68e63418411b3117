"""How benchmark figures are taken and shown: medians, and ratios against a floor measured in the same run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


def median_ms(work: Callable[[], object], *, runs: int, warm_up: int = 2) -> float:
    """Median duration of `work` in milliseconds, after a warm-up."""
    for _ in range(warm_up):
        work()
    return statistics.median(samples_ms(work, runs=runs))


def samples_ms(work: Callable[[], object], *, runs: int) -> list[float]:
    """Durations of `runs` calls in milliseconds."""
    samples = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        samples.append((time.perf_counter() - started) * 1000)
    return samples


@dataclass
class Report:
    """Collects lines; `missed` names the figures that are over their limit."""

    lines: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def ratio(self, name: str, ours: float, floor: float, *, limit: float | None = None, unit: str = "ms") -> None:
        """A figure beside its floor."""
        value = ours / floor if floor else float("inf")
        self._line(name, f"{value:8.2f} ×   ({ours:.3f} {unit} / {floor:.3f} {unit})", value, limit)

    def figure(self, name: str, value: float, unit: str, *, limit: float | None = None) -> None:
        """A figure that stands alone."""
        self._line(name, f"{value:8.2f} {unit}", value, limit)

    def _line(self, name: str, text: str, value: float, limit: float | None) -> None:
        over = limit is not None and value > limit
        if over:
            self.missed.append(name)
        bound = f"  limit {limit:g}{'  OVER' if over else ''}" if limit is not None else ""
        self.lines.append(f"{name:78} {text}{bound}")
        print(self.lines[-1], flush=True)
