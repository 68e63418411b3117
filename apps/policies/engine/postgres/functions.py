"""Which functions a Postgres read may call: an allow-list by name and, for two of them, by the number of arguments.

A name stands for pg_catalog's function, or for one of a well-known extension. Whatever else is called is blocked: a
function of somebody's own may do anything, whatever it is called. Shadowing (`public.lower(varchar)`) is closed by the
role, which may not execute functions of the project (see studio/services/project.py).
"""

from typing import Final

from apps.policies.engine.postgres.builtin_functions import IMMUTABLE, STABLE

HARMLESS_VOLATILE: Final = frozenset(
    """random random_normal clock_timestamp timeofday gen_random_uuid uuidv4 uuidv7 array_sample array_shuffle
    pg_relation_size pg_table_size pg_total_relation_size pg_indexes_size pg_database_size pg_partition_tree
    pg_partition_ancestors current_query currval lastval pg_is_in_recovery pg_sequence_last_value""".split()  # noqa: SIM905
)
"""Volatile because their answer changes, not because they change anything."""

_VECTOR: Final = """cosine_distance l2_distance inner_product l1_distance hamming_distance jaccard_distance
vector_dims vector_norm l2_normalize subvector binary_quantize l2_norm sparsevec vector halfvec"""
_TEXT_SEARCH: Final = """similarity show_trgm word_similarity strict_word_similarity unaccent levenshtein
levenshtein_less_equal soundex difference metaphone dmetaphone dmetaphone_alt daitch_mokotoff"""
_HSTORE_LTREE: Final = """hstore akeys avals skeys svals hstore_to_json
hstore_to_jsonb hstore_to_json_loose hstore_to_jsonb_loose hstore_to_array hstore_to_matrix populate_record
subltree subpath nlevel lca text2ltree ltree2text"""
_CRYPTO: Final = """digest hmac crypt gen_salt gen_random_bytes armor dearmor encrypt decrypt encrypt_iv decrypt_iv
pgp_sym_decrypt pgp_sym_encrypt pgp_pub_decrypt pgp_pub_encrypt pgp_key_id uuid_generate_v1 uuid_generate_v1mc
uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil uuid_ns_dns uuid_ns_url uuid_ns_oid uuid_ns_x500"""
_ARRAYS_CUBES: Final = """icount sort_asc sort_desc uniq idx subarray intset cube cube_dim cube_ll_coord
cube_ur_coord cube_distance cube_union cube_inter cube_enlarge cube_subset cube_is_point earth ll_to_earth latitude
longitude earth_distance earth_box normal_rand"""
_TIME_SERIES: Final = """time_bucket time_bucket_gapfill locf interpolate histogram"""
_GEOMETRY: Final = """st_area st_asbinary st_asewkb st_asewkt st_asgeojson st_asgml st_ashexewkb st_askml st_asmvt
st_asmvtgeom st_assvg st_astext st_azimuth st_boundary st_buffer st_centroid st_closestpoint st_clusterdbscan
st_clusterkmeans st_collect st_collectionextract st_contains st_containsproperly st_convexhull st_concavehull
st_coorddim st_coveredby st_covers st_crosses st_curvetoline st_difference st_dimension st_disjoint st_distance
st_distancesphere st_distancespheroid st_dump st_dumppoints st_dumprings st_dwithin st_endpoint st_envelope st_equals
st_expand st_extent st_exteriorring st_flipcoordinates st_force2d st_force3d st_forcecollection st_frechetdistance
st_generatepoints st_geogfromtext st_geogfromwkb st_geographyfromtext st_geohash st_geomcollfromtext
st_geometryfromtext st_geometryn st_geometrytype st_geomfromewkb st_geomfromewkt st_geomfromgeohash st_geomfromgeojson
st_geomfromgml st_geomfromkml st_geomfromtext st_geomfromwkb st_hausdorffdistance st_hexagongrid st_interiorringn
st_interpolatepoint st_intersection st_intersects st_isclosed st_iscollection st_isempty st_isring st_issimple
st_isvalid st_isvaliddetail st_isvalidreason st_length st_length2d st_lengthspheroid st_line_interpolate_point
st_linefromtext st_lineinterpolatepoint st_linelocatepoint st_linemerge st_linesubstring st_m st_makebox2d st_makebox3d
st_makeenvelope st_makeline st_makepoint st_makepointm st_makepolygon st_makevalid st_maxdistance st_memunion
st_minimumboundingcircle
st_mlinefromtext st_mpointfromtext st_mpolyfromtext st_multi st_ndims st_node st_normalize st_npoints st_nrings
st_numgeometries st_numinteriorring st_numinteriorrings st_numpatches st_numpoints st_offsetcurve st_orderingequals
st_orientedenvelope st_overlaps st_patchn st_perimeter st_point st_pointfromtext st_pointn st_pointonsurface st_points
st_polygon st_polygonfromtext st_polygonize st_project st_quantizecoordinates st_reduceprecision st_relate
st_removepoint st_removerepeatedpoints st_reverse st_rotate st_scale st_segmentize st_setpoint st_setsrid
st_sharedpaths st_shiftlongitude st_shortestline st_simplify st_simplifypreservetopology st_simplifyvw st_snap
st_snaptogrid st_split st_squaregrid st_srid st_startpoint st_subdivide st_summary st_swapordinates st_symdifference
st_tileenvelope st_touches st_transform st_translate st_transscale st_unaryunion st_union st_voronoilines
st_voronoipolygons st_within st_wkbtosql st_wkttosql st_x st_xmax st_xmin st_y st_ymax st_ymin st_z st_zmax st_zmflag
st_zmin box2d box3d geometrytype geometry geography"""
EXTENSIONS: Final = frozenset(
    f"{_VECTOR} {_TEXT_SEARCH} {_HSTORE_LTREE} {_CRYPTO} {_ARRAYS_CUBES} {_TIME_SERIES} {_GEOMETRY}".split()
)
"""Functions of extensions that only compute. Not here: what runs SQL text (`crosstab`, `connectby`, `dblink`), what
reads files (rasters kept outside the database), what reads statistics (`st_estimatedextent`)."""

