-- Everyday queries, one a line, for the benchmark of the safety rules: all of them must pass.
SELECT COUNT(*) AS n FROM shop.orders
SELECT COUNT(*) AS n FROM shop.payments
SELECT COUNT(*) AS n FROM shop.events
SELECT COUNT(*) AS n FROM shop.shipments
SELECT COUNT(*) AS n FROM shop.tickets
SELECT COUNT(*) AS n FROM shop.sessions
SELECT COUNT(*) AS n FROM shop.invoices
SELECT COUNT(*) AS n FROM shop.readings
SELECT order_id, total, status FROM `shop.orders` WHERE order_id = 17
SELECT payment_id, amount, method FROM `shop.payments` WHERE payment_id = 17
SELECT event_id, duration, event_name FROM `shop.events` WHERE event_id = 17
SELECT shipment_id, weight, carrier FROM `shop.shipments` WHERE shipment_id = 17
SELECT ticket_id, minutes, priority FROM `shop.tickets` WHERE ticket_id = 17
SELECT session_id, pageviews, channel FROM `shop.sessions` WHERE session_id = 17
SELECT invoice_id, net, currency FROM `shop.invoices` WHERE invoice_id = 17
SELECT reading_id, value, unit FROM `shop.readings` WHERE reading_id = 17
SELECT * FROM shop.orders WHERE ordered_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY) ORDER BY ordered_at DESC LIMIT 100
SELECT * FROM shop.payments WHERE paid_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY) ORDER BY paid_at DESC LIMIT 100
SELECT * FROM shop.events WHERE occurred_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY) ORDER BY occurred_at DESC LIMIT 100
SELECT * FROM shop.shipments WHERE shipped_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY) ORDER BY shipped_at DESC LIMIT 100
SELECT * FROM shop.tickets WHERE opened_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY) ORDER BY opened_at DESC LIMIT 100
SELECT * FROM shop.sessions WHERE started_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY) ORDER BY started_at DESC LIMIT 100
SELECT * FROM shop.invoices WHERE issued_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY) ORDER BY issued_at DESC LIMIT 100
SELECT * FROM shop.readings WHERE measured_at >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 7 DAY) ORDER BY measured_at DESC LIMIT 100
SELECT status, COUNT(*) AS n, SUM(total) AS total FROM shop.orders GROUP BY status ORDER BY total DESC
SELECT method, COUNT(*) AS n, SUM(amount) AS total FROM shop.payments GROUP BY method ORDER BY total DESC
SELECT event_name, COUNT(*) AS n, SUM(duration) AS total FROM shop.events GROUP BY event_name ORDER BY total DESC
SELECT carrier, COUNT(*) AS n, SUM(weight) AS total FROM shop.shipments GROUP BY carrier ORDER BY total DESC
SELECT priority, COUNT(*) AS n, SUM(minutes) AS total FROM shop.tickets GROUP BY priority ORDER BY total DESC
SELECT channel, COUNT(*) AS n, SUM(pageviews) AS total FROM shop.sessions GROUP BY channel ORDER BY total DESC
SELECT currency, COUNT(*) AS n, SUM(net) AS total FROM shop.invoices GROUP BY currency ORDER BY total DESC
SELECT unit, COUNT(*) AS n, SUM(value) AS total FROM shop.readings GROUP BY unit ORDER BY total DESC
SELECT DATE_TRUNC(DATE(ordered_at), MONTH) AS month, COUNTIF(status = 'open') AS open, SUM(total) AS total FROM shop.orders WHERE DATE(ordered_at) >= '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT DATE_TRUNC(DATE(paid_at), MONTH) AS month, COUNTIF(method = 'open') AS open, SUM(amount) AS total FROM shop.payments WHERE DATE(paid_at) >= '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT DATE_TRUNC(DATE(occurred_at), MONTH) AS month, COUNTIF(event_name = 'open') AS open, SUM(duration) AS total FROM shop.events WHERE DATE(occurred_at) >= '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT DATE_TRUNC(DATE(shipped_at), MONTH) AS month, COUNTIF(carrier = 'open') AS open, SUM(weight) AS total FROM shop.shipments WHERE DATE(shipped_at) >= '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT DATE_TRUNC(DATE(opened_at), MONTH) AS month, COUNTIF(priority = 'open') AS open, SUM(minutes) AS total FROM shop.tickets WHERE DATE(opened_at) >= '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT DATE_TRUNC(DATE(started_at), MONTH) AS month, COUNTIF(channel = 'open') AS open, SUM(pageviews) AS total FROM shop.sessions WHERE DATE(started_at) >= '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT DATE_TRUNC(DATE(issued_at), MONTH) AS month, COUNTIF(currency = 'open') AS open, SUM(net) AS total FROM shop.invoices WHERE DATE(issued_at) >= '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT DATE_TRUNC(DATE(measured_at), MONTH) AS month, COUNTIF(unit = 'open') AS open, SUM(value) AS total FROM shop.readings WHERE DATE(measured_at) >= '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT u.country, ROUND(AVG(e.total), 2) AS mean FROM shop.orders AS e JOIN shop.customers AS u USING (customer_id) WHERE e.ordered_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.country HAVING COUNT(*) > 10
SELECT u.segment, ROUND(AVG(e.amount), 2) AS mean FROM shop.payments AS e JOIN shop.accounts AS u USING (account_id) WHERE e.paid_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.segment HAVING COUNT(*) > 10
SELECT u.plan, ROUND(AVG(e.duration), 2) AS mean FROM shop.events AS e JOIN shop.users AS u USING (user_id) WHERE e.occurred_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.plan HAVING COUNT(*) > 10
SELECT u.region, ROUND(AVG(e.weight), 2) AS mean FROM shop.shipments AS e JOIN shop.warehouses AS u USING (warehouse_id) WHERE e.shipped_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.region HAVING COUNT(*) > 10
SELECT u.team, ROUND(AVG(e.minutes), 2) AS mean FROM shop.tickets AS e JOIN shop.agents AS u USING (agent_id) WHERE e.opened_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.team HAVING COUNT(*) > 10
SELECT u.device, ROUND(AVG(e.pageviews), 2) AS mean FROM shop.sessions AS e JOIN shop.visitors AS u USING (visitor_id) WHERE e.started_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.device HAVING COUNT(*) > 10
SELECT u.industry, ROUND(AVG(e.net), 2) AS mean FROM shop.invoices AS e JOIN shop.suppliers AS u USING (supplier_id) WHERE e.issued_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.industry HAVING COUNT(*) > 10
SELECT u.site, ROUND(AVG(e.value), 2) AS mean FROM shop.readings AS e JOIN shop.sensors AS u USING (sensor_id) WHERE e.measured_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.site HAVING COUNT(*) > 10
SELECT * EXCEPT (note) REPLACE (LOWER(status) AS status) FROM shop.orders WHERE total > 0 LIMIT 50
SELECT * EXCEPT (note) REPLACE (LOWER(method) AS method) FROM shop.payments WHERE amount > 0 LIMIT 50
SELECT * EXCEPT (note) REPLACE (LOWER(event_name) AS event_name) FROM shop.events WHERE duration > 0 LIMIT 50
SELECT * EXCEPT (note) REPLACE (LOWER(carrier) AS carrier) FROM shop.shipments WHERE weight > 0 LIMIT 50
SELECT * EXCEPT (note) REPLACE (LOWER(priority) AS priority) FROM shop.tickets WHERE minutes > 0 LIMIT 50
SELECT * EXCEPT (note) REPLACE (LOWER(channel) AS channel) FROM shop.sessions WHERE pageviews > 0 LIMIT 50
SELECT * EXCEPT (note) REPLACE (LOWER(currency) AS currency) FROM shop.invoices WHERE net > 0 LIMIT 50
SELECT * EXCEPT (note) REPLACE (LOWER(unit) AS unit) FROM shop.readings WHERE value > 0 LIMIT 50
WITH monthly AS (SELECT DATE_TRUNC(DATE(ordered_at), MONTH) AS month, status, SUM(total) AS total FROM shop.orders GROUP BY 1, 2) SELECT month, status, total, total - LAG(total) OVER (PARTITION BY status ORDER BY month) AS diff FROM monthly ORDER BY month
WITH monthly AS (SELECT DATE_TRUNC(DATE(paid_at), MONTH) AS month, method, SUM(amount) AS total FROM shop.payments GROUP BY 1, 2) SELECT month, method, total, total - LAG(total) OVER (PARTITION BY method ORDER BY month) AS diff FROM monthly ORDER BY month
WITH monthly AS (SELECT DATE_TRUNC(DATE(occurred_at), MONTH) AS month, event_name, SUM(duration) AS total FROM shop.events GROUP BY 1, 2) SELECT month, event_name, total, total - LAG(total) OVER (PARTITION BY event_name ORDER BY month) AS diff FROM monthly ORDER BY month
WITH monthly AS (SELECT DATE_TRUNC(DATE(shipped_at), MONTH) AS month, carrier, SUM(weight) AS total FROM shop.shipments GROUP BY 1, 2) SELECT month, carrier, total, total - LAG(total) OVER (PARTITION BY carrier ORDER BY month) AS diff FROM monthly ORDER BY month
WITH monthly AS (SELECT DATE_TRUNC(DATE(opened_at), MONTH) AS month, priority, SUM(minutes) AS total FROM shop.tickets GROUP BY 1, 2) SELECT month, priority, total, total - LAG(total) OVER (PARTITION BY priority ORDER BY month) AS diff FROM monthly ORDER BY month
WITH monthly AS (SELECT DATE_TRUNC(DATE(started_at), MONTH) AS month, channel, SUM(pageviews) AS total FROM shop.sessions GROUP BY 1, 2) SELECT month, channel, total, total - LAG(total) OVER (PARTITION BY channel ORDER BY month) AS diff FROM monthly ORDER BY month
WITH monthly AS (SELECT DATE_TRUNC(DATE(issued_at), MONTH) AS month, currency, SUM(net) AS total FROM shop.invoices GROUP BY 1, 2) SELECT month, currency, total, total - LAG(total) OVER (PARTITION BY currency ORDER BY month) AS diff FROM monthly ORDER BY month
WITH monthly AS (SELECT DATE_TRUNC(DATE(measured_at), MONTH) AS month, unit, SUM(value) AS total FROM shop.readings GROUP BY 1, 2) SELECT month, unit, total, total - LAG(total) OVER (PARTITION BY unit ORDER BY month) AS diff FROM monthly ORDER BY month
SELECT order_id, total FROM shop.orders WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC) = 1
SELECT payment_id, amount FROM shop.payments WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY account_id ORDER BY paid_at DESC) = 1
SELECT event_id, duration FROM shop.events WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY occurred_at DESC) = 1
SELECT shipment_id, weight FROM shop.shipments WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY warehouse_id ORDER BY shipped_at DESC) = 1
SELECT ticket_id, minutes FROM shop.tickets WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY agent_id ORDER BY opened_at DESC) = 1
SELECT session_id, pageviews FROM shop.sessions WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY visitor_id ORDER BY started_at DESC) = 1
SELECT invoice_id, net FROM shop.invoices WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY supplier_id ORDER BY issued_at DESC) = 1
SELECT reading_id, value FROM shop.readings WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY sensor_id ORDER BY measured_at DESC) = 1
SELECT status, APPROX_QUANTILES(total, 100)[OFFSET(50)] AS median, APPROX_COUNT_DISTINCT(customer_id) AS people FROM shop.orders GROUP BY status
SELECT method, APPROX_QUANTILES(amount, 100)[OFFSET(50)] AS median, APPROX_COUNT_DISTINCT(account_id) AS people FROM shop.payments GROUP BY method
SELECT event_name, APPROX_QUANTILES(duration, 100)[OFFSET(50)] AS median, APPROX_COUNT_DISTINCT(user_id) AS people FROM shop.events GROUP BY event_name
SELECT carrier, APPROX_QUANTILES(weight, 100)[OFFSET(50)] AS median, APPROX_COUNT_DISTINCT(warehouse_id) AS people FROM shop.shipments GROUP BY carrier
SELECT priority, APPROX_QUANTILES(minutes, 100)[OFFSET(50)] AS median, APPROX_COUNT_DISTINCT(agent_id) AS people FROM shop.tickets GROUP BY priority
SELECT channel, APPROX_QUANTILES(pageviews, 100)[OFFSET(50)] AS median, APPROX_COUNT_DISTINCT(visitor_id) AS people FROM shop.sessions GROUP BY channel
SELECT currency, APPROX_QUANTILES(net, 100)[OFFSET(50)] AS median, APPROX_COUNT_DISTINCT(supplier_id) AS people FROM shop.invoices GROUP BY currency
SELECT unit, APPROX_QUANTILES(value, 100)[OFFSET(50)] AS median, APPROX_COUNT_DISTINCT(sensor_id) AS people FROM shop.readings GROUP BY unit
SELECT country, status, SUM(total) AS total FROM shop.orders JOIN shop.customers USING (customer_id) GROUP BY ROLLUP (country, status)
SELECT segment, method, SUM(amount) AS total FROM shop.payments JOIN shop.accounts USING (account_id) GROUP BY ROLLUP (segment, method)
SELECT plan, event_name, SUM(duration) AS total FROM shop.events JOIN shop.users USING (user_id) GROUP BY ROLLUP (plan, event_name)
SELECT region, carrier, SUM(weight) AS total FROM shop.shipments JOIN shop.warehouses USING (warehouse_id) GROUP BY ROLLUP (region, carrier)
SELECT team, priority, SUM(minutes) AS total FROM shop.tickets JOIN shop.agents USING (agent_id) GROUP BY ROLLUP (team, priority)
SELECT device, channel, SUM(pageviews) AS total FROM shop.sessions JOIN shop.visitors USING (visitor_id) GROUP BY ROLLUP (device, channel)
SELECT industry, currency, SUM(net) AS total FROM shop.invoices JOIN shop.suppliers USING (supplier_id) GROUP BY ROLLUP (industry, currency)
SELECT site, unit, SUM(value) AS total FROM shop.readings JOIN shop.sensors USING (sensor_id) GROUP BY ROLLUP (site, unit)
SELECT day, COALESCE(SUM(total), 0) AS total FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', '2024-12-31')) AS day LEFT JOIN shop.orders ON DATE(ordered_at) = day GROUP BY day ORDER BY day
SELECT day, COALESCE(SUM(amount), 0) AS total FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', '2024-12-31')) AS day LEFT JOIN shop.payments ON DATE(paid_at) = day GROUP BY day ORDER BY day
SELECT day, COALESCE(SUM(duration), 0) AS total FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', '2024-12-31')) AS day LEFT JOIN shop.events ON DATE(occurred_at) = day GROUP BY day ORDER BY day
SELECT day, COALESCE(SUM(weight), 0) AS total FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', '2024-12-31')) AS day LEFT JOIN shop.shipments ON DATE(shipped_at) = day GROUP BY day ORDER BY day
SELECT day, COALESCE(SUM(minutes), 0) AS total FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', '2024-12-31')) AS day LEFT JOIN shop.tickets ON DATE(opened_at) = day GROUP BY day ORDER BY day
SELECT day, COALESCE(SUM(pageviews), 0) AS total FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', '2024-12-31')) AS day LEFT JOIN shop.sessions ON DATE(started_at) = day GROUP BY day ORDER BY day
SELECT day, COALESCE(SUM(net), 0) AS total FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', '2024-12-31')) AS day LEFT JOIN shop.invoices ON DATE(issued_at) = day GROUP BY day ORDER BY day
SELECT day, COALESCE(SUM(value), 0) AS total FROM UNNEST(GENERATE_DATE_ARRAY('2024-01-01', '2024-12-31')) AS day LEFT JOIN shop.readings ON DATE(measured_at) = day GROUP BY day ORDER BY day
SELECT order_id, JSON_VALUE(details, '$.source') AS source, JSON_QUERY(details, '$.tags') AS tags FROM shop.orders WHERE JSON_VALUE(details, '$.source') IS NOT NULL
SELECT payment_id, JSON_VALUE(details, '$.source') AS source, JSON_QUERY(details, '$.tags') AS tags FROM shop.payments WHERE JSON_VALUE(details, '$.source') IS NOT NULL
SELECT event_id, JSON_VALUE(details, '$.source') AS source, JSON_QUERY(details, '$.tags') AS tags FROM shop.events WHERE JSON_VALUE(details, '$.source') IS NOT NULL
SELECT shipment_id, JSON_VALUE(details, '$.source') AS source, JSON_QUERY(details, '$.tags') AS tags FROM shop.shipments WHERE JSON_VALUE(details, '$.source') IS NOT NULL
SELECT ticket_id, JSON_VALUE(details, '$.source') AS source, JSON_QUERY(details, '$.tags') AS tags FROM shop.tickets WHERE JSON_VALUE(details, '$.source') IS NOT NULL
SELECT session_id, JSON_VALUE(details, '$.source') AS source, JSON_QUERY(details, '$.tags') AS tags FROM shop.sessions WHERE JSON_VALUE(details, '$.source') IS NOT NULL
SELECT invoice_id, JSON_VALUE(details, '$.source') AS source, JSON_QUERY(details, '$.tags') AS tags FROM shop.invoices WHERE JSON_VALUE(details, '$.source') IS NOT NULL
SELECT reading_id, JSON_VALUE(details, '$.source') AS source, JSON_QUERY(details, '$.tags') AS tags FROM shop.readings WHERE JSON_VALUE(details, '$.source') IS NOT NULL
SELECT order_id, tag FROM shop.orders, UNNEST(tags) AS tag WHERE LOWER(tag) LIKE '%urgent%'
SELECT payment_id, tag FROM shop.payments, UNNEST(tags) AS tag WHERE LOWER(tag) LIKE '%urgent%'
SELECT event_id, tag FROM shop.events, UNNEST(tags) AS tag WHERE LOWER(tag) LIKE '%urgent%'
SELECT shipment_id, tag FROM shop.shipments, UNNEST(tags) AS tag WHERE LOWER(tag) LIKE '%urgent%'
SELECT ticket_id, tag FROM shop.tickets, UNNEST(tags) AS tag WHERE LOWER(tag) LIKE '%urgent%'
SELECT session_id, tag FROM shop.sessions, UNNEST(tags) AS tag WHERE LOWER(tag) LIKE '%urgent%'
SELECT invoice_id, tag FROM shop.invoices, UNNEST(tags) AS tag WHERE LOWER(tag) LIKE '%urgent%'
SELECT reading_id, tag FROM shop.readings, UNNEST(tags) AS tag WHERE LOWER(tag) LIKE '%urgent%'
SELECT CASE WHEN total < 10 THEN 'small' WHEN total < 100 THEN 'medium' ELSE 'large' END AS size, COUNT(*) AS n FROM shop.orders GROUP BY size
SELECT CASE WHEN amount < 10 THEN 'small' WHEN amount < 100 THEN 'medium' ELSE 'large' END AS size, COUNT(*) AS n FROM shop.payments GROUP BY size
SELECT CASE WHEN duration < 10 THEN 'small' WHEN duration < 100 THEN 'medium' ELSE 'large' END AS size, COUNT(*) AS n FROM shop.events GROUP BY size
SELECT CASE WHEN weight < 10 THEN 'small' WHEN weight < 100 THEN 'medium' ELSE 'large' END AS size, COUNT(*) AS n FROM shop.shipments GROUP BY size
SELECT CASE WHEN minutes < 10 THEN 'small' WHEN minutes < 100 THEN 'medium' ELSE 'large' END AS size, COUNT(*) AS n FROM shop.tickets GROUP BY size
SELECT CASE WHEN pageviews < 10 THEN 'small' WHEN pageviews < 100 THEN 'medium' ELSE 'large' END AS size, COUNT(*) AS n FROM shop.sessions GROUP BY size
SELECT CASE WHEN net < 10 THEN 'small' WHEN net < 100 THEN 'medium' ELSE 'large' END AS size, COUNT(*) AS n FROM shop.invoices GROUP BY size
SELECT CASE WHEN value < 10 THEN 'small' WHEN value < 100 THEN 'medium' ELSE 'large' END AS size, COUNT(*) AS n FROM shop.readings GROUP BY size
SELECT country, COUNT(*) AS n FROM shop.customers AS u WHERE NOT EXISTS (SELECT 1 FROM shop.orders AS e WHERE e.customer_id = u.customer_id AND DATE(e.ordered_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 1 YEAR)) GROUP BY country
SELECT segment, COUNT(*) AS n FROM shop.accounts AS u WHERE NOT EXISTS (SELECT 1 FROM shop.payments AS e WHERE e.account_id = u.account_id AND DATE(e.paid_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 1 YEAR)) GROUP BY segment
SELECT plan, COUNT(*) AS n FROM shop.users AS u WHERE NOT EXISTS (SELECT 1 FROM shop.events AS e WHERE e.user_id = u.user_id AND DATE(e.occurred_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 1 YEAR)) GROUP BY plan
SELECT region, COUNT(*) AS n FROM shop.warehouses AS u WHERE NOT EXISTS (SELECT 1 FROM shop.shipments AS e WHERE e.warehouse_id = u.warehouse_id AND DATE(e.shipped_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 1 YEAR)) GROUP BY region
SELECT team, COUNT(*) AS n FROM shop.agents AS u WHERE NOT EXISTS (SELECT 1 FROM shop.tickets AS e WHERE e.agent_id = u.agent_id AND DATE(e.opened_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 1 YEAR)) GROUP BY team
SELECT device, COUNT(*) AS n FROM shop.visitors AS u WHERE NOT EXISTS (SELECT 1 FROM shop.sessions AS e WHERE e.visitor_id = u.visitor_id AND DATE(e.started_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 1 YEAR)) GROUP BY device
SELECT industry, COUNT(*) AS n FROM shop.suppliers AS u WHERE NOT EXISTS (SELECT 1 FROM shop.invoices AS e WHERE e.supplier_id = u.supplier_id AND DATE(e.issued_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 1 YEAR)) GROUP BY industry
SELECT site, COUNT(*) AS n FROM shop.sensors AS u WHERE NOT EXISTS (SELECT 1 FROM shop.readings AS e WHERE e.sensor_id = u.sensor_id AND DATE(e.measured_at) > DATE_SUB(CURRENT_DATE(), INTERVAL 1 YEAR)) GROUP BY site
SELECT order_id FROM shop.orders WHERE status IN ('open', 'pending', 'new') AND total > (SELECT AVG(total) FROM shop.orders)
SELECT payment_id FROM shop.payments WHERE method IN ('open', 'pending', 'new') AND amount > (SELECT AVG(amount) FROM shop.payments)
SELECT event_id FROM shop.events WHERE event_name IN ('open', 'pending', 'new') AND duration > (SELECT AVG(duration) FROM shop.events)
SELECT shipment_id FROM shop.shipments WHERE carrier IN ('open', 'pending', 'new') AND weight > (SELECT AVG(weight) FROM shop.shipments)
SELECT ticket_id FROM shop.tickets WHERE priority IN ('open', 'pending', 'new') AND minutes > (SELECT AVG(minutes) FROM shop.tickets)
SELECT session_id FROM shop.sessions WHERE channel IN ('open', 'pending', 'new') AND pageviews > (SELECT AVG(pageviews) FROM shop.sessions)
SELECT invoice_id FROM shop.invoices WHERE currency IN ('open', 'pending', 'new') AND net > (SELECT AVG(net) FROM shop.invoices)
SELECT reading_id FROM shop.readings WHERE unit IN ('open', 'pending', 'new') AND value > (SELECT AVG(value) FROM shop.readings)
SELECT status, STRING_AGG(DISTINCT country, ', ' ORDER BY country) AS names FROM shop.orders JOIN shop.customers USING (customer_id) GROUP BY status
SELECT method, STRING_AGG(DISTINCT segment, ', ' ORDER BY segment) AS names FROM shop.payments JOIN shop.accounts USING (account_id) GROUP BY method
SELECT event_name, STRING_AGG(DISTINCT plan, ', ' ORDER BY plan) AS names FROM shop.events JOIN shop.users USING (user_id) GROUP BY event_name
SELECT carrier, STRING_AGG(DISTINCT region, ', ' ORDER BY region) AS names FROM shop.shipments JOIN shop.warehouses USING (warehouse_id) GROUP BY carrier
SELECT priority, STRING_AGG(DISTINCT team, ', ' ORDER BY team) AS names FROM shop.tickets JOIN shop.agents USING (agent_id) GROUP BY priority
SELECT channel, STRING_AGG(DISTINCT device, ', ' ORDER BY device) AS names FROM shop.sessions JOIN shop.visitors USING (visitor_id) GROUP BY channel
SELECT currency, STRING_AGG(DISTINCT industry, ', ' ORDER BY industry) AS names FROM shop.invoices JOIN shop.suppliers USING (supplier_id) GROUP BY currency
SELECT unit, STRING_AGG(DISTINCT site, ', ' ORDER BY site) AS names FROM shop.readings JOIN shop.sensors USING (sensor_id) GROUP BY unit
SELECT EXTRACT(DAYOFWEEK FROM ordered_at) AS weekday, EXTRACT(HOUR FROM ordered_at) AS hour, COUNT(*) AS n FROM shop.orders WHERE ordered_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT EXTRACT(DAYOFWEEK FROM paid_at) AS weekday, EXTRACT(HOUR FROM paid_at) AS hour, COUNT(*) AS n FROM shop.payments WHERE paid_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT EXTRACT(DAYOFWEEK FROM occurred_at) AS weekday, EXTRACT(HOUR FROM occurred_at) AS hour, COUNT(*) AS n FROM shop.events WHERE occurred_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT EXTRACT(DAYOFWEEK FROM shipped_at) AS weekday, EXTRACT(HOUR FROM shipped_at) AS hour, COUNT(*) AS n FROM shop.shipments WHERE shipped_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT EXTRACT(DAYOFWEEK FROM opened_at) AS weekday, EXTRACT(HOUR FROM opened_at) AS hour, COUNT(*) AS n FROM shop.tickets WHERE opened_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT EXTRACT(DAYOFWEEK FROM started_at) AS weekday, EXTRACT(HOUR FROM started_at) AS hour, COUNT(*) AS n FROM shop.sessions WHERE started_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT EXTRACT(DAYOFWEEK FROM issued_at) AS weekday, EXTRACT(HOUR FROM issued_at) AS hour, COUNT(*) AS n FROM shop.invoices WHERE issued_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT EXTRACT(DAYOFWEEK FROM measured_at) AS weekday, EXTRACT(HOUR FROM measured_at) AS hour, COUNT(*) AS n FROM shop.readings WHERE measured_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
WITH first AS (SELECT customer_id, MIN(DATE(ordered_at)) AS day FROM shop.orders GROUP BY customer_id) SELECT DATE_TRUNC(f.day, MONTH) AS month, COUNT(DISTINCT f.customer_id) AS size, COUNT(DISTINCT IF(DATE(e.ordered_at) >= DATE_ADD(f.day, INTERVAL 1 MONTH), e.customer_id, NULL)) AS kept FROM first AS f LEFT JOIN shop.orders AS e USING (customer_id) GROUP BY month ORDER BY month
WITH first AS (SELECT account_id, MIN(DATE(paid_at)) AS day FROM shop.payments GROUP BY account_id) SELECT DATE_TRUNC(f.day, MONTH) AS month, COUNT(DISTINCT f.account_id) AS size, COUNT(DISTINCT IF(DATE(e.paid_at) >= DATE_ADD(f.day, INTERVAL 1 MONTH), e.account_id, NULL)) AS kept FROM first AS f LEFT JOIN shop.payments AS e USING (account_id) GROUP BY month ORDER BY month
WITH first AS (SELECT user_id, MIN(DATE(occurred_at)) AS day FROM shop.events GROUP BY user_id) SELECT DATE_TRUNC(f.day, MONTH) AS month, COUNT(DISTINCT f.user_id) AS size, COUNT(DISTINCT IF(DATE(e.occurred_at) >= DATE_ADD(f.day, INTERVAL 1 MONTH), e.user_id, NULL)) AS kept FROM first AS f LEFT JOIN shop.events AS e USING (user_id) GROUP BY month ORDER BY month
WITH first AS (SELECT warehouse_id, MIN(DATE(shipped_at)) AS day FROM shop.shipments GROUP BY warehouse_id) SELECT DATE_TRUNC(f.day, MONTH) AS month, COUNT(DISTINCT f.warehouse_id) AS size, COUNT(DISTINCT IF(DATE(e.shipped_at) >= DATE_ADD(f.day, INTERVAL 1 MONTH), e.warehouse_id, NULL)) AS kept FROM first AS f LEFT JOIN shop.shipments AS e USING (warehouse_id) GROUP BY month ORDER BY month
WITH first AS (SELECT agent_id, MIN(DATE(opened_at)) AS day FROM shop.tickets GROUP BY agent_id) SELECT DATE_TRUNC(f.day, MONTH) AS month, COUNT(DISTINCT f.agent_id) AS size, COUNT(DISTINCT IF(DATE(e.opened_at) >= DATE_ADD(f.day, INTERVAL 1 MONTH), e.agent_id, NULL)) AS kept FROM first AS f LEFT JOIN shop.tickets AS e USING (agent_id) GROUP BY month ORDER BY month
WITH first AS (SELECT visitor_id, MIN(DATE(started_at)) AS day FROM shop.sessions GROUP BY visitor_id) SELECT DATE_TRUNC(f.day, MONTH) AS month, COUNT(DISTINCT f.visitor_id) AS size, COUNT(DISTINCT IF(DATE(e.started_at) >= DATE_ADD(f.day, INTERVAL 1 MONTH), e.visitor_id, NULL)) AS kept FROM first AS f LEFT JOIN shop.sessions AS e USING (visitor_id) GROUP BY month ORDER BY month
WITH first AS (SELECT supplier_id, MIN(DATE(issued_at)) AS day FROM shop.invoices GROUP BY supplier_id) SELECT DATE_TRUNC(f.day, MONTH) AS month, COUNT(DISTINCT f.supplier_id) AS size, COUNT(DISTINCT IF(DATE(e.issued_at) >= DATE_ADD(f.day, INTERVAL 1 MONTH), e.supplier_id, NULL)) AS kept FROM first AS f LEFT JOIN shop.invoices AS e USING (supplier_id) GROUP BY month ORDER BY month
WITH first AS (SELECT sensor_id, MIN(DATE(measured_at)) AS day FROM shop.readings GROUP BY sensor_id) SELECT DATE_TRUNC(f.day, MONTH) AS month, COUNT(DISTINCT f.sensor_id) AS size, COUNT(DISTINCT IF(DATE(e.measured_at) >= DATE_ADD(f.day, INTERVAL 1 MONTH), e.sensor_id, NULL)) AS kept FROM first AS f LEFT JOIN shop.readings AS e USING (sensor_id) GROUP BY month ORDER BY month
SELECT status, SUM(total) AS total FROM shop.orders GROUP BY status UNION ALL SELECT 'all', SUM(total) FROM shop.orders
SELECT method, SUM(amount) AS total FROM shop.payments GROUP BY method UNION ALL SELECT 'all', SUM(amount) FROM shop.payments
SELECT event_name, SUM(duration) AS total FROM shop.events GROUP BY event_name UNION ALL SELECT 'all', SUM(duration) FROM shop.events
SELECT carrier, SUM(weight) AS total FROM shop.shipments GROUP BY carrier UNION ALL SELECT 'all', SUM(weight) FROM shop.shipments
SELECT priority, SUM(minutes) AS total FROM shop.tickets GROUP BY priority UNION ALL SELECT 'all', SUM(minutes) FROM shop.tickets
SELECT channel, SUM(pageviews) AS total FROM shop.sessions GROUP BY channel UNION ALL SELECT 'all', SUM(pageviews) FROM shop.sessions
SELECT currency, SUM(net) AS total FROM shop.invoices GROUP BY currency UNION ALL SELECT 'all', SUM(net) FROM shop.invoices
SELECT unit, SUM(value) AS total FROM shop.readings GROUP BY unit UNION ALL SELECT 'all', SUM(value) FROM shop.readings
SELECT order_id, total, AVG(total) OVER (ORDER BY ordered_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM shop.orders ORDER BY ordered_at
SELECT payment_id, amount, AVG(amount) OVER (ORDER BY paid_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM shop.payments ORDER BY paid_at
SELECT event_id, duration, AVG(duration) OVER (ORDER BY occurred_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM shop.events ORDER BY occurred_at
SELECT shipment_id, weight, AVG(weight) OVER (ORDER BY shipped_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM shop.shipments ORDER BY shipped_at
SELECT ticket_id, minutes, AVG(minutes) OVER (ORDER BY opened_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM shop.tickets ORDER BY opened_at
SELECT session_id, pageviews, AVG(pageviews) OVER (ORDER BY started_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM shop.sessions ORDER BY started_at
SELECT invoice_id, net, AVG(net) OVER (ORDER BY issued_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM shop.invoices ORDER BY issued_at
SELECT reading_id, value, AVG(value) OVER (ORDER BY measured_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM shop.readings ORDER BY measured_at
SELECT customer_id, REGEXP_REPLACE(LOWER(country), r'[^a-z]+', '-') AS slug, TO_HEX(MD5(country)) AS hash FROM shop.customers WHERE REGEXP_CONTAINS(country, r'^a') ORDER BY country LIMIT 20 OFFSET 20
SELECT account_id, REGEXP_REPLACE(LOWER(segment), r'[^a-z]+', '-') AS slug, TO_HEX(MD5(segment)) AS hash FROM shop.accounts WHERE REGEXP_CONTAINS(segment, r'^a') ORDER BY segment LIMIT 20 OFFSET 20
SELECT user_id, REGEXP_REPLACE(LOWER(plan), r'[^a-z]+', '-') AS slug, TO_HEX(MD5(plan)) AS hash FROM shop.users WHERE REGEXP_CONTAINS(plan, r'^a') ORDER BY plan LIMIT 20 OFFSET 20
SELECT warehouse_id, REGEXP_REPLACE(LOWER(region), r'[^a-z]+', '-') AS slug, TO_HEX(MD5(region)) AS hash FROM shop.warehouses WHERE REGEXP_CONTAINS(region, r'^a') ORDER BY region LIMIT 20 OFFSET 20
SELECT agent_id, REGEXP_REPLACE(LOWER(team), r'[^a-z]+', '-') AS slug, TO_HEX(MD5(team)) AS hash FROM shop.agents WHERE REGEXP_CONTAINS(team, r'^a') ORDER BY team LIMIT 20 OFFSET 20
SELECT visitor_id, REGEXP_REPLACE(LOWER(device), r'[^a-z]+', '-') AS slug, TO_HEX(MD5(device)) AS hash FROM shop.visitors WHERE REGEXP_CONTAINS(device, r'^a') ORDER BY device LIMIT 20 OFFSET 20
SELECT supplier_id, REGEXP_REPLACE(LOWER(industry), r'[^a-z]+', '-') AS slug, TO_HEX(MD5(industry)) AS hash FROM shop.suppliers WHERE REGEXP_CONTAINS(industry, r'^a') ORDER BY industry LIMIT 20 OFFSET 20
SELECT sensor_id, REGEXP_REPLACE(LOWER(site), r'[^a-z]+', '-') AS slug, TO_HEX(MD5(site)) AS hash FROM shop.sensors WHERE REGEXP_CONTAINS(site, r'^a') ORDER BY site LIMIT 20 OFFSET 20
SELECT customer_id, ARRAY_AGG(STRUCT(order_id, total) ORDER BY ordered_at DESC LIMIT 3) AS latest FROM shop.orders GROUP BY customer_id
SELECT account_id, ARRAY_AGG(STRUCT(payment_id, amount) ORDER BY paid_at DESC LIMIT 3) AS latest FROM shop.payments GROUP BY account_id
SELECT user_id, ARRAY_AGG(STRUCT(event_id, duration) ORDER BY occurred_at DESC LIMIT 3) AS latest FROM shop.events GROUP BY user_id
SELECT warehouse_id, ARRAY_AGG(STRUCT(shipment_id, weight) ORDER BY shipped_at DESC LIMIT 3) AS latest FROM shop.shipments GROUP BY warehouse_id
SELECT agent_id, ARRAY_AGG(STRUCT(ticket_id, minutes) ORDER BY opened_at DESC LIMIT 3) AS latest FROM shop.tickets GROUP BY agent_id
SELECT visitor_id, ARRAY_AGG(STRUCT(session_id, pageviews) ORDER BY started_at DESC LIMIT 3) AS latest FROM shop.sessions GROUP BY visitor_id
SELECT supplier_id, ARRAY_AGG(STRUCT(invoice_id, net) ORDER BY issued_at DESC LIMIT 3) AS latest FROM shop.invoices GROUP BY supplier_id
SELECT sensor_id, ARRAY_AGG(STRUCT(reading_id, value) ORDER BY measured_at DESC LIMIT 3) AS latest FROM shop.readings GROUP BY sensor_id
SELECT * FROM (SELECT status, country, total FROM shop.orders JOIN shop.customers USING (customer_id)) PIVOT (SUM(total) FOR status IN ('open', 'done', 'new'))
SELECT * FROM (SELECT method, segment, amount FROM shop.payments JOIN shop.accounts USING (account_id)) PIVOT (SUM(amount) FOR method IN ('open', 'done', 'new'))
SELECT * FROM (SELECT event_name, plan, duration FROM shop.events JOIN shop.users USING (user_id)) PIVOT (SUM(duration) FOR event_name IN ('open', 'done', 'new'))
SELECT * FROM (SELECT carrier, region, weight FROM shop.shipments JOIN shop.warehouses USING (warehouse_id)) PIVOT (SUM(weight) FOR carrier IN ('open', 'done', 'new'))
SELECT * FROM (SELECT priority, team, minutes FROM shop.tickets JOIN shop.agents USING (agent_id)) PIVOT (SUM(minutes) FOR priority IN ('open', 'done', 'new'))
SELECT * FROM (SELECT channel, device, pageviews FROM shop.sessions JOIN shop.visitors USING (visitor_id)) PIVOT (SUM(pageviews) FOR channel IN ('open', 'done', 'new'))
SELECT * FROM (SELECT currency, industry, net FROM shop.invoices JOIN shop.suppliers USING (supplier_id)) PIVOT (SUM(net) FOR currency IN ('open', 'done', 'new'))
SELECT * FROM (SELECT unit, site, value FROM shop.readings JOIN shop.sensors USING (sensor_id)) PIVOT (SUM(value) FOR unit IN ('open', 'done', 'new'))
FROM shop.orders |> WHERE total > 10 |> AGGREGATE SUM(total) AS total GROUP BY status |> ORDER BY total DESC |> LIMIT 10
FROM shop.payments |> WHERE amount > 10 |> AGGREGATE SUM(amount) AS total GROUP BY method |> ORDER BY total DESC |> LIMIT 10
FROM shop.events |> WHERE duration > 10 |> AGGREGATE SUM(duration) AS total GROUP BY event_name |> ORDER BY total DESC |> LIMIT 10
FROM shop.shipments |> WHERE weight > 10 |> AGGREGATE SUM(weight) AS total GROUP BY carrier |> ORDER BY total DESC |> LIMIT 10
FROM shop.tickets |> WHERE minutes > 10 |> AGGREGATE SUM(minutes) AS total GROUP BY priority |> ORDER BY total DESC |> LIMIT 10
FROM shop.sessions |> WHERE pageviews > 10 |> AGGREGATE SUM(pageviews) AS total GROUP BY channel |> ORDER BY total DESC |> LIMIT 10
FROM shop.invoices |> WHERE net > 10 |> AGGREGATE SUM(net) AS total GROUP BY currency |> ORDER BY total DESC |> LIMIT 10
FROM shop.readings |> WHERE value > 10 |> AGGREGATE SUM(value) AS total GROUP BY unit |> ORDER BY total DESC |> LIMIT 10
