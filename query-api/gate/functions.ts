/**
 * Functions that a query may use: an allowlist, in groups, each name reviewed.
 *
 * A function is on it if its result follows from its arguments alone (or from clock and chance), it reaches nothing outside the
 * query (no file, network, dictionary, other table, setting, server or session state), it cannot be made to print a value of a
 * row in an error on purpose (throwIf), and it sees only rows that passed the row filter. Names are compared without case, which
 * only lets the engine say no. New functions of a new engine version are refused until someone has read what they do.
 *
 * A test on the real engine holds that no name here is also a table function that reaches out.
 */
import { nearest } from '#contracts/nearest.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** Scalar functions by group. */
export const SCALAR_FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  'logic and comparison': words(`
    and or not xor equals notEquals less greater lessOrEquals greaterOrEquals isNull isNotNull isDistinctFrom isNotDistinctFrom
    isZeroOrNull isNaN isFinite isInfinite in notIn nullIn notNullIn globalIn globalNotIn exists if multiIf caseWithExpression
    caseWithoutExpression transform coalesce ifNull nullIf assumeNotNull toNullable isNullable greatest least clamp between`),
  arithmetic: words(`
    plus minus multiply divide intDiv intDivOrZero intDivOrNull divideOrNull modulo mod moduloOrZero moduloOrNull positiveModulo
    positive_modulo pmod negate abs gcd lcm max2 min2 divideDecimal multiplyDecimal midpoint avg2 isDecimalOverflow countDigits`),
  mathematics: words(`
    exp log ln exp2 log2 exp10 log10 log1p sqrt sqr cbrt pow power sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh
    hypot degrees radians pi e sign factorial erf erfc lgamma tgamma sigmoid intExp2 intExp10 widthBucket width_bucket`),
  rounding: words(
    'round floor ceil ceiling trunc truncate roundBankers roundDown roundToExp2 roundAge roundDuration',
  ),
  bits: words(`
    bitAnd bitOr bitXor bitNot bitShiftLeft bitShiftRight bitRotateLeft bitRotateRight bitTest bitTestAll bitTestAny bitCount
    bitHammingDistance byteSwap`),
  conversion: words(`
    CAST _CAST accurateCast accurateCastOrNull accurateCastOrDefault toString toFixedString toTypeName toBool toInt8 toInt16 toInt32
    toInt64 toInt128 toInt256 toUInt8 toUInt16 toUInt32 toUInt64 toUInt128 toUInt256 toFloat32 toFloat64 toDecimal32 toDecimal64
    toDecimal128 toDecimal256 toDecimalString toInt8OrZero toInt16OrZero toInt32OrZero toInt64OrZero toInt8OrNull toInt16OrNull
    toInt32OrNull toInt64OrNull toUInt8OrZero toUInt16OrZero toUInt32OrZero toUInt64OrZero toUInt8OrNull toUInt16OrNull
    toUInt32OrNull toUInt64OrNull toFloat32OrZero toFloat64OrZero toFloat32OrNull toFloat64OrNull toDecimal32OrZero toDecimal64OrZero
    toDecimal128OrZero toDecimal32OrNull toDecimal64OrNull toDecimal128OrNull toUUID toUUIDOrNull toUUIDOrZero toLowCardinality
    reinterpretAsInt64 reinterpretAsUInt64 reinterpretAsString parseReadableSize`),
  strings: words(`
    length lengthUTF8 char_length character_length octet_length empty notEmpty lower lcase upper ucase lowerUTF8 upperUTF8 initcap
    initcapUTF8 concat concatWithSeparator concat_ws substring substr mid substringUTF8 substringIndex substring_index
    substringIndexUTF8 left right leftUTF8 rightUTF8 leftPad rightPad lpad rpad leftPadUTF8 rightPadUTF8 trimLeft trimRight trimBoth
    ltrim rtrim trim reverse reverseUTF8 repeat space startsWith endsWith startsWithUTF8 endsWithUTF8 ascii char hex unhex bin unbin
    base64Encode base64Decode tryBase64Decode to_base64 from_base64 toValidUTF8 isValidUTF8 translate translateUTF8 overlay
    overlayUTF8 normalizeUTF8NFC normalizeUTF8NFD normalizeUTF8NFKC normalizeUTF8NFKD removeDiacriticsUTF8 caseFoldUTF8 soundex
    editDistance levenshteinDistance damerauLevenshteinDistance jaroSimilarity jaroWinklerSimilarity stringJaccardIndex
    appendTrailingCharIfAbsent printf splitByChar splitByString splitByRegexp splitByWhitespace splitByNonAlpha alphaTokens ngrams
    tokens arrayStringConcat formatReadableSize formatReadableDecimalSize formatReadableQuantity formatReadableTimeDelta bar`),
  'search and replace': words(`
    like notLike ilike notILike match position positionUTF8 positionCaseInsensitive positionCaseInsensitiveUTF8 locate instr
    countSubstrings countSubstringsCaseInsensitive countMatches countMatchesCaseInsensitive hasSubsequence
    hasSubsequenceCaseInsensitive hasToken hasTokenCaseInsensitive multiSearchAny multiSearchAnyCaseInsensitive multiSearchFirstIndex
    multiSearchAllPositions multiMatchAny multiMatchAnyIndex extract extractAll extractGroups extractAllGroupsHorizontal
    extractAllGroupsVertical regexpExtract regexp_extract replace replaceOne replaceAll replaceRegexpOne replaceRegexpAll
    regexp_replace regexpQuoteMeta ngramDistance ngramSearch`),
  'date and time': words(`
    now now64 today yesterday current_date curdate current_timestamp localtimestamp toDate toDate32 toDateTime toDateTime32
    toDateTime64 toDateOrNull toDateOrZero toDate32OrNull toDateTimeOrNull toDateTimeOrZero toDateTime64OrNull toDateTime64OrZero
    date timestamp makeDate makeDate32 makeDateTime makeDateTime64 toTimeZone timezoneOf timezoneOffset toYear year toQuarter quarter
    toMonth month toWeek week toISOWeek toISOYear toYearWeek yearweek toDayOfYear dayofyear toDayOfMonth day dayofmonth toDayOfWeek
    dayofweek toDaysInMonth toLastDayOfMonth last_day toHour hour toMinute minute toSecond second toMillisecond toUnixTimestamp
    toUnixTimestamp64Milli toUnixTimestamp64Micro toUnixTimestamp64Nano toUnixTimestamp64Second fromUnixTimestamp
    from_unixtime fromUnixTimestamp64Milli fromUnixTimestamp64Micro fromUnixTimestamp64Nano fromUnixTimestamp64Second toYYYYMM
    toYYYYMMDD toYYYYMMDDhhmmss YYYYMMDDToDate toMonday toStartOfYear toStartOfISOYear toStartOfQuarter toStartOfMonth toStartOfWeek
    toStartOfDay toStartOfHour toStartOfMinute toStartOfSecond toStartOfMillisecond toStartOfFiveMinutes toStartOfTenMinutes
    toStartOfFifteenMinutes toStartOfInterval time_bucket date_bin toRelativeYearNum toRelativeMonthNum toRelativeWeekNum
    toRelativeDayNum toRelativeHourNum dateTrunc date_trunc dateDiff date_diff timestampdiff timestamp_diff age dateName monthName
    addYears addQuarters addMonths addWeeks addDays addHours addMinutes addSeconds addMilliseconds addInterval subtractYears
    subtractQuarters subtractMonths subtractWeeks subtractDays subtractHours subtractMinutes subtractSeconds subtractInterval
    addDate subDate toIntervalYear
    toIntervalQuarter toIntervalMonth toIntervalWeek toIntervalDay toIntervalHour toIntervalMinute toIntervalSecond
    toIntervalMillisecond toIntervalMicrosecond toInterval formatDateTime date_format formatDateTimeInJodaSyntax parseDateTime
    parseDateTimeOrNull parseDateTimeBestEffort parseDateTimeBestEffortOrNull parseDateTimeBestEffortOrZero
    parseDateTime64BestEffort parseDateTime64BestEffortOrNull parseDateTimeInJodaSyntax timeSlot timeSlots tumble tumbleStart
    tumbleEnd toTime timeDiff toModifiedJulianDay fromModifiedJulianDay`),
  arrays: words(`
    array range arrayElement arrayElementOrNull has hasAll hasAny hasSubstr indexOf countEqual arrayConcat arraySlice arrayPushBack
    arrayPushFront arrayPopBack arrayPopFront arrayResize arraySort arrayReverseSort arrayPartialSort arrayReverse arrayUniq
    arrayDistinct arrayIntersect arrayUnion arrayExcept arrayRemove arrayCompact arrayFlatten flatten arrayZip arrayEnumerate
    arrayEnumerateUniq arrayEnumerateDense arrayDifference arrayCumSum arrayCumSumNonNegative arraySum arrayAvg arrayMin arrayMax
    arrayProduct arrayMap arrayFilter arrayFill arrayReverseFill arraySplit arrayReverseSplit arrayCount arrayExists arrayAll
    arrayFirst arrayFirstOrNull arrayFirstIndex arrayLast arrayLastOrNull arrayLastIndex arrayFold arrayWithConstant arrayShiftLeft
    arrayShiftRight arrayRotateLeft arrayRotateRight arrayDotProduct arrayJoin emptyArrayToSingle arrayJaccardIndex cosineDistance
    L1Distance L2Distance L2SquaredDistance dotProduct lambda replicate`),
  'maps and tuples': words(`
    map mapKeys mapValues mapContains mapContainsKey mapContainsValue mapFilter mapApply mapAdd mapSubtract mapConcat mapFromArrays
    mapSort mapUpdate mapExists mapAll tuple tupleElement tupleNames tupleConcat tuplePlus tupleMinus tupleMultiply tupleDivide
    untuple flattenTuple tupleToNameValuePairs`),
  json: words(`
    JSONHas JSONLength JSONType JSONKey JSONExtract JSONExtractString JSONExtractInt JSONExtractUInt JSONExtractFloat JSONExtractBool
    JSONExtractRaw JSONExtractArrayRaw JSONExtractKeys JSONExtractKeysAndValues JSONExtractKeysAndValuesRaw JSON_VALUE JSON_QUERY
    JSON_EXISTS JSONArrayLength isValidJSON toJSONString prettyPrintJSON simpleJSONHas simpleJSONExtractString simpleJSONExtractInt
    simpleJSONExtractUInt simpleJSONExtractFloat simpleJSONExtractBool simpleJSONExtractRaw`),
  'urls and addresses': words(`
    protocol domain domainWithoutWWW topLevelDomain firstSignificantSubdomain cutToFirstSignificantSubdomain port path pathFull
    queryString fragment extractURLParameter extractURLParameters extractURLParameterNames cutURLParameter cutWWW cutQueryString
    cutFragment cutQueryStringAndFragment decodeURLComponent encodeURLComponent netloc IPv4NumToString IPv4StringToNum
    IPv6NumToString IPv6StringToNum toIPv4 toIPv6 toIPv4OrNull toIPv6OrNull isIPv4String isIPv6String isIPAddressInRange
    IPv4CIDRToRange IPv6CIDRToRange`),
  'hashes, identifiers, chance': words(`
    cityHash64 sipHash64 sipHash128 xxHash32 xxHash64 xxh3 farmHash64 farmFingerprint64 metroHash64 murmurHash3_64 murmurHash3_128
    intHash32 intHash64 halfMD5 MD5 SHA1 SHA224 SHA256 SHA384 SHA512 CRC32 jumpConsistentHash generateUUIDv4 generateUUIDv7
    UUIDStringToNum UUIDNumToString UUIDv7ToDateTime rand rand32 rand64 randConstant randUniform randNormal`),
  geography: words(`
    greatCircleDistance geoDistance greatCircleAngle pointInPolygon pointInEllipses geohashEncode geohashDecode geoToH3 h3ToGeo
    h3ToParent h3ToChildren h3Distance h3GetResolution h3kRing h3IsValid h3ToString stringToH3`),
}

