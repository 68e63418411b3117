"""The database half of the audit trail: append, digest, pseudonyms, immutability, retention. Run in each schema.

audit_append(entries) takes a JSON array, serialises by an advisory lock per schema and links every entry to the one
before. It is SECURITY DEFINER: a tenant's role may call it and has no other way to write. The lock comes before
anything else, so two appends never wait for each other's people; it is held until COMMIT, so call it last.

A pseudonym is a keyed hash (two independent keys of one block each: the NMAC construction over SHA-256, cut to 128
bits) of who is meant and how they are called. So a label that somebody edits no longer fits its pseudonym, and with
the key destroyed nobody can tell who was meant, nor try names.
"""

CREATE = r"""
DO $install$
DECLARE
    s text := current_schema();
BEGIN
-- Not SECURITY DEFINER and without settings of its own, so that the planner can inline it.
EXECUTE format($f$
CREATE OR REPLACE FUNCTION %1$I.audit_digest(prev bytea, e %1$I.audit_entry) RETURNS bytea
LANGUAGE sql STABLE AS $body$
    SELECT sha256(prev || convert_to((jsonb_build_object(
        'version', e.version, 'id', e.id, 'seq', e.seq,
        'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'actor_ref', e.actor_ref, 'address_ref', e.address_ref, 'actor_kind', e.actor_kind, 'action', e.action,
        'object_type', e.object_type, 'object_id', e.object_id, 'decision', e.decision, 'outcome', e.outcome,
        'request_id', e.request_id, 'sha256', e.sha256, 'summary', e.summary)
        - CASE e.version WHEN 1 THEN '{version,address_ref}'::text[] ELSE '{}'::text[] END)::text, 'UTF8'))
$body$
$f$, s);

EXECUTE format($f$
CREATE TABLE %1$I.audit_secret (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    inner_key bytea NOT NULL CHECK (length(inner_key) = 64),
    outer_key bytea NOT NULL CHECK (length(outer_key) = 64))
$f$, s);

EXECUTE format($f$
CREATE FUNCTION %1$I.audit_random_block() RETURNS bytea LANGUAGE sql VOLATILE AS $body$
    SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
        || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
$body$
$f$, s);

EXECUTE format($f$
CREATE FUNCTION %1$I.audit_pseudonym(k %1$I.audit_secret, kind text, subject text, label text) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $body$
    SELECT encode(substring(sha256((k).outer_key || sha256((k).inner_key || convert_to(
        kind || chr(31) || coalesce(subject, '') || chr(31) || label, 'UTF8'))) FROM 1 FOR 16), 'hex')::uuid
$body$
$f$, s);

EXECUTE format($f$
CREATE FUNCTION %1$I.audit_known(kind text, subject text, label text) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, %1$I, pg_temp AS $body$
DECLARE
    secret %1$I.audit_secret;
    pseudonym uuid;
BEGIN
    SELECT * INTO secret FROM %1$I.audit_secret;
    IF NOT FOUND THEN
        INSERT INTO %1$I.audit_secret (inner_key, outer_key)
        VALUES (%1$I.audit_random_block(), %1$I.audit_random_block()) RETURNING * INTO secret;
    END IF;
    pseudonym := %1$I.audit_pseudonym(secret, kind, subject, label);
    INSERT INTO %1$I.audit_person (ref, kind, actor_id, label) VALUES (pseudonym, kind, subject::uuid, label)
    ON CONFLICT DO NOTHING;
    RETURN pseudonym;
END
$body$
$f$, s);

EXECUTE format($f$
CREATE OR REPLACE FUNCTION %1$I.audit_append(entries jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, %1$I, pg_temp AS $body$
DECLARE
    item jsonb;
    last %1$I.audit_entry;
    fresh %1$I.audit_entry;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('atom.audit'), hashtext(%1$L));
    SELECT * INTO last FROM %1$I.audit_entry ORDER BY seq DESC LIMIT 1;
    FOR item IN SELECT value FROM jsonb_array_elements(entries) LOOP
        fresh.version := 2;
        fresh.id := (item->>'id')::uuid;
        fresh.seq := coalesce(last.seq, 0) + 1;
        -- Never before the row it follows, even when the machine's clock was set back.
        fresh.at := greatest(clock_timestamp(), last.at);
        fresh.actor_ref := NULL;
        IF item->>'actor_id' IS NOT NULL THEN
            fresh.actor_ref := %1$I.audit_known('actor', item->>'actor_id', left(coalesce(item->>'actor_label', ''), 254));
        END IF;
        fresh.address_ref := NULL;
        IF coalesce(item->>'address', '') <> '' THEN
            fresh.address_ref := %1$I.audit_known('address', NULL, left(item->>'address', 64));
        END IF;
        -- A name that is too long is cut rather than refused: what is audited must not fail by its audit.
        fresh.actor_kind := left(item->>'actor_kind', 12);
        fresh.action := left(item->>'action', 80);
        fresh.object_type := left(coalesce(item->>'object_type', ''), 40);
        fresh.object_id := left(coalesce(item->>'object_id', ''), 120);
        fresh.decision := left(coalesce(item->>'decision', ''), 20);
        fresh.outcome := left(item->>'outcome', 12);
        fresh.request_id := left(coalesce(item->>'request_id', ''), 128);
        fresh.sha256 := left(coalesce(item->>'sha256', ''), 64);
        fresh.summary := coalesce(item->'summary', '{}'::jsonb);
        fresh.prev_hash := coalesce(last.hash, '\x'::bytea);
        fresh.hash := %1$I.audit_digest(fresh.prev_hash, fresh);
        INSERT INTO %1$I.audit_entry SELECT fresh.*;
        last := fresh;
    END LOOP;
    -- The relay that writes audit.log is woken once per window, however many rows come. A delivery that is under way
    -- may have read its last row already: it is moved, so that it comes again.
    INSERT INTO public.tenancy_wakeup (id, created_at, updated_at, tenant_id, kind, ref, due_at, attempts)
    VALUES (gen_random_uuid(), now(), now(),
            -- `public` keeps the platform's chain; the zero id stands for "no tenant".
            coalesce(substring(%1$L FROM '^tenant_([0-9a-f]{32})$'), repeat('0', 32))::uuid,
            'audit-relay', '', now() + interval '5 seconds', 0)
    ON CONFLICT (tenant_id, kind, ref) DO UPDATE SET due_at = excluded.due_at
     WHERE tenancy_wakeup.claimed_until IS NOT NULL;
    RETURN last.seq;
END
$body$
$f$, s);

-- Readable values whose pseudonym they no longer fit, or that an old entry's kind is misused for.
EXECUTE format($f$
CREATE FUNCTION %1$I.audit_false_people() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, %1$I, pg_temp AS $body$
    SELECT p.ref FROM %1$I.audit_person p LEFT JOIN %1$I.audit_secret k ON true
     WHERE CASE WHEN p.kind = 'legacy'
                THEN EXISTS (SELECT FROM %1$I.audit_entry e WHERE e.actor_ref = p.ref AND e.version > 1)
                ELSE p.ref IS DISTINCT FROM %1$I.audit_pseudonym(k, p.kind, p.actor_id::text, p.label) END
$body$
$f$, s);

-- Destroys readable values that no entry of the last `keep_days` days names; answers how many.
EXECUTE format($f$
CREATE FUNCTION %1$I.audit_forget_unseen(keep_days integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, %1$I, pg_temp AS $body$
DECLARE
    border bigint;
    gone bigint;
BEGIN
    IF keep_days IS NULL OR keep_days < 1 THEN
        RAISE EXCEPTION 'people are kept for a day at least' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT seq INTO border FROM %1$I.audit_entry WHERE at <= now() - make_interval(days => keep_days)
     ORDER BY at DESC, seq DESC LIMIT 1;
    IF border IS NULL THEN
        RETURN 0;
    END IF;
    DELETE FROM %1$I.audit_person p
     WHERE NOT EXISTS (SELECT FROM %1$I.audit_entry e WHERE e.actor_ref = p.ref AND e.seq > border)
       AND NOT EXISTS (SELECT FROM %1$I.audit_entry e WHERE e.address_ref = p.ref AND e.seq > border);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$body$
$f$, s);

-- ALWAYS: not even a session that plays a replica gets around them.
EXECUTE format('ALTER TABLE %1$I.audit_entry ENABLE ALWAYS TRIGGER audit_immutable', s);
EXECUTE format($f$
CREATE TRIGGER audit_unedited BEFORE UPDATE ON %1$I.audit_person
FOR EACH STATEMENT EXECUTE FUNCTION %1$I.audit_refuse_change();
CREATE TRIGGER audit_unedited BEFORE UPDATE ON %1$I.audit_secret
FOR EACH STATEMENT EXECUTE FUNCTION %1$I.audit_refuse_change();
CREATE TRIGGER audit_unedited BEFORE UPDATE OR DELETE OR TRUNCATE ON %1$I.audit_retention
FOR EACH STATEMENT EXECUTE FUNCTION %1$I.audit_refuse_change();
ALTER TABLE %1$I.audit_person ENABLE ALWAYS TRIGGER audit_unedited;
ALTER TABLE %1$I.audit_secret ENABLE ALWAYS TRIGGER audit_unedited;
ALTER TABLE %1$I.audit_retention ENABLE ALWAYS TRIGGER audit_unedited
$f$, s);
END
$install$
"""

