"""Words and weights of the demo company."""

# ruff: noqa: E501 - one macro a line

from collections.abc import Sequence

FIRST = (
    "Anna", "Ben", "Clara", "David", "Elena", "Felix", "Grace", "Hugo", "Ines", "Jonas", "Kate", "Liam", "Maria",
    "Noah", "Olga", "Paul", "Rosa", "Sven", "Tara", "Umar", "Vera", "Will", "Yara", "Zoe",
)  # fmt: skip
LAST = (
    "Adams", "Berger", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Ivanova", "Jensen", "Klein", "Lopez",
    "Martin", "Nowak", "Okafor", "Petit", "Rossi", "Schmidt", "Taylor", "Vogel", "Walker", "Young", "Zeller",
)  # fmt: skip
COUNTRIES = (
    ("US", "United States", "USD", "Americas"),
    ("DE", "Germany", "EUR", "Europe"),
    ("GB", "United Kingdom", "GBP", "Europe"),
    ("FR", "France", "EUR", "Europe"),
    ("ES", "Spain", "EUR", "Europe"),
    ("IT", "Italy", "EUR", "Europe"),
)
_WEIGHTS = {"US": 7, "DE": 5, "GB": 3, "FR": 3, "ES": 1, "IT": 1}
COUNTRY_DRAWS = tuple(code for code, weight in _WEIGHTS.items() for _ in range(weight))
_EVENTS = {"page_view": 11, "search": 4, "product_view": 6, "add_to_cart": 2, "checkout": 1, "login": 2, "signup": 1}
EVENT_DRAWS = tuple(name for name, weight in _EVENTS.items() for _ in range(weight))
MACROS = (
    """phone(country, i) AS CASE country
        WHEN 'US' THEN '+1415' || lpad((2000000 + floor(u(i, 61) * 7000000)::BIGINT)::VARCHAR, 7, '2')
        WHEN 'DE' THEN '+49151' || lpad((10000000 + floor(u(i, 61) * 80000000)::BIGINT)::VARCHAR, 8, '1')
        WHEN 'GB' THEN '+447400' || lpad(floor(u(i, 61) * 1000000)::BIGINT::VARCHAR, 6, '0')
        WHEN 'FR' THEN '+336' || lpad(floor(u(i, 61) * 100000000)::BIGINT::VARCHAR, 8, '0')
        WHEN 'ES' THEN '+346' || lpad(floor(u(i, 61) * 100000000)::BIGINT::VARCHAR, 8, '1')
        ELSE '+39347' || lpad(floor(u(i, 61) * 10000000)::BIGINT::VARCHAR, 7, '0') END""",
    "card_body(i) AS '4' || lpad(floor(u(i, 71) * 10000000)::BIGINT::VARCHAR, 7, '0') || lpad(floor(u(i, 72) * 10000000)::BIGINT::VARCHAR, 7, '0')",
    """luhn(t) AS list_sum(list_transform(range(1, 16), lambda k: CASE WHEN k % 2 = 1 THEN
        CASE WHEN t[k]::INT > 4 THEN t[k]::INT * 2 - 9 ELSE t[k]::INT * 2 END ELSE t[k]::INT END))""",
    "card_number(i) AS card_body(i) || ((10 - luhn(card_body(i)) % 10) % 10)::INT::VARCHAR",
)
"""A phone number and a payment card that pass the checks of their kind."""


def array(words: Sequence[str]) -> str:
    """A DuckDB list of texts."""
    return "[" + ", ".join(f"'{word}'" for word in words) + "]"
