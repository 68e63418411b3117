"""Which system tables a Postgres read may look into: those about one's own database, by allow-list.

Closed on purpose: what the whole server shares (roles, databases, tablespaces, sessions, settings, other databases'
statistics), what holds secrets (user mappings, subscriptions), and `pg_stats`, which shows values of protected columns.
"""

from typing import Final

_OPEN_WORDS: Final = """pg_aggregate pg_available_extensions pg_available_extension_versions
pg_am pg_amop pg_amproc pg_attrdef pg_attribute pg_cast pg_class pg_collation
pg_constraint pg_conversion pg_default_acl pg_depend pg_description pg_enum pg_event_trigger pg_extension
pg_foreign_data_wrapper pg_foreign_table pg_index pg_indexes pg_inherits pg_init_privs pg_language pg_matviews
pg_namespace pg_opclass pg_operator pg_opfamily pg_partitioned_table pg_policies pg_policy pg_proc pg_publication
pg_publication_namespace pg_publication_rel pg_publication_tables pg_range pg_rewrite pg_rules pg_sequence pg_sequences
pg_statistic_ext pg_tables pg_timezone_abbrevs pg_timezone_names pg_transform pg_trigger pg_ts_config pg_ts_config_map
pg_ts_dict pg_ts_parser pg_ts_template pg_type pg_views
pg_stat_all_tables pg_stat_sys_tables pg_stat_user_tables pg_stat_xact_all_tables pg_stat_xact_user_tables
pg_stat_all_indexes pg_stat_sys_indexes pg_stat_user_indexes pg_stat_user_functions pg_statio_all_tables
pg_statio_sys_tables pg_statio_user_tables pg_statio_all_indexes pg_statio_user_indexes pg_statio_all_sequences
pg_statio_user_sequences"""
OPEN: Final = frozenset(_OPEN_WORDS.split())

_CLOSED_INFORMATION: Final = frozenset(
    {"user_mapping_options", "user_mappings", "_pg_user_mappings", "foreign_server_options", "_pg_foreign_servers"}
)


def is_closed(schema: str, name: str) -> bool:
    """Whether a relation, as the statement names it, is a system table that stays closed."""
    if schema == "information_schema":
        return name in _CLOSED_INFORMATION
    if schema.startswith(("pg_toast", "pg_temp")):
        return True
    is_system = schema == "pg_catalog" or (not schema and name.startswith("pg_"))
    return is_system and name not in OPEN


def is_system(schema: str, name: str) -> bool:
    """Whether a relation belongs to Postgres itself and not to the project."""
    return schema in ("pg_catalog", "information_schema") or (not schema and name in OPEN)
