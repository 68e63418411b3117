"""Asks the running web process, the checkout and the state folder what the readiness report needs."""

import subprocess
from pathlib import Path

import httpx

from apps.gateway.contracts import Sample
from atom_project.config import ROOT, config

_CALLS = ("/health", "/ready", "/metrics", "/api/schema/?format=json")
_SHOWN = 160


def ask(path: str) -> tuple[int, str]:
    """Status and body of a GET to the running web process; (0, reason) when it does not answer."""
    headers = {}
    if token := config.metrics_token.get_secret_value():
        headers["Authorization"] = f"Bearer {token}"
    try:
        answer = httpx.get(f"http://127.0.0.1:{config.port}{path}", timeout=10, headers=headers)
    except httpx.HTTPError as error:
        return 0, type(error).__name__
    return answer.status_code, answer.text


def samples() -> tuple[Sample, ...]:
    """The verification calls and the beginning of their answers."""
    answers = ((path, *ask(path)) for path in _CALLS)
    return tuple(Sample(f"GET {path}", status, body[:_SHOWN].replace("`", "'")) for path, status, body in answers)


def commit() -> str:
    """The commit that runs: of the checkout, or as the image was told."""
    told = ROOT / "COMMIT"
    if told.exists():
        return told.read_text().strip()
    found = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def summaries() -> tuple[tuple[str, str], ...]:
    """What the last test run and the last smoke left in the state folder."""
    files = {"tests": "last-tests.txt", "smoke": "last-smoke.txt"}
    return tuple((name, _text(config.state_dir / file)) for name, file in files.items())


def _text(path: Path) -> str:
    return path.read_text()[:2000].strip() if path.exists() else "no run is recorded"
