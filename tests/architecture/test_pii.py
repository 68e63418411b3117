"""No decision about a statement is made without following protected columns through it."""

import ast
from pathlib import Path

APPS = Path(__file__).parents[2] / "apps"


def test_every_call_of_the_gate_follows_protected_columns() -> None:
    blind = [
        f"{path.relative_to(APPS)}:{node.lineno}"
        for path in APPS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "decide"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "gate"
        and "tracer" not in {keyword.arg for keyword in node.keywords}
    ]
    assert blind == []
