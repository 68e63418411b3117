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
---
-- ask readers_disagree: JSON_TABLE with what sqlglot does not read
SELECT * FROM JSON_TABLE(jsonb '[]', '$[*]' COLUMNS (id FOR ORDINALITY, a int PATH '$.a' DEFAULT 1 ON EMPTY ERROR ON ERROR, NESTED PATH '$.b[*]' COLUMNS (c text)))
---
-- allow: XML is computed, never fetched
SELECT xmlelement(name a, xmlattributes(1 as b), xmlforest(id, note)) FROM orders
---
-- allow: XMLTABLE
SELECT x.* FROM orders, XMLTABLE('/r' PASSING note COLUMNS a int PATH 'a', b text PATH 'b') x
---
-- allow: SQL/JSON queries and aggregates
SELECT JSON_EXISTS(j, '$.a'), JSON_OBJECTAGG(k: v ABSENT ON NULL) FILTER (WHERE k > 1) FROM t GROUP BY j
---
-- allow: parameters and operators of JSON, arrays, ranges
SELECT * FROM t WHERE a = $1 AND b ?| ARRAY['x'] AND c @> '{}' AND r && '[1,2)'::int4range AND d ~* 'x'
---
-- allow: windows with frames, exclusion and names
SELECT sum(x) OVER w, rank() OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE TIES) FROM t WINDOW w AS (PARTITION BY a ORDER BY b)
---
-- allow: cube, rollup, grouping sets
SELECT a, b, grouping(a, b) FROM t GROUP BY DISTINCT ROLLUP (a), CUBE (b), GROUPING SETS ((a), ())
---
-- allow: functions in FROM, with ordinality
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b']) WITH ORDINALITY AS u(n, t, o)
---
-- allow: the long forms of text functions
SELECT overlay(a placing 'x' from 1), position('a' in b), substring(a from 1 for 2), trim(both 'x' from a), extract(year from d) FROM t
---
-- allow: sequences may be looked at
SELECT last_value FROM orders_id_seq
---
-- allow: statistics of one's own tables
SELECT relname, n_live_tup FROM pg_stat_user_tables ORDER BY 2 DESC
---
-- allow: sizes
SELECT pg_size_pretty(pg_total_relation_size('orders')), pg_size_pretty(pg_database_size(current_database()))
---
-- allow: extensions: vectors, trigrams, geometry
SELECT id FROM items WHERE similarity(name, 'dor') > 0.3 AND st_dwithin(geom, st_makepoint(1, 2), 10) ORDER BY embedding <=> '[1,2,3]'::vector LIMIT 5
---
-- allow: the call syntax of a cast
SELECT regclass('orders'), uuid('00000000-0000-0000-0000-000000000000'), jsonb('{}')
---
-- allow: a CTE may be called like a system table
WITH pg_authid AS (SELECT 1 AS a) SELECT a FROM pg_authid
---
-- allow: braces, spaces and other alphabets in a quoted name
SELECT 1 AS "{{ a }}", 2 AS "a{nbsp}b", 3 AS "größe (m²)"
---
-- allow: named arguments, variadic ones
SELECT make_interval(days => 3), concat(VARIADIC ARRAY['a', 'b'])
---
-- allow: ordered and distinct aggregates
SELECT string_agg(DISTINCT name, ', ' ORDER BY name), mode() WITHIN GROUP (ORDER BY id) FROM customers
---
-- allow: backslashes and doubled quotes
SELECT E'\\', E'it\'s', 'it''s', '\', $$it's$$, $a$ $b$ $a$
---
-- allow: a text in two halves
SELECT 'a'
  'b'
---
-- allow: system functions about one's own objects
SELECT pg_get_viewdef('v'::regclass), obj_description('orders'::regclass), has_table_privilege('orders', 'SELECT')
