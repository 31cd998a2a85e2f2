/**
 * `TYPES.md`: which type of Postgres becomes what. Made of the very code that maps and converts, so that it says what is done; a test fails
 * when the file is another than this makes. `node pipelines/types-main.ts` writes it.
 */
import type { CompiledColumn } from '#contracts/compile/compiled-dataset.ts'
import { bareType, targetTypes } from '#contracts/compile/target-type.ts'
import { mapPostgresType } from '#contracts/compile/type-mapping.ts'
import { policiesFor } from '#contracts/compile/value-policies.ts'
import { createConvert } from '#transforms/convert.ts'
import { parseExactly } from '#transforms/decode.ts'
import { createPostgresText } from '#transforms/postgres-text.ts'
import type { RawValue } from '#transforms/record.ts'
import { notCarried } from '../capture/carried-types.ts'
import { TYPE_GROUPS, type TypeExample } from './type-examples.ts'

/** What becomes of a value: its cell, or the code with which it is quarantined. */
export type Stored = { readonly cell: string } | { readonly code: string }

/** Takes a value of an example all the way, as the pipeline does; the column is required or not. */
export function storedExample(
  { type, logicalType = 'string' }: Pick<TypeExample, 'type' | 'logicalType'>,
  wire: string,
  nullable: boolean,
): Stored {
  const column = { kind: mapPostgresType(type).kind, sourceType: type, logicalType, nullable }
  const value = parseExactly(wire) as RawValue
  const read = createPostgresText(column)
  const text = read ? read(value) : value
  if (text === undefined) return { code: 'type' }
  const converted = createConvert(column)(text)
  return converted.ok ? { cell: converted.json } : { code: converted.code }
}

/** The whole file. */
export function typesDocument(): string {
  const groups = TYPE_GROUPS.map(
    ({ title, examples }) => `## ${title}\n\n${table(HEADS, examples.map(exampleRow))}`,
  )
  return `${[INTRODUCTION, ...groups, CHOICES, NOT_CAPTURED, BENT, NAMES].join('\n\n')}\n`
}

const HEADS = [
  'Postgres',
  'as Debezium sends it',
  'required column',
  'nullable column',
  'stored as',
  'quarantined',
  'may be chosen',
]

function exampleRow(example: TypeExample): readonly string[] {
  const { type, alike, logicalType, wire } = example
  const mapped = mapPostgresType(type)
  const names = `${code(type)}${alike === undefined ? '' : `; ${alike}`}${logicalType === undefined ? '' : ` (\`logicalType: ${logicalType}\`)`}`
  const stored = storedExample(example, wire, mapped.kind !== 'array')
  return [
    names,
    code(wire),
    code(mapped.type),
    code(mapped.nullableType),
    'cell' in stored ? code(plain(stored.cell, mapped.kind)) : `quarantined: \`${stored.code}\``,
    refusals(example),
    choices(example),
  ]
}

/** A text without its quotes; an array as it is. */
function plain(cell: string, kind: CompiledColumn['kind']): string {
  return kind !== 'array' && cell.startsWith('"') ? (JSON.parse(cell) as string) : cell
}