_CASTS: Final = frozenset(
    """bool box bytea char cid cidr circle date datemultirange daterange inet int2 int2vector int4 int4multirange
    int4range int8 int8multirange int8range json jsonb jsonpath line lseg macaddr macaddr8 name nummultirange
    numrange oid oidvector path pg_lsn point polygon refcursor regclass regcollation regconfig regdictionary
    regnamespace regoper regoperator regproc regprocedure regtype text tid timetz tsmultirange tsquery tsrange
    tstzmultirange tstzrange tsvector uuid varbit xid xid8 xml""".split()  # noqa: SIM905
)
"""Names of types: `tsquery('door')` is the cast of that text."""
BUILT_IN: Final = IMMUTABLE | STABLE | HARMLESS_VOLATILE | _CASTS
_BY_ARGUMENTS: Final = {"ts_rewrite": frozenset({3})}
"""`ts_rewrite(query, target, substitute)` computes; `ts_rewrite(query, text)` runs that text."""

_INFORMATION_SCHEMA: Final = frozenset(
    """_pg_expandarray _pg_index_position _pg_truetypid _pg_truetypmod _pg_char_max_length _pg_char_octet_length
    _pg_numeric_precision _pg_numeric_precision_radix _pg_numeric_scale _pg_datetime_precision
    _pg_interval_type""".split()  # noqa: SIM905
)
SAMPLING: Final = frozenset({"bernoulli", "system", "system_rows", "system_time"})
CLOSED_TYPES: Final = frozenset({"regrole", "aclitem", "_aclitem", "_regrole"})
"""Types whose values name roles: of every tenant, for roles belong to the whole server."""


def is_allowed(schema: str, name: str, arguments: int) -> bool:
    """Whether a read may call it. `schema` is what stands before the name, empty for none."""
    if schema == "information_schema":
        return name in _INFORMATION_SCHEMA
    if name in _BY_ARGUMENTS:
        return schema in ("", "pg_catalog") and arguments in _BY_ARGUMENTS[name]
    if schema == "pg_catalog":
        return name in BUILT_IN
    return schema == "" and (name in BUILT_IN or name in EXTENSIONS)