# The functions of the first form come back by running its text again; entries written since do not fit its digest, and
# readable values that belong to no person (addresses) have no place in it.
DROP = """
DROP TRIGGER IF EXISTS audit_unedited ON audit_person;
DROP TRIGGER IF EXISTS audit_unedited ON audit_retention;
DELETE FROM audit_person WHERE actor_id IS NULL;
DROP FUNCTION IF EXISTS audit_forget_unseen(integer);
DROP FUNCTION IF EXISTS audit_false_people();
DROP FUNCTION IF EXISTS audit_known(text, text, text);
DROP FUNCTION IF EXISTS audit_pseudonym(audit_secret, text, text, text);
DROP FUNCTION IF EXISTS audit_random_block();
DROP TABLE IF EXISTS audit_secret;
"""

# Chains of tenants that are gone: one partition each, so that dropping one is one statement.
CREATE_RETAINED = """
DO $install$
BEGIN
IF current_schema() <> 'public' THEN
    RETURN;
END IF;
CREATE TABLE public.audit_retained (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    version smallint NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    actor_ref uuid,
    address_ref uuid,
    actor_kind varchar(12) NOT NULL,
    action varchar(80) NOT NULL,
    object_type varchar(40) NOT NULL,
    object_id varchar(120) NOT NULL,
    decision varchar(20) NOT NULL,
    outcome varchar(12) NOT NULL,
    request_id varchar(128) NOT NULL,
    sha256 varchar(64) NOT NULL,
    summary jsonb NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, seq)
) PARTITION BY LIST (tenant_id);
CREATE INDEX audit_retained_at ON public.audit_retained (at);
CREATE INDEX audit_retained_action ON public.audit_retained (action, seq);
CREATE TABLE public.audit_retained_chain (
    tenant_id uuid PRIMARY KEY,
    moved_at timestamptz NOT NULL DEFAULT now(),
    keep_until timestamptz NOT NULL,
    legal_hold boolean NOT NULL DEFAULT false,
    entries bigint NOT NULL,
    last_seq bigint NOT NULL,
    last_hash bytea NOT NULL,
    algorithm varchar(40) NOT NULL,
    signature text NOT NULL,
    dropped_at timestamptz
);
END
$install$
"""
DROP_RETAINED = """
DO $remove$
BEGIN
IF current_schema() = 'public' THEN
    DROP TABLE IF EXISTS public.audit_retained_chain;
    DROP TABLE IF EXISTS public.audit_retained;
END IF;
END
$remove$
"""