function refusals(example: TypeExample): string {
  const { refused = [] } = example
  return refused
    .map((wire) => {
      const stored = storedExample(example, wire, true)
      return `${code(wire)}: ${'code' in stored ? `\`${stored.code}\`` : 'stored'}`
    })
    .join(', ')
}

function choices({ type, logicalType = 'string' }: TypeExample): string {
  const mapped = mapPostgresType(type)
  const usual = bareType(mapped.nullableType)
  const column = { kind: mapped.kind, sourceType: type, logicalType }
  const types = targetTypes({ ...column, protectedText: false }).filter(
    (name) => name !== usual && name !== mapped.type,
  )
  const policies = policiesFor({
    ...column,
    target: 'a',
    targetType: mapped.nullableType,
    nullable: true,
    pii: null,
    isKey: false,
  })
  return [...(types.length > 0 ? [shorter(types)] : []), ...policies].map(code).join('; ')
}

/** Int8, …, UInt256 are many. */
function shorter(types: readonly string[]): string {
  const whole = types.filter((type) => /^U?Int\d+$/.test(type))
  const others = types.filter((type) => !whole.includes(type))
  return whole.length > 2 ? ['Int8 to UInt256', ...others].join(', ') : types.join(', ')
}

const INTRODUCTION = `# Types

Which type of Postgres becomes what in ClickHouse. This file is made by \`node pipelines/types-main.ts\` of the code that maps (\`contracts/compile/type-mapping.ts\`)
and converts (\`transforms/\`); what Debezium sends was measured with 3.7.0.Final. Snapshots and the stream pass through the same code.

- **Nothing changes without a word.** A value is stored as it is, or the record is quarantined with a code, or the contract says otherwise (\`outOfRange\`, \`notFinite\`): it is never cut,
  wrapped, clamped, or replaced by 0 or a default. NULL, the empty text and 0 are three things.
- **Domains** are treated as the type beneath them, and the contract names that. **Enums** are text; a contract lists their values in \`enum\` or \`validValues\`, so that a new one is seen.
- **Arrays** are \`Array(Nullable(T))\` where the column is required; where it is nullable they are JSON text, as a ClickHouse array cannot be NULL and NULL is not the empty array. Their lower bound is not kept.
- **Texts that Postgres prints** (intervals, ranges, networks, geometry, …) are stored as Postgres prints them, moments in UTC, intervals as under \`intervalstyle = iso_8601\`.
- **Personal columns** are stored as their PII plan says, always as text; tokens are made of the text below.`

const CHOICES = `## What a contract may choose

Custom properties of a property (\`contracts/README.md\`):

- \`targetType\`: another ClickHouse type, of those in the last column. What it cannot hold is quarantined: \`out_of_range\`, or the rule that the type brings; \`too_precise\` for a fraction that it has no digits for.
- \`outOfRange\`: \`quarantine\` (usual), \`null\`, or \`clamp\`: the nearest value that the type holds. A clamped value is told by a column of its own, \`<name>_clamped\` (Bool), without which nobody
  could tell the last day that the type holds from a day that never came. Keys cannot be clamped.
- \`notFinite\`: \`quarantine\` (usual) or \`null\`, of NaN and the infinities of numeric. Floats keep theirs.
- \`bytesAs\`: \`base64\` (usual) or \`hex\`.
- \`oneDimensional: true\`: see arrays of several dimensions, below.`

/** Types that are refused, as the catalog names them. */
const REFUSED: readonly (readonly [type: string, elementKind: 'base' | 'domain' | 'composite' | null])[] = [
  ['bit varying(8)', null],
  ['int2vector', null],
  ['oidvector', null],
  ['refcursor', null],
  ['time without time zone[]', 'base'],
  ['money[]', 'base'],
  ['name[]', 'base'],
  ['interval[]', 'base'],
  ['bit varying[]', 'base'],
  ['xml[]', 'base'],
  ['point[]', 'base'],
  ['bit(8)[]', 'base'],
  ['line[]', 'base'],
  ['a domain[]', 'domain'],
  ['a composite type[]', 'composite'],
]

const NOT_CAPTURED = `## What cannot be captured

\`mogo capture plan\` refuses a contract with a column of these types, because Debezium does not bring their values as they are. A column that no contract stores is left out of capture, so that it does no harm. Keep
the text of such a value in a column of its own (a trigger, or the application).

${table(
  ['type', 'why'],
  REFUSED.map(([type, elementKind]) => [
    code(type),
    notCarried({ type, baseType: null, typeKind: 'base', elementKind }) ?? 'captured',
  ]),
)}`

const BENT = `## What Debezium changes, or stops at

These values look like others when they come, so that no code behind Debezium can tell them. They are looked for in the source before a table is read, and capture does not start with them; in the stream a CHECK keeps
them out, and \`mogo verify\` finds them.

| value | what Debezium makes of it | a CHECK that keeps it out |
| --- | --- | --- |
| \`time\` 24:00:00 | 00:00:00 | \`CHECK (t < '24:00')\` |
| \`interval\` infinity (Postgres 17) | an interval of length 0 | \`CHECK (isfinite(i))\` |
| \`date\` before Christ, in a snapshot or an array | the same date after Christ; it matters for the years 1900 to 2299, others are out of range either way | \`CHECK (d >= '0001-01-01')\` |
| an array of several dimensions | NULL for each row of numbers, dates, …: an array of nothing but NULL is quarantined (\`multi_dimensional\`) unless the contract says \`oneDimensional: true\` | \`CHECK (array_ndims(a) = 1)\` |
| \`timetz\` | the time in UTC: the zone is not kept; it stops at a zone with seconds | |
| \`numeric[]\` with NaN or infinity | it stops | \`CHECK ('NaN' <> ALL (a))\` |
| arrays of enums, ltree, tsvector, multiranges, … with a NULL in them | it stops | \`CHECK (array_position(a, NULL) IS NULL)\` |
| \`polygon\` whose last point is its first one | the polygon without its last point | |

Where it stops, the connector fails and says at which column; taking the column out of the contract (\`mogo capture apply\`) lets it go on.`

const NAMES = `## Names

Every name that Postgres allows works, for schemas, tables and columns, but for: a schema or table whose name begins or ends with \`"\`, or is nothing but blanks (Debezium does not read them); two tables whose topics would
have one name, as every character but letters, digits, \`.\`, \`_\` and \`-\` becomes \`_\` in it (\`a b\` and \`a?b\`). Both are refused with the way out. A table that comes under contract
later is read beside the stream, and Debezium cannot be asked to do so for names with blanks or backticks in them: these are read by \`mogo capture apply --resnapshot\`. A property's name, which is the name in ClickHouse, begins with no \`_\`: a column
\`_version\` of the source is stored under another name (\`physicalName: _version\`).`

/** A Markdown table; cells hold no line breaks. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}
