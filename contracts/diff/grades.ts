/**
 * How every difference is graded: one table. The README's table is compared with it by a test.
 *
 * Consumer view: what loosens a promise breaks readers (error), for they rely on it. It is a warning where most readers do not
 * notice: a longer text, a type that holds all former values. What tightens is information.
 * Producer view: what tightens breaks writers (error), for they may now be refused. What loosens is information.
 * What changes the identity of things (names, keys, the tenant, who sees which rows) breaks both.
 * Access is the other way round for readers: a role that sees fewer columns tightens, and that is what breaks them.
 *
 * The bump of the version follows: error is major; warning is minor; information is minor where it tightens or loosens, and
 * patch where it only changes. Codes are stable: one that is retired is never used for something else.
 */
import type { Severity } from '../fault.ts'

/** Does the newer contract allow less, or more, or can neither be said? */
export type Direction = 'tightens' | 'loosens' | 'changes'

/** Grade of one code. */
export type Grade = {
  readonly direction: Direction
  readonly consumer: Severity
  readonly producer: Severity
  /** The code of the same difference when the two contracts change places; the code itself where it has no direction. */
  readonly inverse: string
  readonly what: string
}

const SEVERITIES: Readonly<Record<Letter, Severity>> = { e: 'error', w: 'warning', i: 'info' }

type Letter = 'e' | 'w' | 'i'
/** The consumer's and the producer's severity, by their first letters. */
type Letters = `${Letter}${Letter}`

function grade(direction: Direction, letters: Letters, inverse: string, what: string): Grade {
  const [consumer = 'e', producer = 'e'] = letters as Iterable<Letter>
  return { direction, consumer: SEVERITIES[consumer], producer: SEVERITIES[producer], inverse, what }
}
const tightens = (letters: Letters, inverse: string, what: string) =>
  grade('tightens', letters, inverse, what)
const loosens = (letters: Letters, inverse: string, what: string) => grade('loosens', letters, inverse, what)
const changes = (letters: Letters, what: string) => grade('changes', letters, '', what)

