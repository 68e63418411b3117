"""A shop with users, events, orders, subscriptions and two reference tables, and what is planted in them.

Planted: weekly seasonality and growth everywhere; e-mail, name, phone, birth date, IP and card columns; orders of one
country down by two thirds in the last ten days; two days without any event; a coupon column that is nearly always NULL.
"""

# ruff: noqa: S608, E501 - texts of our own, an expression a line

from dataclasses import dataclass
from datetime import date, timedelta

from apps.datasources.engine.bigquery.schema import Column
from apps.datasources.engine.demo import words

DATASET = "shop"
DAYS = 210
DROP_COUNTRY = "DE"
DROP_DAYS = 10
MISSING_DAYS_AGO = (38, 37)


@dataclass(frozen=True, slots=True)
class DemoTable:
    """`sql` makes the rows in DuckDB; tables come in an order in which each needs only earlier ones."""

    name: str
    description: str
    columns: tuple[Column, ...]
    sql: str
    partition_column: str | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """How big the demo company is."""

    users: int = 24_000
    events: int = 1_120_000
    orders: int = 96_000
    subscriptions: int = 9_000


def missing_days(last_day: date) -> tuple[date, ...]:
    """The days without any event."""
    return tuple(last_day - timedelta(days=ago) for ago in MISSING_DAYS_AGO)


def setup(seed: int, last_day: date, scale: Scale) -> tuple[str, ...]:
    """Statements that prepare the calendar and the random numbers."""
    first = last_day - timedelta(days=DAYS - 1)
    gaps = ", ".join(f"DATE '{day}'" for day in missing_days(last_day))
    season = "[1.12, 1.08, 1.05, 1.03, 1.10, 0.86, 0.78][isodow(d)]"
    return (
        f"CREATE MACRO u(i, k) AS (hash(i * 1000003 + k * 7919 + {seed} * 104729) >> 11) / 9007199254740992.0::DOUBLE",
        "CREATE MACRO pick(list, x) AS list[1 + least(floor(x * len(list))::INT, len(list) - 1)]",
        f"""CREATE TABLE days AS SELECT d, n, (1.0 + 0.55 * n / {DAYS}) * {season} * (0.96 + 0.08 * u(n, 1)) AS weight,
            {scale.users} * (0.35 + 0.65 * (n + 1) / {DAYS}) AS members, d IN ({gaps}) AS gap
            FROM (SELECT (DATE '{first}' + n::INT)::DATE AS d, n FROM range({DAYS}) t(n))""",
        f"CREATE TABLE names AS SELECT {words.array(words.FIRST)} AS first, {words.array(words.LAST)} AS last",
    )


def tables(last_day: date, scale: Scale) -> tuple[DemoTable, ...]:
    """All demo tables, in the order in which they are to be made."""
    return (
        _users(last_day, scale),
        _events(scale),
        _orders(last_day, scale),
        _subscriptions(last_day, scale),
        _countries(),
        _plans(),
    )


def _per_day(total: int, *, skip_gaps: bool, key: int) -> str:
    """(d, n, members, i): a row a thing, spread over the days by their weight; i is unique."""
    condition = "WHERE NOT gap" if skip_gaps else ""
    return f"""(SELECT d, n, members, n * 100000 + unnest(range(ceil({total} * weight / sum(weight) OVER ())::BIGINT))
               + {key} * 1000000000 AS i FROM days {condition})"""


_COUNTRY = f"pick({words.array(words.COUNTRY_DRAWS)}, {{x}})"
_MOMENT = "d::TIMESTAMPTZ + to_microseconds((86399000000 * (0.18 + 0.80 * (u(i, 2) + u(i, 3)) / 2))::BIGINT)"


def _columns(*pairs: str) -> tuple[Column, ...]:
    """Columns from "name TYPE description" lines."""
    parts = (pair.split(" ", 2) for pair in pairs)
    return tuple(Column(part[0], part[1], part[2] if len(part) > 2 else "") for part in parts)


