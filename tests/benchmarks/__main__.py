"""`python -m tests.benchmarks [NAME …]`: runs the benchmarks on a database of their own and prints the figures."""

import importlib
import os
import pkgutil
import sys

os.environ.setdefault("ATOM_TEST_SUFFIX", "bench")
os.environ.setdefault("ATOM_PROFILE", "test")
os.environ["DJANGO_SETTINGS_MODULE"] = "atom_project.settings.test"
os.environ.setdefault("ATOM_DEMO_PASSWORD", "correct horse battery staple")
os.environ["ATOM_PROCESS"] = "bench"

from tests.support import database

database.point_environment_at_test_database(os.environ["ATOM_TEST_SUFFIX"], as_served=True)

import django  # noqa: E402

django.setup()

from tests import benchmarks  # noqa: E402
from tests.benchmarks.report import Report  # noqa: E402
from tests.support import cast  # noqa: E402


def main(wanted: list[str]) -> int:
    """Run `bench_*` modules (all, or those named); 1 when a figure is over its limit."""
    cast.build()
    report = Report()
    names = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name.startswith("bench_"))
    for name in names:
        if wanted and name.removeprefix("bench_") not in wanted:
            continue
        module = importlib.import_module(f"tests.benchmarks.{name}")
        if hasattr(module, "run"):
            print(f"— {name.removeprefix('bench_')}", flush=True)
            module.run(report)
    if report.missed:
        print(f"\nover the limit: {', '.join(report.missed)}")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
