"""The demo company's operational database as SQL: deterministic, made by Postgres itself in well under a second."""

from typing import Final

MARK: Final = "customers"

STATEMENTS: Final = (
    "CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'returned', 'cancelled')",
    """
    CREATE TABLE customers (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text NOT NULL,
      email text NOT NULL UNIQUE,
      country char(2) NOT NULL,
      segment text NOT NULL CHECK (segment IN ('consumer', 'business', 'partner')),
      preferences jsonb NOT NULL DEFAULT '{}',
      created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE products (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      sku text NOT NULL UNIQUE,
      name text NOT NULL,
      category text NOT NULL,
      price numeric(10, 2) NOT NULL CHECK (price > 0),
      tags text[] NOT NULL DEFAULT '{}',
      discontinued boolean NOT NULL DEFAULT false
    )
    """,
    """
    CREATE TABLE orders (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      customer_id bigint NOT NULL REFERENCES customers,
      status order_status NOT NULL,
      note text,
      ordered_at timestamptz NOT NULL,
      shipped_on date
    )
    """,
    """
    CREATE TABLE order_items (
      order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
      line smallint NOT NULL,
      product_id bigint NOT NULL REFERENCES products,
      quantity integer NOT NULL CHECK (quantity > 0),
      unit_price numeric(10, 2) NOT NULL,
      PRIMARY KEY (order_id, line)
    )
    """,
    "CREATE INDEX orders_customer ON orders (customer_id, ordered_at DESC)",
    "CREATE INDEX orders_time ON orders (ordered_at)",
    "CREATE INDEX order_items_product ON order_items (product_id)",
    """
    INSERT INTO customers (name, email, country, segment, preferences, created_at)
    SELECT first || ' ' || last, lower(first || '.' || last || n) || '@example.test',
           (ARRAY['DE', 'FR', 'US', 'GB', 'NL', 'ES', 'IN', 'BR'])[1 + n * 7 % 8],
           (ARRAY['consumer', 'consumer', 'consumer', 'business', 'partner'])[1 + n * 3 % 5],
           jsonb_build_object('newsletter', n % 3 = 0, 'language', (ARRAY['de', 'fr', 'en'])[1 + n % 3]),
           date_trunc('day', now()) - make_interval(days => 720 - n * 720 / 600, mins => n * 37 % 1440)
    FROM generate_series(1, 600) n,
    LATERAL (SELECT (ARRAY['Ada', 'Ben', 'Chloe', 'Dan', 'Elif', 'Farid', 'Grace', 'Hugo', 'Ines', 'Jan', 'Kim', 'Lea'])
               [1 + n * 5 % 12] AS first,
             (ARRAY['Arnold', 'Becker', 'Costa', 'Dubois', 'Evans', 'Fischer', 'Gupta', 'Huber', 'Ivanov', 'Jensen',
                    'Khan'])
               [1 + n * 3 % 11] AS last) names
    """,
    """
    INSERT INTO products (sku, name, category, price, tags, discontinued)
    SELECT 'SKU-' || lpad(n::text, 4, '0'),
           (ARRAY['Oak', 'Steel', 'Linen', 'Glass', 'Cork', 'Wool'])[1 + n % 6] || ' '
             || (ARRAY['Chair', 'Lamp', 'Table', 'Shelf', 'Vase', 'Rug', 'Desk', 'Clock', 'Bench', 'Mirror'])
                  [1 + n / 6 % 10],
           (ARRAY['furniture', 'lighting', 'decor', 'textile'])[1 + n % 4],
           round((9 + n * 37 % 290)::numeric + 0.99, 2),
           CASE WHEN n % 5 = 0 THEN ARRAY['new', 'featured'] WHEN n % 7 = 0 THEN ARRAY['sale'] ELSE '{}' END,
           n % 17 = 0
    FROM generate_series(1, 60) n
    """,
    """
    INSERT INTO orders (customer_id, status, note, ordered_at, shipped_on)
    SELECT 1 + (n * 7919 % 600),
           (ARRAY['paid', 'paid', 'shipped', 'shipped', 'shipped', 'shipped', 'returned', 'cancelled'])[1 + n * 11 % 8]
             ::order_status,
           CASE WHEN n % 40 = 0 THEN 'Leave at the door' END,
           at, CASE WHEN n * 11 % 8 BETWEEN 2 AND 6 THEN (at + interval '2 days')::date END
    FROM generate_series(1, 4000) n,
    LATERAL (SELECT date_trunc('day', now())
               - make_interval(days => (4000 - n) * 365 / 4000, mins => n * 113 % 1440) AS at) moments
    """,
    """
    INSERT INTO order_items (order_id, line, product_id, quantity, unit_price)
    SELECT o.id, l.line, p.id, 1 + (o.id * l.line % 4)::int, p.price
    FROM orders o
    CROSS JOIN LATERAL generate_series(1, 1 + (o.id * 7 % 3)::int) AS l(line)
    JOIN products p ON p.id = 1 + (o.id * 13 + l.line * 29) % 60
    """,
    """
    CREATE VIEW order_totals AS
    SELECT o.id AS order_id, o.customer_id, o.status, o.ordered_at, sum(i.quantity * i.unit_price) AS total
    FROM orders o JOIN order_items i ON i.order_id = o.id GROUP BY o.id
    """,
    """
    CREATE MATERIALIZED VIEW monthly_revenue AS
    SELECT date_trunc('month', ordered_at)::date AS month, count(*) AS orders, sum(total) AS revenue
    FROM order_totals WHERE status IN ('paid', 'shipped') GROUP BY 1
    """,
    "COMMENT ON TABLE customers IS 'People and companies that buy'",
    "COMMENT ON TABLE orders IS 'One row per order; its lines are in order_items'",
    "COMMENT ON COLUMN customers.preferences IS 'What the customer chose in the shop'",
    "ANALYZE customers, products, orders, order_items",
)
