"""A small packet to write about: revenue fell, orders stood still, a day is missing."""

import copy
from typing import Any

_FIGURE: dict[str, Any] = {
    "label": "Revenue",
    "definition": "Sum of amount of orders",
    "table": "shop.orders",
    "format": "money",
    "column": "amount",
    "additive": True,
    "currency": "EUR",
    "current": 800,
    "previous": 1000,
    "delta_abs": -200,
    "delta_pct": -0.2,
    "case": "compared",
    "direction": -1,
    "significance": "notable",
    "deviations": -2.5,
    "complete": True,
    "weeks": [990, 1010, 1000, 800],
    "days": [],
    "segments": [
        {
            "dimension": "country",
            "label": "country",
            "query": "shop.orders.by.country",
            "parts": [
                {
                    "name": "Route 66",
                    "current": 100,
                    "previous": 280,
                    "delta_abs": -180,
                    "delta_pct": -0.6429,
                    "share": 0.9,
                    "is_rest": False,
                },
                {
                    "name": "FR",
                    "current": 700,
                    "previous": 720,
                    "delta_abs": -20,
                    "delta_pct": -0.0278,
                    "share": 0.1,
                    "is_rest": False,
                },
            ],
        }
    ],
    "reconciled": True,
    "query": "revenue.total",
}
_WINDOW = {"tz": "UTC", "starts_at": "", "ends_at": ""}


def packet() -> dict[str, Any]:
    revenue = copy.deepcopy(_FIGURE)
    orders = {
        **copy.deepcopy(_FIGURE),
        "label": "Orders",
        "format": "count",
        "current": 50,
        "previous": 50,
        "delta_abs": 0,
        "delta_pct": 0,
        "direction": 0,
        "significance": "minor",
        "segments": [],
        "query": "orders.total",
    }
    return {
        "version": 1,
        "timezone": "UTC",
        "window": {
            "current": {"from": "2026-11-12", "to": "2026-11-18", **_WINDOW},
            "previous": {"from": "2026-11-05", "to": "2026-11-11", **_WINDOW},
            "anchored_on": "calendar",
        },
        "kpi": {"revenue": revenue, "orders": orders},
        "order": ["revenue", "orders"],
        "data_quality": [{"kind": "missing_days", "level": "warning", "table": "orders", "days": ["2026-11-13"]}],
        "thresholds": {},
        "queries": {"revenue.total": {"sql": "SELECT 1", "query_hash": "0" * 64}},
        "catalog": {},
    }