/** The table. Grouped by what is compared. */
export const GRADES = {
  // --- the contract as a whole
  DIFF_CONTRACT_REMOVED: loosens('ew', 'DIFF_CONTRACT_ADDED', 'a contract is gone'),
  DIFF_CONTRACT_ADDED: tightens('ii', 'DIFF_CONTRACT_REMOVED', 'a contract is new'),
  DIFF_CONTRACT_ID_CHANGED: changes('ee', 'the id is another one: whoever refers to it loses it'),
  DIFF_STATUS_WITHDRAWN: loosens('ww', 'DIFF_STATUS_REVIVED', 'the status became deprecated or retired'),
  DIFF_STATUS_REVIVED: tightens('ii', 'DIFF_STATUS_WITHDRAWN', 'the status was deprecated or retired'),
  DIFF_STATUS_CHANGED: changes('ii', 'another status'),
  DIFF_API_VERSION_CHANGED: changes('ii', 'another version of the standard'),
  DIFF_VERSION_RAISED: changes('ii', 'the version was raised'),
  DIFF_VERSION_LOWERED: changes('ee', 'the version is lower than before'),
  DIFF_VERSION_TOO_LOW: changes('ee', 'the version was raised less than the changes require'),
  DIFF_VERSION_NOT_RAISED: changes('ww', 'something small changed under the same version'),
  DIFF_VERSION_UNREADABLE: changes(
    'ww',
    'a version is not semantic: whether it was raised enough cannot be said',
  ),

  // --- datasets
  DIFF_DATASET_REMOVED: loosens('ew', 'DIFF_DATASET_ADDED', 'a dataset is gone'),
  DIFF_DATASET_ADDED: tightens('ii', 'DIFF_DATASET_REMOVED', 'a dataset is new'),
  DIFF_DATASET_RENAMED: changes('ee', 'a dataset has another name'),
  DIFF_DATASET_PHYSICAL_NAME_CHANGED: changes('ee', 'its name in the data store is another one'),
  DIFF_DATASET_KIND_CHANGED: changes('ww', 'table, view, topic, …: another physicalType'),
  DIFF_GRANULARITY_CHANGED: changes('ww', 'what one row stands for is said in other words'),

  // --- columns
  DIFF_COLUMN_REMOVED: loosens('ew', 'DIFF_COLUMN_ADDED', 'a column is gone'),
  DIFF_COLUMN_ADDED: tightens('ii', 'DIFF_COLUMN_REMOVED', 'an optional column is new'),
  DIFF_REQUIRED_COLUMN_ADDED: tightens('ie', 'DIFF_COLUMN_REMOVED', 'a required column is new'),
  DIFF_COLUMN_RENAMED: changes('ee', 'a column has another name'),
  DIFF_COLUMN_PHYSICAL_NAME_CHANGED: changes('ee', 'its name in the data store is another one'),
  DIFF_ORDER_CHANGED: changes('ii', 'datasets or columns stand in another order'),
  DIFF_ELEMENT_ID_CHANGED: changes(
    'ww',
    'the id of a dataset or column, which references may use, is another one',
  ),

  // --- types
  DIFF_TYPE_CHANGED: changes('ee', 'a type that does not hold all former values, nor the other way round'),
  DIFF_TYPE_WIDENED: loosens('wi', 'DIFF_TYPE_NARROWED', 'a type that holds all former values, and more'),
  DIFF_TYPE_NARROWED: tightens('ie', 'DIFF_TYPE_WIDENED', 'a type that holds only some of the former values'),
  DIFF_TYPE_STATED: tightens('iw', 'DIFF_TYPE_UNSTATED', 'the type was open and is said now'),
  DIFF_TYPE_UNSTATED: loosens('wi', 'DIFF_TYPE_STATED', 'the type was said and is open now'),
  DIFF_FORMAT_ADDED: tightens('ie', 'DIFF_FORMAT_REMOVED', 'a format is demanded'),
  DIFF_FORMAT_REMOVED: loosens('wi', 'DIFF_FORMAT_ADDED', 'a format is no longer demanded'),
  DIFF_FORMAT_CHANGED: changes('ee', 'another format'),
  DIFF_TIMEZONE_CHANGED: changes('ee', 'moments are to be read in another time zone'),
  DIFF_VECTOR_SIZE_CHANGED: changes('ee', 'a vector has another number of dimensions'),
  DIFF_VECTOR_MEANING_CHANGED: changes('ee', 'a vector is made or measured in another way'),
  DIFF_SEMANTIC_TYPE_CHANGED: changes('ww', 'column, measure or dimension: another role in the model'),
  DIFF_TRANSFORM_CHANGED: changes('wi', 'the value is made in another way'),

  // --- presence and keys
  DIFF_REQUIRED_ADDED: tightens('ie', 'DIFF_REQUIRED_REMOVED', 'was optional, is required'),
  DIFF_REQUIRED_REMOVED: loosens('ei', 'DIFF_REQUIRED_ADDED', 'was required, is optional'),
  DIFF_UNIQUE_ADDED: tightens('ie', 'DIFF_UNIQUE_REMOVED', 'became unique'),
  DIFF_UNIQUE_REMOVED: loosens('ei', 'DIFF_UNIQUE_ADDED', 'is no longer unique'),
  DIFF_PRIMARY_KEY_ADDED: tightens('ie', 'DIFF_PRIMARY_KEY_REMOVED', 'the dataset got a primary key'),
  DIFF_PRIMARY_KEY_REMOVED: loosens('ei', 'DIFF_PRIMARY_KEY_ADDED', 'the dataset lost its primary key'),
  DIFF_PRIMARY_KEY_CHANGED: changes('ee', 'other columns make the primary key'),
  DIFF_PRIMARY_KEY_ORDER_CHANGED: changes('ww', 'the columns of the primary key stand in another order'),
  DIFF_PARTITIONING_CHANGED: changes('ww', 'the data is partitioned by other columns'),

  // --- values
  DIFF_ENUM_ADDED: tightens('ie', 'DIFF_ENUM_REMOVED', 'values are now listed, any was allowed'),
  DIFF_ENUM_REMOVED: loosens('ei', 'DIFF_ENUM_ADDED', 'values were listed, any is allowed now'),
  DIFF_ENUM_VALUE_ADDED: loosens('ei', 'DIFF_ENUM_VALUE_REMOVED', 'more values are allowed'),
  DIFF_ENUM_VALUE_REMOVED: tightens('ie', 'DIFF_ENUM_VALUE_ADDED', 'fewer values are allowed'),
  DIFF_PATTERN_ADDED: tightens('ie', 'DIFF_PATTERN_REMOVED', 'a pattern is demanded'),
  DIFF_PATTERN_REMOVED: loosens('ei', 'DIFF_PATTERN_ADDED', 'a pattern is no longer demanded'),
  DIFF_PATTERN_CHANGED: changes('ee', 'another pattern; which one allows more cannot be told'),
  DIFF_LENGTH_NARROWED: tightens('ie', 'DIFF_LENGTH_WIDENED', 'minLength or maxLength allows less'),
  DIFF_LENGTH_WIDENED: loosens('wi', 'DIFF_LENGTH_NARROWED', 'minLength or maxLength allows more'),
  DIFF_RANGE_NARROWED: tightens('ie', 'DIFF_RANGE_WIDENED', 'the lower or upper bound allows less'),
  DIFF_RANGE_WIDENED: loosens('ei', 'DIFF_RANGE_NARROWED', 'the lower or upper bound allows more'),
  DIFF_RANGE_CHANGED: changes('ee', 'a bound of another kind, that cannot be compared'),
  DIFF_MULTIPLE_OF_TIGHTENED: tightens('ie', 'DIFF_MULTIPLE_OF_LOOSENED', 'multipleOf allows less'),
  DIFF_MULTIPLE_OF_LOOSENED: loosens('wi', 'DIFF_MULTIPLE_OF_TIGHTENED', 'multipleOf allows more'),
  DIFF_MULTIPLE_OF_CHANGED: changes('we', 'another multipleOf, neither a part nor a multiple of the former'),
  DIFF_SIZE_NARROWED: tightens(
    'ie',
    'DIFF_SIZE_WIDENED',
    'fewer items or properties are allowed, or more are demanded',
  ),
  DIFF_SIZE_WIDENED: loosens(
    'wi',
    'DIFF_SIZE_NARROWED',
    'more items or properties are allowed, or fewer are demanded',
  ),
  DIFF_UNIQUE_ITEMS_ADDED: tightens(
    'ie',
    'DIFF_UNIQUE_ITEMS_REMOVED',
    'items of the array must be different',
  ),
  DIFF_UNIQUE_ITEMS_REMOVED: loosens('ei', 'DIFF_UNIQUE_ITEMS_ADDED', 'items of the array may repeat'),

  // --- relationships and quality
  DIFF_RELATIONSHIP_ADDED: tightens('iw', 'DIFF_RELATIONSHIP_REMOVED', 'a relationship is new'),
  DIFF_RELATIONSHIP_REMOVED: loosens('wi', 'DIFF_RELATIONSHIP_ADDED', 'a relationship is gone'),
  DIFF_RELATIONSHIP_CHANGED: changes('ew', 'a relationship leads elsewhere'),
  DIFF_QUALITY_ADDED: tightens('ie', 'DIFF_QUALITY_REMOVED', 'a quality rule is new'),
  DIFF_QUALITY_REMOVED: loosens('ei', 'DIFF_QUALITY_ADDED', 'a quality rule is gone'),
  DIFF_QUALITY_TIGHTENED: tightens(
    'ie',
    'DIFF_QUALITY_LOOSENED',
    'a quality rule allows less, or counts for more',
  ),
  DIFF_QUALITY_LOOSENED: loosens(
    'ei',
    'DIFF_QUALITY_TIGHTENED',
    'a quality rule allows more, or counts for less',
  ),
  DIFF_QUALITY_CHANGED: changes('ww', 'a quality rule computes or compares something else'),
  DIFF_QUALITY_TEXT_CHANGED: changes('ii', 'a quality rule in prose, its schedule or its words'),

  // --- service levels
  DIFF_SERVICE_LEVEL_ADDED: tightens('ie', 'DIFF_SERVICE_LEVEL_REMOVED', 'a service level is promised'),
  DIFF_SERVICE_LEVEL_REMOVED: loosens(
    'ei',
    'DIFF_SERVICE_LEVEL_ADDED',
    'a service level is no longer promised',
  ),
  DIFF_SERVICE_LEVEL_IMPROVED: tightens('ie', 'DIFF_SERVICE_LEVEL_WORSENED', 'more is promised'),
  DIFF_SERVICE_LEVEL_WORSENED: loosens('ei', 'DIFF_SERVICE_LEVEL_IMPROVED', 'less is promised'),
  DIFF_SERVICE_LEVEL_CHANGED: changes('ww', 'something else is promised; which is better cannot be told'),

  // --- personal data
  DIFF_CLASSIFICATION_RAISED: tightens(
    'ww',
    'DIFF_CLASSIFICATION_LOWERED',
    'the data must be treated with more care',
  ),
  DIFF_CLASSIFICATION_LOWERED: loosens(
    'ww',
    'DIFF_CLASSIFICATION_RAISED',
    'the data may be treated with less care',
  ),
  DIFF_CLASSIFICATION_CHANGED: changes('ww', 'another classification of no known order'),
  DIFF_PII_PLAN_ADDED: tightens(
    'ei',
    'DIFF_PII_PLAN_REMOVED',
    'values become tokens, or are dropped: former ones do not join',
  ),
  DIFF_PII_PLAN_REMOVED: loosens(
    'ee',
    'DIFF_PII_PLAN_ADDED',
    'values are no longer protected, and former tokens do not join',
  ),
  DIFF_PII_METHOD_CHANGED: changes('ee', 'another method: tokens do not join with former ones'),
  DIFF_PII_DROPPED: loosens('ei', 'DIFF_PII_STORED', 'values were stored, protected; now the column is gone'),
  DIFF_PII_STORED: tightens(
    'ii',
    'DIFF_PII_DROPPED',
    'values were dropped; now there is a column of protected ones',
  ),
  DIFF_PII_DOMAIN_CHANGED: changes('ee', 'another domain: tokens do not join with those of other columns'),
  DIFF_PII_KEY_CHANGED: changes('ee', 'another key: tokens do not join with former ones'),
  DIFF_PII_NORMALIZE_CHANGED: changes('ee', 'another normal form: equal values have other tokens'),
  DIFF_PII_OPTIONS_CHANGED: changes('ei', 'other options of the method: the values look different'),
  DIFF_PII_SUBJECT_CHANGED: changes('ww', 'another column says whose the data is, for erasure'),
  DIFF_PII_ON_NULL_CHANGED: changes('ww', 'NULL is treated in another way'),

  // --- access
  DIFF_TENANT_CHANGED: changes('ee', 'whose a row is is found in another way'),
  DIFF_ROLE_REMOVED: tightens('ei', 'DIFF_ROLE_ADDED', 'a role is gone'),
  DIFF_ROLE_ADDED: loosens('iw', 'DIFF_ROLE_REMOVED', 'a role is new'),
  DIFF_ROLE_ACCESS_CHANGED: changes('ee', 'a role may do something else'),
  DIFF_ROLE_COLUMNS_NARROWED: tightens('ei', 'DIFF_ROLE_COLUMNS_WIDENED', 'a role sees fewer columns'),
  DIFF_ROLE_COLUMNS_WIDENED: loosens('iw', 'DIFF_ROLE_COLUMNS_NARROWED', 'a role sees more columns'),
  DIFF_ROLE_COLUMNS_CHANGED: changes(
    'ew',
    'the columns of a role changed, and cannot be compared one by one',
  ),
  DIFF_ROW_FILTER_CHANGED: changes('ee', 'a role sees other rows'),

  // --- life cycle, words, and the rest
  DIFF_DEPRECATED: loosens('ww', 'DIFF_UNDEPRECATED', 'marked as deprecated'),
  DIFF_UNDEPRECATED: tightens('ii', 'DIFF_DEPRECATED', 'no longer marked as deprecated'),
  DIFF_SERVER_ADDED: tightens('ii', 'DIFF_SERVER_REMOVED', 'a server is new'),
  DIFF_SERVER_REMOVED: loosens('ii', 'DIFF_SERVER_ADDED', 'a server is gone'),
  DIFF_SERVER_CHANGED: changes('ii', 'a server has other settings'),
  DIFF_DOCUMENTATION_CHANGED: changes('ii', 'descriptions, business names, synonyms, examples, links'),
  DIFF_TAGS_CHANGED: changes('ii', 'tags'),
  DIFF_METADATA_CHANGED: changes('ii', 'owner, domain, support, approvers and the like'),
  DIFF_CUSTOM_PROPERTY_CHANGED: changes('ii', 'a custom property without a meaning here'),
  DIFF_UNKNOWN_KEY_CHANGED: changes('ii', 'a key that the standard does not know'),
} as const satisfies Readonly<Record<string, Grade>>

/** Stable code of a difference. */
export type DiffCode = keyof typeof GRADES

/** All codes. */
export const DIFF_CODES = Object.keys(GRADES) as readonly DiffCode[]

/** The grade of a code. */
export function gradeOf(code: DiffCode): Grade {
  return GRADES[code]
}

/** The code of the same difference seen the other way round. */
export function inverseOf(code: DiffCode): DiffCode {
  const { inverse } = gradeOf(code)
  return DIFF_CODES.find((known) => known === inverse) ?? code
}
