"""Where apps that keep sealed values of their own say so, so that a new data key reaches them. Frozen after start."""

from collections.abc import Callable

from django.utils.module_loading import import_string

_sealed: dict[str, str] = {}


def register_sealed_values(name: str, reseal: str) -> None:
    """`reseal` is the dotted path of `() -> int`: seal again what is under an older key of the entered tenant.

    It must be safe to repeat and to run beside writers (compare and set), and answers how many values it changed.
    """
    _sealed[name] = reseal


def sealed_values() -> tuple[tuple[str, Callable[[], int]], ...]:
    """Every registered kind of sealed value with its function."""
    return tuple((name, import_string(path)) for name, path in sorted(_sealed.items()))