def _users(last_day: date, scale: Scale) -> DemoTable:
    first = last_day - timedelta(days=DAYS - 1)
    sql = f"""
        SELECT i + 1 AS user_id, lower(f || '.' || l || (i % 997)::VARCHAR) || '@' ||
               pick(['example.com', 'mail.example.org', 'post.example.net'], u(i, 14)) AS email,
               f || ' ' || l AS full_name, phone(country, i) AS phone, country,
               (DATE '1950-01-01' + (u(i, 15) * 20000)::INT)::DATE AS date_of_birth,
               pick(['organic', 'ads', 'referral', 'partner', 'organic', 'ads'], u(i, 16)) AS acquisition_channel,
               pick(['free', 'free', 'free', 'basic', 'pro', 'team'], u(i, 17)) AS plan,
               (CASE WHEN i < {scale.users} * 0.35 THEN TIMESTAMPTZ '{first}' - to_days((u(i, 18) * 500)::INT + 1)
                ELSE TIMESTAMPTZ '{first}' + to_days(floor({DAYS} * (i / {scale.users} - 0.35) / 0.65)::INT) END)
               + to_seconds(floor(u(i, 19) * 86000)) AS signed_up_at, u(i, 20) < 0.82 AS is_active
        FROM (SELECT i, pick(first, u(i, 11)) AS f, pick(last, u(i, 12)) AS l, {_COUNTRY.format(x="u(i, 13)")} AS country
              FROM range({scale.users}) t(i), names)"""
    columns = _columns(
        "user_id INT64 Key of the user", "email STRING Address used to log in", "full_name STRING", "phone STRING",
        "country STRING ISO code, see countries", "date_of_birth DATE", "acquisition_channel STRING",
        "plan STRING See plans", "signed_up_at TIMESTAMP", "is_active BOOL",
    )  # fmt: skip
    return DemoTable("users", "Everybody who signed up", columns, sql)


def _events(scale: Scale) -> DemoTable:
    names = words.array(words.EVENT_DRAWS)
    sql = f"""
        SELECT i AS event_id, 1 + floor(power(u(i, 21), 1.6) * members)::BIGINT AS user_id,
               pick({names}, u(i, 22)) AS event_name, {_MOMENT} AS event_at,
               pick(['web', 'web', 'ios', 'android'], u(i, 24)) AS platform,
               {_COUNTRY.format(x="u(1 + floor(power(u(i, 21), 1.6) * members)::BIGINT - 1, 13)")} AS country,
               's' || (hash(floor(i / 6)) % 100000000)::VARCHAR AS session_id,
               '/' || pick(['', 'search', 'product', 'cart', 'checkout', 'account', 'help'], u(i, 25)) AS page,
               (11 + floor(u(i, 26) * 180))::INT || '.' || floor(u(i, 27) * 255)::INT || '.' || floor(u(i, 28) * 255)::INT
               || '.' || (1 + floor(u(i, 29) * 253))::INT AS ip_address,
               floor(exp(u(i, 30) * 7))::BIGINT AS duration_ms
        FROM {_per_day(scale.events, skip_gaps=True, key=1)}"""
    columns = _columns(
        "event_id INT64", "user_id INT64 The user, see users", "event_name STRING", "event_at TIMESTAMP",
        "platform STRING", "country STRING", "session_id STRING", "page STRING", "ip_address STRING",
        "duration_ms INT64",
    )  # fmt: skip
    return DemoTable("events", "What users do on the site and in the apps", columns, sql, "event_at")


