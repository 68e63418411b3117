"""The functions a BigQuery read may call: sqlglot's classes for the ones it knows, names for the others.

Left out on purpose: everything of ML and AI, EXTERNAL_QUERY, KEYS and AEAD, SESSION_USER, table functions,
user-defined and remote functions. A function that is missing here is blocked, never guessed at.
"""

from typing import Final

from sqlglot import exp

_AGGREGATES: Final = """AnyValue ApproxDistinct ApproxQuantiles ApproxTopK ApproxTopSum ArgMax ArgMin
ArrayAgg ArrayConcatAgg ArrayUniqueAgg Avg BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg
Corr Count CountIf CovarPop CovarSamp GroupConcat Grouping LogicalAnd LogicalOr Max
Median Min PercentileCont PercentileDisc Quantile Stddev StddevPop StddevSamp Sum
Variance VariancePop Hll Kurtosis Skewness Mode ApproxQuantile"""
_WINDOWS: Final = """CumeDist DenseRank FirstValue Lag LastValue Lead NthValue Ntile PercentRank Rank
RowNumber First Last"""
_NUMBERS: Final = """Abs Acos Acosh Asin Asinh Atan Atan2 Atanh Cbrt Ceil Cos Cosh Cot Coth Csc Csch
Degrees Exp Floor Greatest IsInf IsNan Least Ln Log Mod Pi Pow Radians Rand
RangeBucket Round SafeAdd SafeDivide SafeMultiply SafeNegate SafeSubtract Sec Sech
Sign Sin Sinh Sqrt Tan Tanh Trunc BitwiseCount WidthBucket Div IntDiv CosineDistance
EuclideanDistance Factorial"""
_STRINGS: Final = """Ascii ByteLength Chr CodePointsToBytes CodePointsToString Collate Concat ConcatWs
Contains EndsWith Format FromBase32 FromBase64 Hex Initcap Left Length Levenshtein
Lower LowerHex MD5 MD5Digest Normalize Pad RegexpContains RegexpCount RegexpExtract
RegexpExtractAll RegexpFullMatch RegexpInstr RegexpLike RegexpReplace RegexpSubstr
Repeat Replace Reverse Right SHA SHA1Digest SHA2 SHA2Digest SafeConvertBytesToString
Soundex Space Split StartsWith StrPosition Substring ToBase32 ToBase64 ToCodePoints
Translate Trim Unhex Unicode Upper FarmFingerprint Uuid String StringToArray
SplitPart CityHash64 Search GetExtract"""
_TIMES: Final = """CurrentDate CurrentDatetime CurrentTime CurrentTimestamp Date DateAdd DateDiff
DateFromParts DateFromUnixDate DateStrToDate DateSub DateTrunc Datetime DatetimeAdd
DatetimeDiff DatetimeSub DatetimeTrunc Day DayOfMonth DayOfWeek DayOfWeekIso
DayOfYear Extract Hour LastDay JustifyDays JustifyHours JustifyInterval MakeInterval
Minute Month ParseDatetime ParseTime Quarter Second StrToDate StrToTime Time TimeAdd
TimeDiff TimeFromParts TimeSub TimeToStr TimeTrunc Timestamp TimestampAdd
TimestampDiff TimestampFromParts TimestampSub TimestampTrunc TimeStrToTime TsOrDsAdd
TsOrDsDiff TsOrDsToDate TsOrDsToDatetime TsOrDsToTime TsOrDsToTimestamp UnixDate
UnixMicros UnixMillis UnixSeconds UnixToTime Week WeekOfYear WeekStart Year
YearOfWeek YearOfWeekIso DateBin StrToUnix TimeToUnix"""
_REST: Final = """And Array ArrayAll ArrayAny ArrayConcat ArrayContains ArrayDistinct ArrayExcept
ArrayFilter ArrayFirst ArrayIntersect ArrayLast ArrayMax ArrayMin ArrayReverse
ArraySize ArraySlice ArraySum ArrayToString Case Cast Coalesce EqualNull Exists
Float64 GenerateDateArray GenerateSeries GenerateTimestampArray Host If Int64 IsArray
JSONArray JSONArrayAppend JSONArrayContains JSONArrayInsert JSONBool JSONCast
JSONExists JSONExtract JSONExtractArray JSONExtractScalar JSONFormat JSONKeys
JSONKeysAtDepth JSONObject JSONRemove JSONSet JSONStripNulls JSONType JSONValueArray
LaxBool LaxFloat64 LaxInt64 LaxString NetFunc Nullif Or ParseBignumeric ParseJSON
ParseNumeric RegDomain SafeFunc Struct StructExtract ToDouble ToNumber Transform
TryCast Typeof Unnest Xor StDistance StPoint ParseIp"""

