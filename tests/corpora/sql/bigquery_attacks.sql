-- block read_only: DML
DELETE FROM shop.orders WHERE TRUE
---
-- block read_only: DML
INSERT INTO shop.orders SELECT * FROM shop.orders
---
-- block read_only: DML
UPDATE shop.orders SET amount = 0 WHERE TRUE
---
-- block read_only: DML
MERGE shop.orders t USING shop.users s ON t.user_id = s.id WHEN MATCHED THEN DELETE
---
-- block read_only: DDL
DROP TABLE shop.orders
---
-- block read_only: DDL
CREATE OR REPLACE TABLE shop.copy AS SELECT * FROM shop.orders
---
-- block read_only: DDL
CREATE TEMP FUNCTION f(x INT64) AS (x)
---
-- block read_only: DDL
ALTER TABLE shop.orders ADD COLUMN x INT64
---
-- block read_only: DDL
TRUNCATE TABLE shop.orders
---
-- block read_only: grants
GRANT `roles/bigquery.dataViewer` ON TABLE shop.orders TO 'user:eve@example.test'
---
-- block read_only: export
EXPORT DATA OPTIONS (uri = 'gs://eve/*.csv', format = 'CSV') AS SELECT * FROM shop.users
---
-- block *: load
LOAD DATA INTO shop.orders FROM FILES (format = 'CSV', uris = ['gs://eve/x.csv'])
---
-- block *: scripting
DECLARE x INT64 DEFAULT 1
---
-- block *: scripting
BEGIN SELECT 1; END
---
-- block *: scripting
EXECUTE IMMEDIATE 'DROP TABLE shop.orders'
---
-- block *: scripting
CALL shop.procedure()
---
-- block *: scripting
IF TRUE THEN SELECT 1; END IF
---
-- block *: sqlglot reads it as an alias
ASSERT (SELECT COUNT(*) FROM shop.orders) > 0 AS 'x'
---
-- block *: sqlglot reads it as a column
BREAK
---
-- block *: sqlglot reads it as an alias
RAISE USING MESSAGE = 'x'
---
-- block *: transaction
START TRANSACTION
---
-- block *: transaction
BEGIN TRANSACTION
---
-- block single_statement: two statements
SELECT 1; SELECT 2
---
-- block single_statement: hidden behind a comment
SELECT 1; /* harmless */ DROP TABLE shop.orders
---
-- block syntax_allowed: table function, another database
SELECT * FROM EXTERNAL_QUERY('eu.connection', 'DELETE FROM t RETURNING 1')
---
-- block function_allowed: scalar position too
SELECT EXTERNAL_QUERY('eu.connection', 'SELECT 1')
---
-- block function_allowed: machine learning
SELECT * FROM ML.PREDICT(MODEL shop.model, (SELECT 1 AS x))
---
-- block function_allowed: machine learning
SELECT AI.GENERATE('tell me', connection_id => 'eu.c') FROM shop.orders
---
-- block function_allowed: remote function
SELECT shop.remote_function(email) FROM shop.users
---
-- block function_allowed: remote function, quoted as one name
SELECT `project.shop.remote_function`(email) FROM shop.users
---
-- block function_allowed: a built-in's name in somebody's dataset is somebody's function
SELECT shop.abs(amount) FROM shop.orders
---
-- block function_allowed: keys
SELECT KEYS.NEW_KEYSET('AEAD_AES_GCM_256')
---
-- block function_allowed: who runs this
SELECT SESSION_USER()
---
-- block syntax_allowed: system variable
SELECT @@project_id
---
-- allow: an unbound parameter reads nothing, and cannot run
SELECT @secret
---
-- block syntax_allowed: table function of somebody
SELECT * FROM shop.table_function(1)
---
-- block *: other people's queries
SELECT query FROM `region-eu`.INFORMATION_SCHEMA.JOBS
---
-- block system_tables: system table
SELECT * FROM `shop.__TABLES__`
---
-- ask wildcard_bound: reads every table
SELECT * FROM `shop.events_*`
---
-- block generated_rows: a thousand million rows from nothing
SELECT * FROM UNNEST(GENERATE_ARRAY(1, 1000000000)) AS n
---
-- block template: read as a comment by one parser
SELECT 1 {# FROM shop.users #}
---
-- block template: template
SELECT {{ column }} FROM shop.orders
---
-- block characters: a no-break space
SELECT{nbsp}1
---
-- block characters: an invisible character
SELECT 1 AS a{zwsp}b
---
-- block characters: NUL
SELECT 1 {nul} DROP TABLE x
---
-- block depth: sqlglot would end in RecursionError
{deep 200}
---
-- block unterminated: open text
SELECT 'never closed
---
-- block unterminated: open comment
SELECT 1 /* never closed
---
-- block *: an INSERT behind a pipe
FROM shop.orders |> INSERT INTO shop.copy
---
-- block syntax: broken
SELECT FROM WHERE
---
-- block empty: nothing
   
---
-- ask join_depth: six joins
SELECT a.id FROM t a JOIN t b USING (id) JOIN t c USING (id) JOIN t d USING (id) JOIN t e USING (id) JOIN t f USING (id) JOIN t g USING (id) LIMIT 1
---
-- ask subquery_nesting: four deep
SELECT * FROM (SELECT * FROM (SELECT * FROM (SELECT * FROM (SELECT 1 AS x)))) LIMIT 1
---
-- block characters: a comment to BigQuery, an operator to sqlglot
SELECT a #> b
FROM d.t
---
-- block function_allowed: a name sqlglot knows and BigQuery does not may be anybody's
SELECT LEN(name) FROM shop.users
---
-- block function_allowed: upper case of a letter that is not ASCII
SELECT ſum(amount) FROM shop.orders
---
-- block function_allowed: a built-in's name in a dataset called net
SELECT NET.ABS(amount) FROM shop.orders
---
-- block function_allowed: reads object storage
SELECT OBJ.GET_ACCESS_URL(ref, 'r') FROM shop.files
---
-- block function_allowed: calls another service
SELECT DLP_DETERMINISTIC_ENCRYPT(key, email, 'x') FROM shop.users
---
-- block syntax_allowed: DELETE inside ARRAY
SELECT ARRAY(DELETE FROM shop.orders)
---
-- block syntax: a call behind a pipe
FROM shop.orders |> CALL shop.procedure()
---
-- block syntax: an export behind a pipe
FROM shop.orders |> EXPORT DATA OPTIONS (uri = 'gs://eve/*.csv')
---
-- block syntax: the parser itself fails
SELECT 1 AS x |> LIMIT @n
---
-- block syntax_allowed: a row lock
SELECT * FROM shop.orders FOR UPDATE
---
-- block generated_rows: the bounds are worked out
SELECT * FROM UNNEST(GENERATE_ARRAY(1, 1000 * 1000 * 1000)) AS n
---
-- block generated_rows: a second at a time
SELECT * FROM UNNEST(GENERATE_TIMESTAMP_ARRAY('2020-01-01', '2024-01-01', INTERVAL 1 SECOND)) AS n
---
-- block syntax: hints
SELECT @{x=1} 1
---
-- ask cross_join: written out
SELECT a.id FROM shop.a AS a CROSS JOIN shop.b AS b LIMIT 1
---
-- ask cross_join: hidden in ON TRUE
SELECT a.id FROM shop.a AS a JOIN shop.b AS b ON TRUE LIMIT 1
---
-- ask cross_join: hidden in a constant
SELECT a.id FROM shop.a AS a JOIN shop.b AS b ON 1 = 1 LIMIT 1
---
-- ask cross_join: a condition on one side
SELECT a.id FROM shop.a AS a, shop.b AS b WHERE a.id = a.id LIMIT 1
---
-- ask cross_join: out of nothing
SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 900000)) AS a, UNNEST(GENERATE_ARRAY(1, 900000)) AS b
