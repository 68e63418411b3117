-- allow: plain
SELECT 1
---
-- rewrite: LIMIT is added
SELECT * FROM shop.orders
---
-- rewrite: LIMIT is lowered
SELECT id FROM shop.orders LIMIT 5000000
---
-- allow: aggregated to one row
SELECT COUNT(*), SUM(amount) FROM shop.orders
---
-- allow: grouped
SELECT country, COUNT(DISTINCT user_id) AS users FROM shop.orders GROUP BY country ORDER BY users DESC
---
-- allow: a column called delete
SELECT t.`delete`, t.`update` FROM shop.flags AS t LIMIT 10
---
-- allow: words in a text
SELECT 'DROP TABLE users; DELETE FROM x' AS note
---
-- allow: words in a comment, a trailing semicolon and comment
SELECT COUNT(*) FROM shop.orders; -- not DROP TABLE shop.orders
---
-- allow: REPLACE is a function
SELECT REPLACE(name, 'a', 'b') FROM shop.users LIMIT 5
---
-- allow: EXCEPT and REPLACE of stars
SELECT * EXCEPT (email) REPLACE (UPPER(name) AS name) FROM shop.users LIMIT 5
---
-- rewrite: pipe syntax reads
FROM shop.orders |> WHERE amount > 10 |> SELECT id, amount
---
-- rewrite: pipe syntax aggregates
FROM shop.orders |> AGGREGATE COUNT(*) AS n GROUP BY country
---
-- allow: a named subquery alone
(SELECT 1) AS q
---
-- rewrite: common table expressions
WITH a AS (SELECT id FROM shop.orders), b AS (SELECT id FROM a) SELECT * FROM b
---
-- allow: a limited union in brackets
(SELECT 1 UNION ALL SELECT 2) LIMIT 5
---
-- rewrite: windows
SELECT id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY created_at DESC) AS n FROM shop.orders WHERE TRUE QUALIFY n = 1
---
-- allow: dates
SELECT DATE_TRUNC(DATE(created_at), WEEK(MONDAY)) AS week, SUM(amount) FROM shop.orders WHERE created_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 90 DAY) GROUP BY week
---
-- allow: safe functions and namespaces
SELECT SAFE_DIVIDE(SUM(amount), COUNT(*)), COUNTIF(amount > 5), APPROX_QUANTILES(amount, 100)[OFFSET(50)] FROM shop.orders
---
-- allow: JSON
SELECT JSON_VALUE(payload, '$.a.b'), COUNT(*) FROM shop.events GROUP BY 1
---
-- allow: arrays and structs
SELECT COUNT(*) FROM shop.orders AS o, UNNEST(o.items) AS item WITH OFFSET AS position WHERE item.sku = 'a'
---
-- allow: correlated array
SELECT COUNT(*) FROM shop.orders AS o, o.items
---
-- allow: bounded wildcard
SELECT COUNT(*) FROM `shop.events_*` WHERE _TABLE_SUFFIX BETWEEN '20240101' AND '20240131'
---
-- allow: generated dates
SELECT COUNT(*) FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', '2024-12-31')) AS day
---
-- allow: pivot
SELECT * FROM (SELECT country, amount FROM shop.orders) PIVOT (SUM(amount) FOR country IN ('DE', 'FR')) LIMIT 10
---
-- allow: quotes inside quotes
SELECT "it's", 'say "x"', '''tri''ple''', r'\d+', b'bytes'
---
-- allow: comment marks inside a text
SELECT '-- not a comment', '/* nor this', '# nor this', '{{ nor this }}'
---
-- allow: names in other alphabets
SELECT COUNT(*) AS `größe`, COUNT(*) AS `数量` FROM shop.orders
---
-- allow: spaces of other alphabets inside a text
SELECT 'a{nbsp}b'
---
-- rewrite: a limited union in brackets, lowered
(SELECT 1 UNION ALL SELECT 2) LIMIT 500000
---
-- rewrite: brackets
((SELECT id FROM shop.orders))
---
-- allow: set operations with a limit
SELECT id FROM shop.a UNION DISTINCT SELECT id FROM shop.b EXCEPT DISTINCT SELECT id FROM shop.c LIMIT 10
---
-- allow: five joins
SELECT COUNT(*) FROM t a JOIN t b USING (id) JOIN t c USING (id) JOIN t d USING (id) JOIN t e USING (id) JOIN t f USING (id)
---
-- rewrite: time travel reads
SELECT id FROM shop.orders FOR SYSTEM_TIME AS OF TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 1 HOUR)
---
-- rewrite: grouping sets
SELECT * FROM (SELECT country, city, SUM(amount) AS total FROM shop.orders GROUP BY ROLLUP (country, city))
---
-- allow: parameters read nothing
SELECT COUNT(*) FROM shop.orders WHERE id = @id AND country = ? AND city IN UNNEST(@cities)
---
-- allow: a comma with a condition is a join
SELECT COUNT(*) FROM shop.orders AS o, shop.users AS u WHERE o.user_id = u.id
---
-- allow: one row multiplies nothing
SELECT COUNT(*) FROM shop.orders CROSS JOIN (SELECT MAX(amount) AS most FROM shop.orders)
---
-- allow: an array joined without a condition
SELECT COUNT(*) FROM shop.orders AS o JOIN UNNEST(o.items) AS item JOIN shop.users AS u ON u.id = o.user_id
---
-- allow: the fields of an aggregate
SELECT MAX_BY(o, o.created_at).* FROM shop.orders AS o
---
-- allow: network functions
SELECT NET.REG_DOMAIN(url), COUNT(*) FROM shop.events GROUP BY NET.REG_DOMAIN(url)
---
-- allow: a suffix in a function
SELECT COUNT(*) FROM `shop.events_*` WHERE PARSE_DATE('%Y%m%d', _TABLE_SUFFIX) >= DATE '2024-01-01'
---
-- allow: ERROR computes
SELECT COUNT(*), IF(COUNT(*) > 5, 1, ERROR('too few')) FROM shop.orders
---
-- allow: geography
SELECT COUNT(*) FROM shop.shops WHERE ST_DWITHIN(ST_GEOGFROMWKB(place), ST_GEOGPOINT(1, 2), 100)
---
-- allow: an array of the row around the subquery
SELECT COUNT(*) FROM shop.orders AS o WHERE EXISTS (SELECT 1 FROM o.items AS i WHERE i.sku = 'a')