CLASSES: Final = frozenset(
    getattr(exp, name)
    for name in f"{_AGGREGATES} {_WINDOWS} {_NUMBERS} {_STRINGS} {_TIMES} {_REST}".split()
    if hasattr(exp, name)
)

_NAMES_WORDS: Final = """IEEE_DIVIDE DIV SAFE_ADD SAFE_SUBTRACT SAFE_MULTIPLY SAFE_NEGATE IFNULL BIT_COUNT
CODE_POINTS_TO_STRING OCTET_LENGTH CHAR_LENGTH CHARACTER_LENGTH TO_HEX FROM_HEX INSTR
LPAD RPAD LTRIM RTRIM BTRIM CONTAINS_SUBSTR EDIT_DISTANCE NORMALIZE_AND_CASEFOLD
REGEXP_INSTR SPLIT_SUBSTR PARSE_TIMESTAMP FORMAT_DATE FORMAT_DATETIME FORMAT_TIME
FORMAT_TIMESTAMP TIMESTAMP_MICROS TIMESTAMP_MILLIS TIMESTAMP_SECONDS UNIX_DATE
DATE_FROM_UNIX_DATE CURRENT_DATE ARRAY_IS_DISTINCT ARRAY_LENGTH GENERATE_UUID
JSON_QUERY JSON_QUERY_ARRAY JSON_VALUE_ARRAY JSON_EXTRACT_STRING_ARRAY TO_JSON
TO_JSON_STRING JSON_TYPE JSON_ARRAY_APPEND RANGE RANGE_CONTAINS RANGE_OVERLAPS
RANGE_START RANGE_END RANGE_INTERSECT GENERATE_RANGE_ARRAY FARM_FINGERPRINT SHA512
SHA1 SHA256 MD5 APPROX_TOP_COUNT COUNT_DISTINCT BIT_AND BIT_OR BIT_XOR STRING_AGG
LOGICAL_AND LOGICAL_OR VAR_SAMP VAR_POP STDDEV_SAMP STDDEV_POP ST_GEOGPOINT
ST_DISTANCE ST_ASTEXT ST_X ST_Y ST_WITHIN ST_CONTAINS ST_DWITHIN ST_AREA ST_LENGTH
ST_CENTROID ST_GEOGFROMTEXT ST_INTERSECTS BOOL INT64 FLOAT64 STRING PARSE_BIGNUMERIC
PARSE_NUMERIC RATIO_TO_REPORT MAX_BY MIN_BY GROUPING SAFE_OFFSET OFFSET ORDINAL
SAFE_ORDINAL JUSTIFY_INTERVAL NULLIFZERO ZEROIFNULL EXTRACT_ARRAY ARRAY_FILTER
ARRAY_TRANSFORM ARRAY_INCLUDES REGEXP_EXTRACT_GROUPS"""
NAMES: Final = frozenset(_NAMES_WORDS.split())

NAMESPACES: Final = {
    "SAFE": None,
    "NET": frozenset(
        {
            "HOST",
            "REG_DOMAIN",
            "PUBLIC_SUFFIX",
            "IP_FROM_STRING",
            "SAFE_IP_FROM_STRING",
            "IP_TO_STRING",
            "IP_NET_MASK",
            "IP_TRUNC",
            "IPV4_FROM_INT64",
            "IPV4_TO_INT64",
        }
    ),
    "HLL_COUNT": frozenset({"INIT", "MERGE", "MERGE_PARTIAL", "EXTRACT"}),
}
"""Names that may stand before a function: SAFE before any listed one, the others before the named ones only."""
