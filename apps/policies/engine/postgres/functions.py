"""The functions of pg_catalog a read may call: immutable or stable ones that only compute, and harmless volatile ones.

Left out on purpose although Postgres calls them stable: everything that runs SQL text (`query_to_xml`, `ts_stat`,
`schema_to_xml`), reads settings, files, other sessions or their statistics. A missing function is blocked.
"""

from typing import Final

_AGGREGATES: Final = """any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or every count corr
covar_pop covar_samp json_agg json_object_agg jsonb_agg jsonb_object_agg
json_agg_strict jsonb_agg_strict json_object_agg_strict json_object_agg_unique
jsonb_object_agg_strict jsonb_object_agg_unique max min mode percentile_cont
percentile_disc range_agg range_intersect_agg regr_avgx regr_avgy regr_count
regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop
stddev_samp string_agg sum variance var_pop var_samp xmlagg rank dense_rank
percent_rank cume_dist row_number ntile lag lead first_value last_value nth_value
grouping"""
_NUMBERS: Final = """abs acos acosd acosh asin asind asinh atan atan2 atan2d atand atanh cbrt ceil ceiling
cos cosd cosh cot cotd degrees div erf erfc exp factorial floor gamma gcd lcm lgamma
ln log log10 min_scale mod pi pow power radians random random_normal round scale sign
sin sind sinh sqrt tan tand tanh trim_scale trunc width_bucket setseed float4 float8
int2 int4 int8 numeric numeric_inc bit_count get_bit set_bit get_byte set_byte to_hex
to_bin to_oct hashtext hashint4 hashint8 crc32 crc32c"""
_TEXT: Final = """ascii bit_length btrim casefold char_length character_length chr concat concat_ws
convert convert_from convert_to decode encode format initcap left length like_escape
lower lpad ltrim md5 normalize is_normalized octet_length overlay parse_ident
position quote_ident quote_literal quote_nullable regexp_count regexp_instr
regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
regexp_split_to_table regexp_substr repeat replace reverse right rpad rtrim sha224
sha256 sha384 sha512 similar_escape similar_to_escape split_part starts_with
string_to_array string_to_table strpos substr substring text to_ascii to_char
to_number translate trim unicode_assigned unistr upper varchar bpchar textcat name
levenshtein soundex"""
_TIMES: Final = """age clock_timestamp current_date current_time current_timestamp date date_add
date_bin date_part date_subtract date_trunc extract isfinite justify_days
justify_hours justify_interval localtime localtimestamp make_date make_interval
make_time make_timestamp make_timestamptz now overlaps statement_timestamp time
timeofday timestamp timestamptz timetz timezone to_date to_timestamp
transaction_timestamp interval uuid_extract_timestamp uuid_extract_version"""
_JSON: Final = """array_to_json json_array_elements json_array_elements_text json_array_length
json_build_array json_build_object json_each json_each_text json_extract_path
json_extract_path_text json_object json_object_keys json_populate_record
json_populate_recordset json_strip_nulls json_to_record json_to_recordset json_typeof
jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array
jsonb_build_object jsonb_concat jsonb_contained jsonb_contains jsonb_delete
jsonb_delete_path jsonb_each jsonb_each_text jsonb_exists jsonb_exists_all
jsonb_exists_any jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object
jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query
jsonb_path_query_array jsonb_path_query_first jsonb_path_exists_tz
jsonb_path_match_tz jsonb_path_query_tz jsonb_path_query_array_tz
jsonb_path_query_first_tz jsonb_populate_record jsonb_populate_recordset jsonb_pretty
jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_recordset
jsonb_typeof row_to_json to_json to_jsonb json_scalar json_value json_query
json_exists"""
_COLLECTIONS: Final = """array_append array_cat array_dims array_fill array_length array_lower array_ndims
array_position array_positions array_prepend array_remove array_replace array_reverse
array_sample array_shuffle array_sort array_to_string array_upper cardinality
trim_array unnest generate_series generate_subscripts isempty lower_inc lower_inf
upper_inc upper_inf range_merge multirange int4range int8range numrange daterange
tsrange tstzrange int4multirange int8multirange nummultirange datemultirange
tsmultirange tstzmultirange num_nonnulls num_nulls nullif coalesce greatest least
merge_action"""
_REST: Final = """abbrev broadcast family host hostmask inet_merge inet_same_family masklen netmask
network set_masklen macaddr8_set7bit area bound_box box center circle diagonal
diameter height isclosed isopen line lseg npoints path pclose point polygon popen
radius slope width array_to_tsvector get_current_ts_config numnode phraseto_tsquery
plainto_tsquery querytree setweight strip to_tsquery to_tsvector ts_delete ts_filter
ts_headline ts_rank ts_rank_cd ts_rewrite tsquery_phrase tsvector_to_array
websearch_to_tsquery json_to_tsvector jsonb_to_tsvector ts_lexize gen_random_uuid
uuidv4 uuidv7 pg_typeof pg_column_size format_type col_description obj_description
to_regclass to_regtype to_regnamespace has_table_privilege has_column_privilege
has_schema_privilege has_any_column_privilege pg_table_is_visible pg_type_is_visible
pg_get_expr pg_get_indexdef pg_get_constraintdef pg_get_viewdef pg_get_partkeydef
pg_relation_size pg_table_size pg_total_relation_size pg_indexes_size pg_size_pretty
pg_size_bytes current_schema current_schemas current_database version
pg_collation_for pg_input_is_valid row_security_active xmlcomment xmlconcat xpath
xpath_exists xml_is_well_formed xmlexists cosine_distance l2_distance inner_product
l1_distance vector_dims vector_norm l2_normalize"""

ALLOWED: Final = frozenset(f"{_AGGREGATES} {_NUMBERS} {_TEXT} {_TIMES} {_JSON} {_COLLECTIONS} {_REST}".split()) - {
    "setseed"
}
HARMLESS_VOLATILE: Final = frozenset(
    {"random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7", "array_sample",
     "array_shuffle", "pg_relation_size", "pg_table_size", "pg_total_relation_size", "pg_indexes_size", "ts_rewrite"}
)  # fmt: skip
SCHEMAS: Final = frozenset({"", "pg_catalog"})