/** Aggregate functions, also with the combinators below. */
export const AGGREGATE_FUNCTIONS: readonly string[] = words(`
  count sum sumWithOverflow sumKahan sumCount avg avgWeighted min max any any_value anyLast first_value last_value anyHeavy
  argMin argMax uniq uniqExact uniqCombined uniqCombined64 uniqHLL12 uniqUpTo countDistinct median medianExact quantile quantiles
  quantileExact quantilesExact quantileExactWeighted quantileTDigest quantilesTDigest quantileTiming quantileDD quantileGK
  quantileBFloat16 quantileDeterministic quantileInterpolatedWeighted stddevPop stddevSamp stddev_pop stddev_samp stddevPopStable
  stddevSampStable varPop varSamp var_pop var_samp varPopStable varSampStable covarPop covarSamp covar_pop covar_samp corr
  corrStable skewPop skewSamp kurtPop kurtSamp rankCorr entropy groupArray groupArraySorted groupArraySample groupArrayLast
  groupArrayMovingSum groupArrayMovingAvg groupArrayInsertAt groupArrayIntersect array_agg array_concat_agg groupUniqArray groupConcat
  group_concat string_agg groupBitAnd groupBitOr groupBitXor bit_and bit_or bit_xor topK topKWeighted
  approx_top_k approx_top_sum approx_top_count sumMappedArrays minMappedArrays maxMappedArrays histogram
  simpleLinearRegression studentTTest welchTTest mannWhitneyUTest meanZTest exponentialMovingAverage exponentialTimeDecayedAvg
  boundingRatio deltaSum deltaSumTimestamp intervalLengthSum maxIntersections retention sequenceMatch sequenceCount windowFunnel
  singleValueOrNull sparkbar largestTriangleThreeBuckets lttb cramersV contingency theilsU categoricalInformationValue grouping`)

