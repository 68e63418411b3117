-- allow: plain
SELECT 1
---
-- allow: rows are limited by the cursor, the text stays
SELECT * FROM orders
---
-- allow: trailing semicolon and comment
SELECT count(*) FROM orders; -- DROP TABLE orders
---
-- allow: words in a text
SELECT 'DROP TABLE orders', $$DELETE FROM orders; COMMIT$$, E'it\'s'
---
-- allow: a column called delete
SELECT o."delete", o.update FROM flags o
---
-- allow: TABLE and VALUES are queries
TABLE orders
---
-- allow: VALUES
VALUES (1, 'a'), (2, 'b')
---
-- allow: common table expressions, recursive
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT sum(i) FROM n
---
-- allow: a CTE that reads the table of its own name
WITH orders AS (SELECT * FROM orders WHERE id < 10) SELECT * FROM orders
---
-- allow: windows and filters
SELECT customer_id, count(*) FILTER (WHERE status = 'paid') OVER (PARTITION BY customer_id ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders
---
-- allow: JSON
SELECT preferences ->> 'language', jsonb_path_query(preferences, '$.a'), JSON_OBJECT('a': 1) FROM customers
---
-- allow: arrays, casts, ranges
SELECT (ARRAY[1, 2])[1:1], '[1,5)'::int4range, tags[1], x::numeric(10, 2) FROM products, unnest(tags) AS x
---
-- allow: dates
SELECT date_trunc('month', ordered_at) AT TIME ZONE 'UTC', extract(epoch FROM now() - ordered_at), age(ordered_at), interval '1 day' FROM orders
---
-- allow: lateral and distinct on
SELECT DISTINCT ON (c.id) c.id, o.* FROM customers c LEFT JOIN LATERAL (SELECT * FROM orders WHERE customer_id = c.id LIMIT 1) o ON true ORDER BY c.id
---
-- allow: grouping sets, ordered sets
SELECT country, segment, percentile_cont(0.5) WITHIN GROUP (ORDER BY id), grouping(country) FROM customers GROUP BY GROUPING SETS ((country), (segment), ())
---
-- allow: generated rows within bounds
SELECT * FROM generate_series('2024-01-01'::date, now(), interval '1 day') AS day, generate_series(1, 100) n
---
-- allow: one's own tables in the catalogue
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'orders'::regclass
---
-- allow: information_schema
SELECT table_name FROM information_schema.tables
---
-- allow: comment marks inside a text, braces
SELECT '-- no', '/* no', '{"a": {}}'::jsonb, '{{ no }}', '{1,2}'::int[]
---
-- allow: names in other alphabets, quoted names
SELECT count(*) AS größe, 1 AS "two words" FROM orders
---
-- allow: nested comments
SELECT 1 /* a /* b */ c */
---
-- allow: full text
SELECT ts_rank(to_tsvector('english', note), plainto_tsquery('door')) FROM orders
---
-- allow: a large LIMIT of one's own is fine, the cursor decides
SELECT * FROM orders LIMIT 1000000
---
-- allow: sampling, regular expressions, collations
SELECT regexp_replace(name, '[aeiou]', '', 'g') COLLATE "C" FROM customers TABLESAMPLE bernoulli (10)
