"""The allow-list of Postgres functions against the server's own catalogue, overload by overload."""

import re
from collections import defaultdict

import pytest

from apps.core.tenant import TenantRef
from apps.policies.engine.postgres import builtin_functions, functions
from apps.tenancy.services.migrations import runner

ACTS = re.compile(
    r"^(set_config|current_setting|nextval|setval|setseed|pg_notify|query_to_\w+|cursor_to_\w+|table_to_\w+|schema_to_\w+"
    r"|database_to_\w+|ts_stat|ts_rewrite|dblink\w*|lo_\w+|lo(read|write)|pg_read_\w+|pg_ls_\w+|pg_sleep\w*|txid_\w+"
    r"|pg_stat_(?!istics)\w+|pg_(cancel|terminate)_backend|pg_\w*advisory\w*|pg_logical_\w+|pg_replication_\w+|pg_\w*slot\w*"
    r"|pg_switch_wal|pg_reload_conf|pg_rotate_logfile|pg_promote|pg_create_\w+|pg_backup_\w+|pg_log_\w+|pg_export_snapshot"
    r"|pg_current_xact_id\w*|pg_control_\w+|pg_hba_\w+|pg_ident_\w+|pg_show_\w+|pg_config|brin_\w*(summarize|values|range)\w*"
    r"|gin_clean\w*|pg_import_\w+|pg_nextoid|binary_upgrade\w*|currtid2|pg_get_userbyid|pg_describe_object|pg_identify_\w+"
    r"|shobj_description|makeaclitem|acldefault|aclexplode|regrole\w*|to_regrole|inet_(client|server)_\w+|crosstab\w*"
    r"|connectby|pg_clear_\w+|pg_restore_\w+|pg_tablespace_\w+|pg_postmaster_\w+|fmgr_\w+)$"
)


@pytest.fixture(scope="module")
def volatility(world: dict[str, TenantRef]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    with runner.connect() as server:
        for name, kind in server.execute(
            "SELECT proname, provolatile::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace"
        ).fetchall():
            found[name].add(kind)
    return found


def test_every_listed_name_is_as_stable_as_the_list_says(volatility: dict[str, set[str]]) -> None:
    wrong = {name for name in builtin_functions.IMMUTABLE if volatility[name] != {"i"}}
    wrong |= {name for name in builtin_functions.STABLE if not volatility[name] or "v" in volatility[name]}
    wrong |= {name for name in functions.HARMLESS_VOLATILE if "v" not in volatility[name]}
    assert wrong == set()


def test_nothing_that_acts_runs_text_or_looks_outside_is_on_the_list(volatility: dict[str, set[str]]) -> None:
    acting = {name for name in (*functions.BUILT_IN, *functions.EXTENSIONS) if ACTS.match(name)}
    assert acting == set()
    dangerous = {name for name in volatility if ACTS.match(name)}
    assert len(dangerous) > 150, "the pattern still knows the server's functions"
    assert {name for name in dangerous if functions.is_allowed("pg_catalog", name, 1)} == set()


def test_an_extension_name_never_stands_for_a_volatile_function_of_the_server(volatility: dict[str, set[str]]) -> None:
    assert {name for name in functions.EXTENSIONS if "v" in volatility[name]} == set()


def test_no_operator_and_no_cast_of_the_server_calls_a_volatile_function_and_none_runs_as_its_owner(
    world: dict[str, TenantRef],
) -> None:
    with runner.connect() as server:
        found = server.execute(
            "SELECT oprname FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode WHERE provolatile = 'v' UNION ALL"
            " SELECT castfunc::regproc::text FROM pg_cast c JOIN pg_proc p ON p.oid = c.castfunc"
            " WHERE provolatile = 'v' UNION ALL SELECT proname FROM pg_proc"
            " WHERE prosecdef AND pronamespace = 'pg_catalog'::regnamespace"
        ).fetchall()
    assert found == []