/** Functions that only a window gives a meaning. */
export const WINDOW_FUNCTIONS: readonly string[] = words(`
  row_number rank dense_rank denseRank percent_rank percentRank cume_dist ntile lag lead lagInFrame leadInFrame nth_value
  nonNegativeDerivative`)

/** Combinators of aggregate functions; those that make or read states (-State, -Merge, …) are left out. */
const COMBINATORS = ['if', 'array', 'distinct', 'ornull', 'ordefault', 'map', 'argmin', 'argmax', 'resample']

const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase())
const AGGREGATES = new Set(lower(AGGREGATE_FUNCTIONS))
const PLAIN = new Set(lower([...Object.values(SCALAR_FUNCTIONS).flat(), ...WINDOW_FUNCTIONS]))

/** True if a query may use the function. */
export function isAllowedFunction(name: string): boolean {
  const key = name.toLowerCase()
  return PLAIN.has(key) || isAllowedAggregate(key)
}

function isAllowedAggregate(key: string): boolean {
  if (AGGREGATES.has(key)) return true
  const combinator = COMBINATORS.find((suffix) => key.endsWith(suffix) && key.length > suffix.length)
  return combinator !== undefined && isAllowedAggregate(key.slice(0, -combinator.length))
}

/** Every name, for suggestions and for GET /v1/functions. */
export const ALL_FUNCTIONS: readonly string[] = [
  ...Object.values(SCALAR_FUNCTIONS).flat(),
  ...AGGREGATE_FUNCTIONS,
  ...WINDOW_FUNCTIONS,
]

/** `; did you …?` for a near miss, else nothing. */
export function suggestFunction(name: string): string {
  const near = nearest(name, ALL_FUNCTIONS)
  return near === undefined ? '' : `, perhaps ${near}`
}
