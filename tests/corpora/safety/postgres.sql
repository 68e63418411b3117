-- Everyday queries, one a line, for the benchmark of the safety rules: all of them must pass.
SELECT count(*) FROM orders
SELECT count(*) FROM payments
SELECT count(*) FROM events
SELECT count(*) FROM shipments
SELECT count(*) FROM tickets
SELECT count(*) FROM sessions
SELECT count(*) FROM invoices
SELECT count(*) FROM readings
SELECT order_id, total, status FROM orders WHERE order_id = $1
SELECT payment_id, amount, method FROM payments WHERE payment_id = $1
SELECT event_id, duration, event_name FROM events WHERE event_id = $1
SELECT shipment_id, weight, carrier FROM shipments WHERE shipment_id = $1
SELECT ticket_id, minutes, priority FROM tickets WHERE ticket_id = $1
SELECT session_id, pageviews, channel FROM sessions WHERE session_id = $1
SELECT invoice_id, net, currency FROM invoices WHERE invoice_id = $1
SELECT reading_id, value, unit FROM readings WHERE reading_id = $1
SELECT * FROM orders WHERE ordered_at >= now() - interval '7 days' ORDER BY ordered_at DESC LIMIT 100
SELECT * FROM payments WHERE paid_at >= now() - interval '7 days' ORDER BY paid_at DESC LIMIT 100
SELECT * FROM events WHERE occurred_at >= now() - interval '7 days' ORDER BY occurred_at DESC LIMIT 100
SELECT * FROM shipments WHERE shipped_at >= now() - interval '7 days' ORDER BY shipped_at DESC LIMIT 100
SELECT * FROM tickets WHERE opened_at >= now() - interval '7 days' ORDER BY opened_at DESC LIMIT 100
SELECT * FROM sessions WHERE started_at >= now() - interval '7 days' ORDER BY started_at DESC LIMIT 100
SELECT * FROM invoices WHERE issued_at >= now() - interval '7 days' ORDER BY issued_at DESC LIMIT 100
SELECT * FROM readings WHERE measured_at >= now() - interval '7 days' ORDER BY measured_at DESC LIMIT 100
SELECT status, count(*) AS n, sum(total) AS total FROM orders GROUP BY status ORDER BY total DESC
SELECT method, count(*) AS n, sum(amount) AS total FROM payments GROUP BY method ORDER BY total DESC
SELECT event_name, count(*) AS n, sum(duration) AS total FROM events GROUP BY event_name ORDER BY total DESC
SELECT carrier, count(*) AS n, sum(weight) AS total FROM shipments GROUP BY carrier ORDER BY total DESC
SELECT priority, count(*) AS n, sum(minutes) AS total FROM tickets GROUP BY priority ORDER BY total DESC
SELECT channel, count(*) AS n, sum(pageviews) AS total FROM sessions GROUP BY channel ORDER BY total DESC
SELECT currency, count(*) AS n, sum(net) AS total FROM invoices GROUP BY currency ORDER BY total DESC
SELECT unit, count(*) AS n, sum(value) AS total FROM readings GROUP BY unit ORDER BY total DESC
SELECT date_trunc('month', ordered_at) AS month, sum(total) FILTER (WHERE status = 'open') AS open, sum(total) AS total FROM orders WHERE ordered_at >= date '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT date_trunc('month', paid_at) AS month, sum(amount) FILTER (WHERE method = 'open') AS open, sum(amount) AS total FROM payments WHERE paid_at >= date '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT date_trunc('month', occurred_at) AS month, sum(duration) FILTER (WHERE event_name = 'open') AS open, sum(duration) AS total FROM events WHERE occurred_at >= date '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT date_trunc('month', shipped_at) AS month, sum(weight) FILTER (WHERE carrier = 'open') AS open, sum(weight) AS total FROM shipments WHERE shipped_at >= date '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT date_trunc('month', opened_at) AS month, sum(minutes) FILTER (WHERE priority = 'open') AS open, sum(minutes) AS total FROM tickets WHERE opened_at >= date '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT date_trunc('month', started_at) AS month, sum(pageviews) FILTER (WHERE channel = 'open') AS open, sum(pageviews) AS total FROM sessions WHERE started_at >= date '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT date_trunc('month', issued_at) AS month, sum(net) FILTER (WHERE currency = 'open') AS open, sum(net) AS total FROM invoices WHERE issued_at >= date '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT date_trunc('month', measured_at) AS month, sum(value) FILTER (WHERE unit = 'open') AS open, sum(value) AS total FROM readings WHERE measured_at >= date '2024-01-01' GROUP BY 1 ORDER BY 1
SELECT u.country, avg(e.total)::numeric(12, 2) AS mean FROM orders e JOIN customers u USING (customer_id) WHERE e.ordered_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.country HAVING count(*) > 10
SELECT u.segment, avg(e.amount)::numeric(12, 2) AS mean FROM payments e JOIN accounts u USING (account_id) WHERE e.paid_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.segment HAVING count(*) > 10
SELECT u.plan, avg(e.duration)::numeric(12, 2) AS mean FROM events e JOIN users u USING (user_id) WHERE e.occurred_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.plan HAVING count(*) > 10
SELECT u.region, avg(e.weight)::numeric(12, 2) AS mean FROM shipments e JOIN warehouses u USING (warehouse_id) WHERE e.shipped_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.region HAVING count(*) > 10
SELECT u.team, avg(e.minutes)::numeric(12, 2) AS mean FROM tickets e JOIN agents u USING (agent_id) WHERE e.opened_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.team HAVING count(*) > 10
SELECT u.device, avg(e.pageviews)::numeric(12, 2) AS mean FROM sessions e JOIN visitors u USING (visitor_id) WHERE e.started_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.device HAVING count(*) > 10
SELECT u.industry, avg(e.net)::numeric(12, 2) AS mean FROM invoices e JOIN suppliers u USING (supplier_id) WHERE e.issued_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.industry HAVING count(*) > 10
SELECT u.site, avg(e.value)::numeric(12, 2) AS mean FROM readings e JOIN sensors u USING (sensor_id) WHERE e.measured_at BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY u.site HAVING count(*) > 10
SELECT u.customer_id, u.country, e.last FROM customers u LEFT JOIN LATERAL (SELECT max(ordered_at) AS last FROM orders WHERE orders.customer_id = u.customer_id) e ON true WHERE e.last < now() - interval '90 days'
SELECT u.account_id, u.segment, e.last FROM accounts u LEFT JOIN LATERAL (SELECT max(paid_at) AS last FROM payments WHERE payments.account_id = u.account_id) e ON true WHERE e.last < now() - interval '90 days'
SELECT u.user_id, u.plan, e.last FROM users u LEFT JOIN LATERAL (SELECT max(occurred_at) AS last FROM events WHERE events.user_id = u.user_id) e ON true WHERE e.last < now() - interval '90 days'
SELECT u.warehouse_id, u.region, e.last FROM warehouses u LEFT JOIN LATERAL (SELECT max(shipped_at) AS last FROM shipments WHERE shipments.warehouse_id = u.warehouse_id) e ON true WHERE e.last < now() - interval '90 days'
SELECT u.agent_id, u.team, e.last FROM agents u LEFT JOIN LATERAL (SELECT max(opened_at) AS last FROM tickets WHERE tickets.agent_id = u.agent_id) e ON true WHERE e.last < now() - interval '90 days'
SELECT u.visitor_id, u.device, e.last FROM visitors u LEFT JOIN LATERAL (SELECT max(started_at) AS last FROM sessions WHERE sessions.visitor_id = u.visitor_id) e ON true WHERE e.last < now() - interval '90 days'
SELECT u.supplier_id, u.industry, e.last FROM suppliers u LEFT JOIN LATERAL (SELECT max(issued_at) AS last FROM invoices WHERE invoices.supplier_id = u.supplier_id) e ON true WHERE e.last < now() - interval '90 days'
SELECT u.sensor_id, u.site, e.last FROM sensors u LEFT JOIN LATERAL (SELECT max(measured_at) AS last FROM readings WHERE readings.sensor_id = u.sensor_id) e ON true WHERE e.last < now() - interval '90 days'
WITH monthly AS (SELECT date_trunc('month', ordered_at) AS month, status, sum(total) AS total FROM orders GROUP BY 1, 2) SELECT month, status, total, total - lag(total) OVER (PARTITION BY status ORDER BY month) AS change FROM monthly ORDER BY month, status
WITH monthly AS (SELECT date_trunc('month', paid_at) AS month, method, sum(amount) AS total FROM payments GROUP BY 1, 2) SELECT month, method, total, total - lag(total) OVER (PARTITION BY method ORDER BY month) AS change FROM monthly ORDER BY month, method
WITH monthly AS (SELECT date_trunc('month', occurred_at) AS month, event_name, sum(duration) AS total FROM events GROUP BY 1, 2) SELECT month, event_name, total, total - lag(total) OVER (PARTITION BY event_name ORDER BY month) AS change FROM monthly ORDER BY month, event_name
WITH monthly AS (SELECT date_trunc('month', shipped_at) AS month, carrier, sum(weight) AS total FROM shipments GROUP BY 1, 2) SELECT month, carrier, total, total - lag(total) OVER (PARTITION BY carrier ORDER BY month) AS change FROM monthly ORDER BY month, carrier
WITH monthly AS (SELECT date_trunc('month', opened_at) AS month, priority, sum(minutes) AS total FROM tickets GROUP BY 1, 2) SELECT month, priority, total, total - lag(total) OVER (PARTITION BY priority ORDER BY month) AS change FROM monthly ORDER BY month, priority
WITH monthly AS (SELECT date_trunc('month', started_at) AS month, channel, sum(pageviews) AS total FROM sessions GROUP BY 1, 2) SELECT month, channel, total, total - lag(total) OVER (PARTITION BY channel ORDER BY month) AS change FROM monthly ORDER BY month, channel
WITH monthly AS (SELECT date_trunc('month', issued_at) AS month, currency, sum(net) AS total FROM invoices GROUP BY 1, 2) SELECT month, currency, total, total - lag(total) OVER (PARTITION BY currency ORDER BY month) AS change FROM monthly ORDER BY month, currency
WITH monthly AS (SELECT date_trunc('month', measured_at) AS month, unit, sum(value) AS total FROM readings GROUP BY 1, 2) SELECT month, unit, total, total - lag(total) OVER (PARTITION BY unit ORDER BY month) AS change FROM monthly ORDER BY month, unit
SELECT order_id, total, rank() OVER (PARTITION BY status ORDER BY total DESC) AS place FROM orders WHERE total IS NOT NULL
SELECT payment_id, amount, rank() OVER (PARTITION BY method ORDER BY amount DESC) AS place FROM payments WHERE amount IS NOT NULL
SELECT event_id, duration, rank() OVER (PARTITION BY event_name ORDER BY duration DESC) AS place FROM events WHERE duration IS NOT NULL
SELECT shipment_id, weight, rank() OVER (PARTITION BY carrier ORDER BY weight DESC) AS place FROM shipments WHERE weight IS NOT NULL
SELECT ticket_id, minutes, rank() OVER (PARTITION BY priority ORDER BY minutes DESC) AS place FROM tickets WHERE minutes IS NOT NULL
SELECT session_id, pageviews, rank() OVER (PARTITION BY channel ORDER BY pageviews DESC) AS place FROM sessions WHERE pageviews IS NOT NULL
SELECT invoice_id, net, rank() OVER (PARTITION BY currency ORDER BY net DESC) AS place FROM invoices WHERE net IS NOT NULL
SELECT reading_id, value, rank() OVER (PARTITION BY unit ORDER BY value DESC) AS place FROM readings WHERE value IS NOT NULL
SELECT DISTINCT ON (customer_id) customer_id, order_id, ordered_at FROM orders ORDER BY customer_id, ordered_at DESC
SELECT DISTINCT ON (account_id) account_id, payment_id, paid_at FROM payments ORDER BY account_id, paid_at DESC
SELECT DISTINCT ON (user_id) user_id, event_id, occurred_at FROM events ORDER BY user_id, occurred_at DESC
SELECT DISTINCT ON (warehouse_id) warehouse_id, shipment_id, shipped_at FROM shipments ORDER BY warehouse_id, shipped_at DESC
SELECT DISTINCT ON (agent_id) agent_id, ticket_id, opened_at FROM tickets ORDER BY agent_id, opened_at DESC
SELECT DISTINCT ON (visitor_id) visitor_id, session_id, started_at FROM sessions ORDER BY visitor_id, started_at DESC
SELECT DISTINCT ON (supplier_id) supplier_id, invoice_id, issued_at FROM invoices ORDER BY supplier_id, issued_at DESC
SELECT DISTINCT ON (sensor_id) sensor_id, reading_id, measured_at FROM readings ORDER BY sensor_id, measured_at DESC
SELECT status, percentile_cont(0.5) WITHIN GROUP (ORDER BY total) AS median, percentile_cont(0.95) WITHIN GROUP (ORDER BY total) AS p95 FROM orders GROUP BY status
SELECT method, percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) AS median, percentile_cont(0.95) WITHIN GROUP (ORDER BY amount) AS p95 FROM payments GROUP BY method
SELECT event_name, percentile_cont(0.5) WITHIN GROUP (ORDER BY duration) AS median, percentile_cont(0.95) WITHIN GROUP (ORDER BY duration) AS p95 FROM events GROUP BY event_name
SELECT carrier, percentile_cont(0.5) WITHIN GROUP (ORDER BY weight) AS median, percentile_cont(0.95) WITHIN GROUP (ORDER BY weight) AS p95 FROM shipments GROUP BY carrier
SELECT priority, percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes) AS median, percentile_cont(0.95) WITHIN GROUP (ORDER BY minutes) AS p95 FROM tickets GROUP BY priority
SELECT channel, percentile_cont(0.5) WITHIN GROUP (ORDER BY pageviews) AS median, percentile_cont(0.95) WITHIN GROUP (ORDER BY pageviews) AS p95 FROM sessions GROUP BY channel
SELECT currency, percentile_cont(0.5) WITHIN GROUP (ORDER BY net) AS median, percentile_cont(0.95) WITHIN GROUP (ORDER BY net) AS p95 FROM invoices GROUP BY currency
SELECT unit, percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS median, percentile_cont(0.95) WITHIN GROUP (ORDER BY value) AS p95 FROM readings GROUP BY unit
SELECT country, status, grouping(country, status) AS level, sum(total) FROM orders JOIN customers USING (customer_id) GROUP BY ROLLUP (country, status)
SELECT segment, method, grouping(segment, method) AS level, sum(amount) FROM payments JOIN accounts USING (account_id) GROUP BY ROLLUP (segment, method)
SELECT plan, event_name, grouping(plan, event_name) AS level, sum(duration) FROM events JOIN users USING (user_id) GROUP BY ROLLUP (plan, event_name)
SELECT region, carrier, grouping(region, carrier) AS level, sum(weight) FROM shipments JOIN warehouses USING (warehouse_id) GROUP BY ROLLUP (region, carrier)
SELECT team, priority, grouping(team, priority) AS level, sum(minutes) FROM tickets JOIN agents USING (agent_id) GROUP BY ROLLUP (team, priority)
SELECT device, channel, grouping(device, channel) AS level, sum(pageviews) FROM sessions JOIN visitors USING (visitor_id) GROUP BY ROLLUP (device, channel)
SELECT industry, currency, grouping(industry, currency) AS level, sum(net) FROM invoices JOIN suppliers USING (supplier_id) GROUP BY ROLLUP (industry, currency)
SELECT site, unit, grouping(site, unit) AS level, sum(value) FROM readings JOIN sensors USING (sensor_id) GROUP BY ROLLUP (site, unit)
SELECT day::date, coalesce(sum(total), 0) AS total FROM generate_series('2024-01-01'::date, '2024-12-31'::date, interval '1 day') AS day LEFT JOIN orders ON ordered_at::date = day GROUP BY day ORDER BY day
SELECT day::date, coalesce(sum(amount), 0) AS total FROM generate_series('2024-01-01'::date, '2024-12-31'::date, interval '1 day') AS day LEFT JOIN payments ON paid_at::date = day GROUP BY day ORDER BY day
SELECT day::date, coalesce(sum(duration), 0) AS total FROM generate_series('2024-01-01'::date, '2024-12-31'::date, interval '1 day') AS day LEFT JOIN events ON occurred_at::date = day GROUP BY day ORDER BY day
SELECT day::date, coalesce(sum(weight), 0) AS total FROM generate_series('2024-01-01'::date, '2024-12-31'::date, interval '1 day') AS day LEFT JOIN shipments ON shipped_at::date = day GROUP BY day ORDER BY day
SELECT day::date, coalesce(sum(minutes), 0) AS total FROM generate_series('2024-01-01'::date, '2024-12-31'::date, interval '1 day') AS day LEFT JOIN tickets ON opened_at::date = day GROUP BY day ORDER BY day
SELECT day::date, coalesce(sum(pageviews), 0) AS total FROM generate_series('2024-01-01'::date, '2024-12-31'::date, interval '1 day') AS day LEFT JOIN sessions ON started_at::date = day GROUP BY day ORDER BY day
SELECT day::date, coalesce(sum(net), 0) AS total FROM generate_series('2024-01-01'::date, '2024-12-31'::date, interval '1 day') AS day LEFT JOIN invoices ON issued_at::date = day GROUP BY day ORDER BY day
SELECT day::date, coalesce(sum(value), 0) AS total FROM generate_series('2024-01-01'::date, '2024-12-31'::date, interval '1 day') AS day LEFT JOIN readings ON measured_at::date = day GROUP BY day ORDER BY day
SELECT order_id, details ->> 'source' AS source, (details -> 'tags') @> '["vip"]'::jsonb AS vip FROM orders WHERE details ? 'source'
SELECT payment_id, details ->> 'source' AS source, (details -> 'tags') @> '["vip"]'::jsonb AS vip FROM payments WHERE details ? 'source'
SELECT event_id, details ->> 'source' AS source, (details -> 'tags') @> '["vip"]'::jsonb AS vip FROM events WHERE details ? 'source'
SELECT shipment_id, details ->> 'source' AS source, (details -> 'tags') @> '["vip"]'::jsonb AS vip FROM shipments WHERE details ? 'source'
SELECT ticket_id, details ->> 'source' AS source, (details -> 'tags') @> '["vip"]'::jsonb AS vip FROM tickets WHERE details ? 'source'
SELECT session_id, details ->> 'source' AS source, (details -> 'tags') @> '["vip"]'::jsonb AS vip FROM sessions WHERE details ? 'source'
SELECT invoice_id, details ->> 'source' AS source, (details -> 'tags') @> '["vip"]'::jsonb AS vip FROM invoices WHERE details ? 'source'
SELECT reading_id, details ->> 'source' AS source, (details -> 'tags') @> '["vip"]'::jsonb AS vip FROM readings WHERE details ? 'source'
SELECT order_id, tag FROM orders CROSS JOIN unnest(tags) AS tag WHERE tag ILIKE '%urgent%'
SELECT payment_id, tag FROM payments CROSS JOIN unnest(tags) AS tag WHERE tag ILIKE '%urgent%'
SELECT event_id, tag FROM events CROSS JOIN unnest(tags) AS tag WHERE tag ILIKE '%urgent%'
SELECT shipment_id, tag FROM shipments CROSS JOIN unnest(tags) AS tag WHERE tag ILIKE '%urgent%'
SELECT ticket_id, tag FROM tickets CROSS JOIN unnest(tags) AS tag WHERE tag ILIKE '%urgent%'
SELECT session_id, tag FROM sessions CROSS JOIN unnest(tags) AS tag WHERE tag ILIKE '%urgent%'
SELECT invoice_id, tag FROM invoices CROSS JOIN unnest(tags) AS tag WHERE tag ILIKE '%urgent%'
SELECT reading_id, tag FROM readings CROSS JOIN unnest(tags) AS tag WHERE tag ILIKE '%urgent%'
SELECT CASE WHEN total < 10 THEN 'small' WHEN total < 100 THEN 'medium' ELSE 'large' END AS size, count(*) FROM orders GROUP BY 1
SELECT CASE WHEN amount < 10 THEN 'small' WHEN amount < 100 THEN 'medium' ELSE 'large' END AS size, count(*) FROM payments GROUP BY 1
SELECT CASE WHEN duration < 10 THEN 'small' WHEN duration < 100 THEN 'medium' ELSE 'large' END AS size, count(*) FROM events GROUP BY 1
SELECT CASE WHEN weight < 10 THEN 'small' WHEN weight < 100 THEN 'medium' ELSE 'large' END AS size, count(*) FROM shipments GROUP BY 1
SELECT CASE WHEN minutes < 10 THEN 'small' WHEN minutes < 100 THEN 'medium' ELSE 'large' END AS size, count(*) FROM tickets GROUP BY 1
SELECT CASE WHEN pageviews < 10 THEN 'small' WHEN pageviews < 100 THEN 'medium' ELSE 'large' END AS size, count(*) FROM sessions GROUP BY 1
SELECT CASE WHEN net < 10 THEN 'small' WHEN net < 100 THEN 'medium' ELSE 'large' END AS size, count(*) FROM invoices GROUP BY 1
SELECT CASE WHEN value < 10 THEN 'small' WHEN value < 100 THEN 'medium' ELSE 'large' END AS size, count(*) FROM readings GROUP BY 1
SELECT country, count(*) FROM customers u WHERE NOT EXISTS (SELECT 1 FROM orders e WHERE e.customer_id = u.customer_id AND e.ordered_at > now() - interval '1 year') GROUP BY country
SELECT segment, count(*) FROM accounts u WHERE NOT EXISTS (SELECT 1 FROM payments e WHERE e.account_id = u.account_id AND e.paid_at > now() - interval '1 year') GROUP BY segment
SELECT plan, count(*) FROM users u WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.user_id = u.user_id AND e.occurred_at > now() - interval '1 year') GROUP BY plan
SELECT region, count(*) FROM warehouses u WHERE NOT EXISTS (SELECT 1 FROM shipments e WHERE e.warehouse_id = u.warehouse_id AND e.shipped_at > now() - interval '1 year') GROUP BY region
SELECT team, count(*) FROM agents u WHERE NOT EXISTS (SELECT 1 FROM tickets e WHERE e.agent_id = u.agent_id AND e.opened_at > now() - interval '1 year') GROUP BY team
SELECT device, count(*) FROM visitors u WHERE NOT EXISTS (SELECT 1 FROM sessions e WHERE e.visitor_id = u.visitor_id AND e.started_at > now() - interval '1 year') GROUP BY device
SELECT industry, count(*) FROM suppliers u WHERE NOT EXISTS (SELECT 1 FROM invoices e WHERE e.supplier_id = u.supplier_id AND e.issued_at > now() - interval '1 year') GROUP BY industry
SELECT site, count(*) FROM sensors u WHERE NOT EXISTS (SELECT 1 FROM readings e WHERE e.sensor_id = u.sensor_id AND e.measured_at > now() - interval '1 year') GROUP BY site
SELECT order_id FROM orders WHERE status IN ('open', 'pending', 'new') AND total > (SELECT avg(total) FROM orders)
SELECT payment_id FROM payments WHERE method IN ('open', 'pending', 'new') AND amount > (SELECT avg(amount) FROM payments)
SELECT event_id FROM events WHERE event_name IN ('open', 'pending', 'new') AND duration > (SELECT avg(duration) FROM events)
SELECT shipment_id FROM shipments WHERE carrier IN ('open', 'pending', 'new') AND weight > (SELECT avg(weight) FROM shipments)
SELECT ticket_id FROM tickets WHERE priority IN ('open', 'pending', 'new') AND minutes > (SELECT avg(minutes) FROM tickets)
SELECT session_id FROM sessions WHERE channel IN ('open', 'pending', 'new') AND pageviews > (SELECT avg(pageviews) FROM sessions)
SELECT invoice_id FROM invoices WHERE currency IN ('open', 'pending', 'new') AND net > (SELECT avg(net) FROM invoices)
SELECT reading_id FROM readings WHERE unit IN ('open', 'pending', 'new') AND value > (SELECT avg(value) FROM readings)
SELECT status, string_agg(DISTINCT country, ', ' ORDER BY country) FROM orders JOIN customers USING (customer_id) GROUP BY status
SELECT method, string_agg(DISTINCT segment, ', ' ORDER BY segment) FROM payments JOIN accounts USING (account_id) GROUP BY method
SELECT event_name, string_agg(DISTINCT plan, ', ' ORDER BY plan) FROM events JOIN users USING (user_id) GROUP BY event_name
SELECT carrier, string_agg(DISTINCT region, ', ' ORDER BY region) FROM shipments JOIN warehouses USING (warehouse_id) GROUP BY carrier
SELECT priority, string_agg(DISTINCT team, ', ' ORDER BY team) FROM tickets JOIN agents USING (agent_id) GROUP BY priority
SELECT channel, string_agg(DISTINCT device, ', ' ORDER BY device) FROM sessions JOIN visitors USING (visitor_id) GROUP BY channel
SELECT currency, string_agg(DISTINCT industry, ', ' ORDER BY industry) FROM invoices JOIN suppliers USING (supplier_id) GROUP BY currency
SELECT unit, string_agg(DISTINCT site, ', ' ORDER BY site) FROM readings JOIN sensors USING (sensor_id) GROUP BY unit
SELECT extract(dow FROM ordered_at) AS weekday, extract(hour FROM ordered_at) AS hour, count(*) FROM orders WHERE ordered_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT extract(dow FROM paid_at) AS weekday, extract(hour FROM paid_at) AS hour, count(*) FROM payments WHERE paid_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT extract(dow FROM occurred_at) AS weekday, extract(hour FROM occurred_at) AS hour, count(*) FROM events WHERE occurred_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT extract(dow FROM shipped_at) AS weekday, extract(hour FROM shipped_at) AS hour, count(*) FROM shipments WHERE shipped_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT extract(dow FROM opened_at) AS weekday, extract(hour FROM opened_at) AS hour, count(*) FROM tickets WHERE opened_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT extract(dow FROM started_at) AS weekday, extract(hour FROM started_at) AS hour, count(*) FROM sessions WHERE started_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT extract(dow FROM issued_at) AS weekday, extract(hour FROM issued_at) AS hour, count(*) FROM invoices WHERE issued_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
SELECT extract(dow FROM measured_at) AS weekday, extract(hour FROM measured_at) AS hour, count(*) FROM readings WHERE measured_at >= '2024-06-01' GROUP BY 1, 2 ORDER BY 1, 2
WITH first AS (SELECT customer_id, min(ordered_at)::date AS day FROM orders GROUP BY customer_id), cohort AS (SELECT date_trunc('month', day) AS month, customer_id FROM first) SELECT c.month, count(DISTINCT c.customer_id) AS size, count(DISTINCT e.customer_id) FILTER (WHERE e.ordered_at >= c.month + interval '1 month') AS kept FROM cohort c LEFT JOIN orders e USING (customer_id) GROUP BY c.month ORDER BY c.month
WITH first AS (SELECT account_id, min(paid_at)::date AS day FROM payments GROUP BY account_id), cohort AS (SELECT date_trunc('month', day) AS month, account_id FROM first) SELECT c.month, count(DISTINCT c.account_id) AS size, count(DISTINCT e.account_id) FILTER (WHERE e.paid_at >= c.month + interval '1 month') AS kept FROM cohort c LEFT JOIN payments e USING (account_id) GROUP BY c.month ORDER BY c.month
WITH first AS (SELECT user_id, min(occurred_at)::date AS day FROM events GROUP BY user_id), cohort AS (SELECT date_trunc('month', day) AS month, user_id FROM first) SELECT c.month, count(DISTINCT c.user_id) AS size, count(DISTINCT e.user_id) FILTER (WHERE e.occurred_at >= c.month + interval '1 month') AS kept FROM cohort c LEFT JOIN events e USING (user_id) GROUP BY c.month ORDER BY c.month
WITH first AS (SELECT warehouse_id, min(shipped_at)::date AS day FROM shipments GROUP BY warehouse_id), cohort AS (SELECT date_trunc('month', day) AS month, warehouse_id FROM first) SELECT c.month, count(DISTINCT c.warehouse_id) AS size, count(DISTINCT e.warehouse_id) FILTER (WHERE e.shipped_at >= c.month + interval '1 month') AS kept FROM cohort c LEFT JOIN shipments e USING (warehouse_id) GROUP BY c.month ORDER BY c.month
WITH first AS (SELECT agent_id, min(opened_at)::date AS day FROM tickets GROUP BY agent_id), cohort AS (SELECT date_trunc('month', day) AS month, agent_id FROM first) SELECT c.month, count(DISTINCT c.agent_id) AS size, count(DISTINCT e.agent_id) FILTER (WHERE e.opened_at >= c.month + interval '1 month') AS kept FROM cohort c LEFT JOIN tickets e USING (agent_id) GROUP BY c.month ORDER BY c.month
WITH first AS (SELECT visitor_id, min(started_at)::date AS day FROM sessions GROUP BY visitor_id), cohort AS (SELECT date_trunc('month', day) AS month, visitor_id FROM first) SELECT c.month, count(DISTINCT c.visitor_id) AS size, count(DISTINCT e.visitor_id) FILTER (WHERE e.started_at >= c.month + interval '1 month') AS kept FROM cohort c LEFT JOIN sessions e USING (visitor_id) GROUP BY c.month ORDER BY c.month
WITH first AS (SELECT supplier_id, min(issued_at)::date AS day FROM invoices GROUP BY supplier_id), cohort AS (SELECT date_trunc('month', day) AS month, supplier_id FROM first) SELECT c.month, count(DISTINCT c.supplier_id) AS size, count(DISTINCT e.supplier_id) FILTER (WHERE e.issued_at >= c.month + interval '1 month') AS kept FROM cohort c LEFT JOIN invoices e USING (supplier_id) GROUP BY c.month ORDER BY c.month
WITH first AS (SELECT sensor_id, min(measured_at)::date AS day FROM readings GROUP BY sensor_id), cohort AS (SELECT date_trunc('month', day) AS month, sensor_id FROM first) SELECT c.month, count(DISTINCT c.sensor_id) AS size, count(DISTINCT e.sensor_id) FILTER (WHERE e.measured_at >= c.month + interval '1 month') AS kept FROM cohort c LEFT JOIN readings e USING (sensor_id) GROUP BY c.month ORDER BY c.month
SELECT status, sum(total) AS total FROM orders WHERE ordered_at >= '2024-01-01' GROUP BY status UNION ALL SELECT 'all', sum(total) FROM orders WHERE ordered_at >= '2024-01-01'
SELECT method, sum(amount) AS total FROM payments WHERE paid_at >= '2024-01-01' GROUP BY method UNION ALL SELECT 'all', sum(amount) FROM payments WHERE paid_at >= '2024-01-01'
SELECT event_name, sum(duration) AS total FROM events WHERE occurred_at >= '2024-01-01' GROUP BY event_name UNION ALL SELECT 'all', sum(duration) FROM events WHERE occurred_at >= '2024-01-01'
SELECT carrier, sum(weight) AS total FROM shipments WHERE shipped_at >= '2024-01-01' GROUP BY carrier UNION ALL SELECT 'all', sum(weight) FROM shipments WHERE shipped_at >= '2024-01-01'
SELECT priority, sum(minutes) AS total FROM tickets WHERE opened_at >= '2024-01-01' GROUP BY priority UNION ALL SELECT 'all', sum(minutes) FROM tickets WHERE opened_at >= '2024-01-01'
SELECT channel, sum(pageviews) AS total FROM sessions WHERE started_at >= '2024-01-01' GROUP BY channel UNION ALL SELECT 'all', sum(pageviews) FROM sessions WHERE started_at >= '2024-01-01'
SELECT currency, sum(net) AS total FROM invoices WHERE issued_at >= '2024-01-01' GROUP BY currency UNION ALL SELECT 'all', sum(net) FROM invoices WHERE issued_at >= '2024-01-01'
SELECT unit, sum(value) AS total FROM readings WHERE measured_at >= '2024-01-01' GROUP BY unit UNION ALL SELECT 'all', sum(value) FROM readings WHERE measured_at >= '2024-01-01'
SELECT order_id, total, avg(total) OVER (ORDER BY ordered_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM orders ORDER BY ordered_at
SELECT payment_id, amount, avg(amount) OVER (ORDER BY paid_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM payments ORDER BY paid_at
SELECT event_id, duration, avg(duration) OVER (ORDER BY occurred_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM events ORDER BY occurred_at
SELECT shipment_id, weight, avg(weight) OVER (ORDER BY shipped_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM shipments ORDER BY shipped_at
SELECT ticket_id, minutes, avg(minutes) OVER (ORDER BY opened_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM tickets ORDER BY opened_at
SELECT session_id, pageviews, avg(pageviews) OVER (ORDER BY started_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM sessions ORDER BY started_at
SELECT invoice_id, net, avg(net) OVER (ORDER BY issued_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM invoices ORDER BY issued_at
SELECT reading_id, value, avg(value) OVER (ORDER BY measured_at ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS moving FROM readings ORDER BY measured_at
SELECT customers.*, regexp_replace(lower(country), '[^a-z]+', '-', 'g') AS slug, md5(country) AS hash FROM customers WHERE country ~* '^a' ORDER BY country COLLATE "C" OFFSET 20 FETCH FIRST 20 ROWS ONLY
SELECT accounts.*, regexp_replace(lower(segment), '[^a-z]+', '-', 'g') AS slug, md5(segment) AS hash FROM accounts WHERE segment ~* '^a' ORDER BY segment COLLATE "C" OFFSET 20 FETCH FIRST 20 ROWS ONLY
SELECT users.*, regexp_replace(lower(plan), '[^a-z]+', '-', 'g') AS slug, md5(plan) AS hash FROM users WHERE plan ~* '^a' ORDER BY plan COLLATE "C" OFFSET 20 FETCH FIRST 20 ROWS ONLY
SELECT warehouses.*, regexp_replace(lower(region), '[^a-z]+', '-', 'g') AS slug, md5(region) AS hash FROM warehouses WHERE region ~* '^a' ORDER BY region COLLATE "C" OFFSET 20 FETCH FIRST 20 ROWS ONLY
SELECT agents.*, regexp_replace(lower(team), '[^a-z]+', '-', 'g') AS slug, md5(team) AS hash FROM agents WHERE team ~* '^a' ORDER BY team COLLATE "C" OFFSET 20 FETCH FIRST 20 ROWS ONLY
SELECT visitors.*, regexp_replace(lower(device), '[^a-z]+', '-', 'g') AS slug, md5(device) AS hash FROM visitors WHERE device ~* '^a' ORDER BY device COLLATE "C" OFFSET 20 FETCH FIRST 20 ROWS ONLY
SELECT suppliers.*, regexp_replace(lower(industry), '[^a-z]+', '-', 'g') AS slug, md5(industry) AS hash FROM suppliers WHERE industry ~* '^a' ORDER BY industry COLLATE "C" OFFSET 20 FETCH FIRST 20 ROWS ONLY
SELECT sensors.*, regexp_replace(lower(site), '[^a-z]+', '-', 'g') AS slug, md5(site) AS hash FROM sensors WHERE site ~* '^a' ORDER BY site COLLATE "C" OFFSET 20 FETCH FIRST 20 ROWS ONLY
WITH RECURSIVE tree AS (SELECT customer_id, parent_id, 1 AS depth FROM customers WHERE parent_id IS NULL UNION ALL SELECT c.customer_id, c.parent_id, t.depth + 1 FROM customers c JOIN tree t ON c.parent_id = t.customer_id) SELECT depth, count(*) FROM tree GROUP BY depth
WITH RECURSIVE tree AS (SELECT account_id, parent_id, 1 AS depth FROM accounts WHERE parent_id IS NULL UNION ALL SELECT c.account_id, c.parent_id, t.depth + 1 FROM accounts c JOIN tree t ON c.parent_id = t.account_id) SELECT depth, count(*) FROM tree GROUP BY depth
WITH RECURSIVE tree AS (SELECT user_id, parent_id, 1 AS depth FROM users WHERE parent_id IS NULL UNION ALL SELECT c.user_id, c.parent_id, t.depth + 1 FROM users c JOIN tree t ON c.parent_id = t.user_id) SELECT depth, count(*) FROM tree GROUP BY depth
WITH RECURSIVE tree AS (SELECT warehouse_id, parent_id, 1 AS depth FROM warehouses WHERE parent_id IS NULL UNION ALL SELECT c.warehouse_id, c.parent_id, t.depth + 1 FROM warehouses c JOIN tree t ON c.parent_id = t.warehouse_id) SELECT depth, count(*) FROM tree GROUP BY depth
WITH RECURSIVE tree AS (SELECT agent_id, parent_id, 1 AS depth FROM agents WHERE parent_id IS NULL UNION ALL SELECT c.agent_id, c.parent_id, t.depth + 1 FROM agents c JOIN tree t ON c.parent_id = t.agent_id) SELECT depth, count(*) FROM tree GROUP BY depth
WITH RECURSIVE tree AS (SELECT visitor_id, parent_id, 1 AS depth FROM visitors WHERE parent_id IS NULL UNION ALL SELECT c.visitor_id, c.parent_id, t.depth + 1 FROM visitors c JOIN tree t ON c.parent_id = t.visitor_id) SELECT depth, count(*) FROM tree GROUP BY depth
WITH RECURSIVE tree AS (SELECT supplier_id, parent_id, 1 AS depth FROM suppliers WHERE parent_id IS NULL UNION ALL SELECT c.supplier_id, c.parent_id, t.depth + 1 FROM suppliers c JOIN tree t ON c.parent_id = t.supplier_id) SELECT depth, count(*) FROM tree GROUP BY depth
WITH RECURSIVE tree AS (SELECT sensor_id, parent_id, 1 AS depth FROM sensors WHERE parent_id IS NULL UNION ALL SELECT c.sensor_id, c.parent_id, t.depth + 1 FROM sensors c JOIN tree t ON c.parent_id = t.sensor_id) SELECT depth, count(*) FROM tree GROUP BY depth
SELECT ts_rank(to_tsvector('english', note), query) AS score, order_id FROM orders, websearch_to_tsquery('english', 'late OR broken') AS query WHERE to_tsvector('english', note) @@ query ORDER BY score DESC LIMIT 20
SELECT ts_rank(to_tsvector('english', note), query) AS score, payment_id FROM payments, websearch_to_tsquery('english', 'late OR broken') AS query WHERE to_tsvector('english', note) @@ query ORDER BY score DESC LIMIT 20
SELECT ts_rank(to_tsvector('english', note), query) AS score, event_id FROM events, websearch_to_tsquery('english', 'late OR broken') AS query WHERE to_tsvector('english', note) @@ query ORDER BY score DESC LIMIT 20
SELECT ts_rank(to_tsvector('english', note), query) AS score, shipment_id FROM shipments, websearch_to_tsquery('english', 'late OR broken') AS query WHERE to_tsvector('english', note) @@ query ORDER BY score DESC LIMIT 20
SELECT ts_rank(to_tsvector('english', note), query) AS score, ticket_id FROM tickets, websearch_to_tsquery('english', 'late OR broken') AS query WHERE to_tsvector('english', note) @@ query ORDER BY score DESC LIMIT 20
SELECT ts_rank(to_tsvector('english', note), query) AS score, session_id FROM sessions, websearch_to_tsquery('english', 'late OR broken') AS query WHERE to_tsvector('english', note) @@ query ORDER BY score DESC LIMIT 20
SELECT ts_rank(to_tsvector('english', note), query) AS score, invoice_id FROM invoices, websearch_to_tsquery('english', 'late OR broken') AS query WHERE to_tsvector('english', note) @@ query ORDER BY score DESC LIMIT 20
SELECT ts_rank(to_tsvector('english', note), query) AS score, reading_id FROM readings, websearch_to_tsquery('english', 'late OR broken') AS query WHERE to_tsvector('english', note) @@ query ORDER BY score DESC LIMIT 20