def _orders(last_day: date, scale: Scale) -> DemoTable:
    start = last_day - timedelta(days=DROP_DAYS - 1)
    dropped = f"(country = '{DROP_COUNTRY}' AND d >= DATE '{start}' AND u(i, 41) < 0.66)"
    amount = "round((6 + 18 * pow(u(i, 36), 2) + 90 * pow(u(i, 37), 6)) * quantity * (1 + 0.15 * n / 210), 2)"
    sql = f"""
        SELECT i AS order_id, user_id, ordered_at, country, category, channel, payment_method, status, quantity,
               {amount}::DECIMAL(18, 2) AS amount,
               (CASE WHEN u(i, 38) < 0.18 THEN round({amount} * 0.1, 2) ELSE 0 END)::DECIMAL(18, 2) AS discount,
               CASE WHEN u(i, 39) < 0.03 THEN 'WELCOME' || floor(u(i, 40) * 90)::INT END AS coupon_code
        FROM (SELECT *, {_COUNTRY.format(x="u(user_id - 1, 13)")} AS country FROM (
            SELECT d, n, i, 1 + floor(power(u(i, 31), 1.4) * members)::BIGINT AS user_id, {_MOMENT} AS ordered_at,
                   pick(['Books', 'Books', 'Home', 'Home', 'Home', 'Garden', 'Toys', 'Kitchen', 'Sports'], u(i, 32)) AS category,
                   pick(['web', 'web', 'app', 'app', 'store'], u(i, 33)) AS channel,
                   pick(['card', 'card', 'card', 'paypal', 'invoice'], u(i, 34)) AS payment_method,
                   pick(['paid', 'paid', 'paid', 'paid', 'paid', 'paid', 'paid', 'paid', 'refunded', 'cancelled'], u(i, 35)) AS status,
                   (1 + floor(4 * pow(u(i, 42), 3)))::BIGINT AS quantity
            FROM {_per_day(scale.orders, skip_gaps=False, key=2)}))
        WHERE NOT {dropped}"""
    columns = _columns(
        "order_id INT64", "user_id INT64 Who ordered, see users", "ordered_at TIMESTAMP", "country STRING",
        "category STRING", "channel STRING", "payment_method STRING", "status STRING", "quantity INT64 Pieces",
        "amount NUMERIC Total in EUR", "discount NUMERIC Rebate in EUR", "coupon_code STRING",
    )  # fmt: skip
    return DemoTable("orders", "Orders placed in the shop", columns, sql, "ordered_at")


def _subscriptions(last_day: date, scale: Scale) -> DemoTable:
    first = last_day - timedelta(days=DAYS - 1)
    price = "CASE plan WHEN 'basic' THEN 9.00 WHEN 'pro' THEN 29.00 ELSE 99.00 END"
    sql = f"""
        SELECT i + 1 AS subscription_id, user_id, plan, started_at,
               CASE WHEN ended < TIMESTAMPTZ '{last_day}' THEN ended END AS ended_at,
               CASE WHEN ended < TIMESTAMPTZ '{last_day}' THEN 'cancelled'
                    WHEN u(i, 56) < 0.06 THEN 'past_due' ELSE 'active' END AS status,
               ({price})::DECIMAL(18, 2) AS monthly_amount, card_number(i) AS card_number
        FROM (SELECT i, 1 + floor(u(i, 51) * {scale.users})::BIGINT AS user_id,
                     pick(['basic', 'basic', 'basic', 'pro', 'pro', 'team'], u(i, 52)) AS plan, started_at,
                     started_at + to_days(20 + floor(400 * u(i, 53))::INT) AS ended
              FROM (SELECT i, TIMESTAMPTZ '{first}' + to_seconds(floor({DAYS} * 86400 * power(u(i, 54), 0.8)))
                           AS started_at FROM range({scale.subscriptions}) t(i)))"""
    columns = _columns(
        "subscription_id INT64", "user_id INT64 See users", "plan STRING See plans", "started_at TIMESTAMP",
        "ended_at TIMESTAMP", "status STRING", "monthly_amount NUMERIC Price a month in EUR", "card_number STRING",
    )  # fmt: skip
    return DemoTable("subscriptions", "Paid plans and their state", columns, sql)


def _countries() -> DemoTable:
    rows = ", ".join(
        f"('{code}', '{name}', '{currency}', '{region}')" for code, name, currency, region in words.COUNTRIES
    )
    sql = f"SELECT * FROM (VALUES {rows}) AS t(code, name, currency, region)"
    columns = _columns("code STRING ISO code", "name STRING", "currency STRING", "region STRING")
    return DemoTable("countries", "Reference: the countries we sell to", columns, sql)


def _plans() -> DemoTable:
    rows = "('free', 'Free', 0, 1), ('basic', 'Basic', 9, 3), ('pro', 'Pro', 29, 10), ('team', 'Team', 99, 50)"
    sql = f"SELECT plan, title, price::DECIMAL(18, 2) AS price, seats::BIGINT AS seats FROM (VALUES {rows}) AS t(plan, title, price, seats)"
    columns = _columns("plan STRING", "title STRING", "price NUMERIC EUR a month", "seats INT64")
    return DemoTable("plans", "Reference: plans and prices", columns, sql)
