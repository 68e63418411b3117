"""The first form of the chain in the database; `_chain_2` replaces its functions."""

CREATE = r"""
DO $install$
DECLARE
    s text := current_schema();
BEGIN
EXECUTE format($f$
CREATE FUNCTION %1$I.audit_digest(prev bytea, e %1$I.audit_entry) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog AS $body$
    SELECT sha256(prev || convert_to(jsonb_build_object(
        'id', e.id, 'seq', e.seq,
        'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'actor_ref', e.actor_ref, 'actor_kind', e.actor_kind, 'action', e.action,
        'object_type', e.object_type, 'object_id', e.object_id, 'decision', e.decision, 'outcome', e.outcome,
        'request_id', e.request_id, 'sha256', e.sha256, 'summary', e.summary)::text, 'UTF8'))
$body$
$f$, s);

EXECUTE format($f$
CREATE FUNCTION %1$I.audit_append(entries jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = %1$I, pg_catalog, pg_temp AS $body$
DECLARE
    item jsonb;
    last %1$I.audit_entry;
    fresh %1$I.audit_entry;
    who uuid;
BEGIN
    FOR item IN SELECT * FROM jsonb_array_elements(entries) LOOP
        who := NULL;
        IF item->>'actor_id' IS NOT NULL THEN
            SELECT ref INTO who FROM %1$I.audit_person WHERE actor_id = (item->>'actor_id')::uuid;
            IF who IS NULL THEN
                INSERT INTO %1$I.audit_person (ref, actor_id, label)
                VALUES (gen_random_uuid(), (item->>'actor_id')::uuid, left(item->>'actor_label', 254))
                ON CONFLICT (actor_id) DO UPDATE SET label = excluded.label RETURNING ref INTO who;
            END IF;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtext('atom.audit'), hashtext(%1$L));
        SELECT * INTO last FROM %1$I.audit_entry ORDER BY seq DESC LIMIT 1;
        fresh.id := (item->>'id')::uuid;
        fresh.seq := coalesce(last.seq, 0) + 1;
        -- Never before the row it follows, even when the machine's clock was set back.
        fresh.at := greatest(clock_timestamp(), last.at);
        fresh.actor_ref := who;
        fresh.actor_kind := item->>'actor_kind';
        fresh.action := item->>'action';
        fresh.object_type := coalesce(item->>'object_type', '');
        fresh.object_id := coalesce(item->>'object_id', '');
        fresh.decision := coalesce(item->>'decision', '');
        fresh.outcome := item->>'outcome';
        fresh.request_id := coalesce(item->>'request_id', '');
        fresh.sha256 := coalesce(item->>'sha256', '');
        fresh.summary := coalesce(item->'summary', '{}'::jsonb);
        fresh.prev_hash := coalesce(last.hash, '\x'::bytea);
        fresh.hash := %1$I.audit_digest(fresh.prev_hash, fresh);
        INSERT INTO %1$I.audit_entry SELECT fresh.*;
    END LOOP;
    -- The relay that writes audit.log is woken once per window, however many rows come.
    INSERT INTO public.tenancy_wakeup (id, created_at, updated_at, tenant_id, kind, ref, due_at, attempts)
    VALUES (gen_random_uuid(), now(), now(),
            -- `public` keeps the platform's chain; the zero id stands for "no tenant".
            coalesce(substring(%1$L from '^tenant_([0-9a-f]{32})$'), repeat('0', 32))::uuid,
            'audit-relay', '', now() + interval '5 seconds', 0)
    ON CONFLICT DO NOTHING;
    RETURN fresh.seq;
END
$body$
$f$, s);

EXECUTE format($f$
CREATE FUNCTION %1$I.audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'audit entries cannot be changed' USING ERRCODE = 'insufficient_privilege';
END
$body$
$f$, s);

EXECUTE format($f$
CREATE TRIGGER audit_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON %1$I.audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION %1$I.audit_refuse_change()
$f$, s);
END
$install$
"""

DROP = """
DROP TRIGGER IF EXISTS audit_immutable ON audit_entry;
DROP FUNCTION IF EXISTS audit_refuse_change();
DROP FUNCTION IF EXISTS audit_append(jsonb);
DROP FUNCTION IF EXISTS audit_digest(bytea, audit_entry);
"""
