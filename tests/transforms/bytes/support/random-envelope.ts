/** Random envelopes around a row image, and random damage to them. */
import type { Draw } from './draw.ts'

/** A field as it is written: name and JSON. */
type Field = readonly [name: string, json: string]

const MILLIS = 1_767_225_600_123

/** The envelope of an insert as Debezium writes it. `sequence` and the other fields are as they stand in JSON. */
export function usualEnvelope(draw: Draw, image: string, ops: readonly string[] = ['c', 'u', 'r']): string {
  const lsn = draw.between(1, 2 ** 45)
  const op = draw.pick(ops)
  const sequence = op === 'r' ? `[null,"${lsn}"]` : `["${lsn - 1}","${lsn}"]`
  return envelopeText('null', image, sourceFields(lsn, sequence, op === 'r' ? 'true' : 'false'), op)
}

function envelopeText(before: string, after: string, source: readonly Field[], op: string): string {
  const tail: readonly Field[] = [
    ['transaction', 'null'],
    ['op', JSON.stringify(op)],
    ['ts_ms', String(MILLIS + 77)],
    ['ts_us', `${MILLIS + 77}123`],
    ['ts_ns', `${MILLIS + 77}123456`],
  ]
  return written([['before', before], ['after', after], ['source', written(source)], ...tail])
}

function sourceFields(lsn: number, sequence: string, snapshot: string): readonly Field[] {
  return [
    ['version', '"3.7.0.Final"'],
    ['connector', '"postgresql"'],
    ['name', '"mogo"'],
    ['ts_ms', String(MILLIS)],
    ['snapshot', JSON.stringify(snapshot)],
    ['db', '"shop"'],
    ['sequence', JSON.stringify(sequence)],
    ['ts_us', `${MILLIS}456`],
    ['ts_ns', `${MILLIS}456789`],
    ['schema', '"public"'],
    ['table', '"things"'],
    ['txId', '4711'],
    ['lsn', String(lsn)],
    ['xmin', 'null'],
  ]
}

/** An object; its fields may come twice. */
export function written(fields: readonly Field[]): string {
  return `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`
}

const SEQUENCES = [
  '["4711","4712"]',
  '[null,"4712"]',
  '["4711",null]',
  '[null,null]',
  '["4711",""]',
  '["","4712"]',
  '["4711"]',
  '["4711","x"]',
  '["18446744073709551615","18446744073709551616"]',
  '["99999999999999999999",null]',
  '["4711","4712"] ',
  'x',
  '',
]
const ODD_SOURCE: readonly Field[] = [
  ['ts_ms', '0'],
  ['ts_ms', '-5'],
  ['ts_ms', '1.5'],
  ['ts_ms', '"1767225600123"'],
  ['ts_ms', '99999999999999'],
  ['ts_ms', 'null'],
  ['lsn', 'null'],
  ['lsn', '"4711"'],
  ['lsn', '9007199254740993'],
  ['lsn', '-1'],
  ['lsn', '0'],
  ['lsn', '007'],
  ['sequence', 'null'],
  ['sequence', '["4711","4712"]'],
  ['snapshot', '"last"'],
  ['snapshot', '"last_in_data_collection"'],
  ['snapshot', '"first"'],
  ['snapshot', '"incremental"'],
  ['snapshot', 'true'],
  ['snapshat', '"last"'],
  ['lsm', '5'],
  ['more', '{"lsn":[1,{"a":"}"}]}'],
  ['more', '"\\u00zz"'],
  ['more', '[1,2}'],
  ['more', '--1'],
]
const ODD_FIELDS: readonly Field[] = [
  ['transaction', '{"id":"571:53195832","total_order":1,"data_collection_order":1}'],
  ['transaction', '{"id":{"deep":[[[{}]]]}'],
  ['before', 'null'],
  ['after', 'null'],
  ['after', '{}'],
  ['op', '"d"'],
  ['op', '"m"'],
  ['op', 'null'],
  ['source', '{}'],
  ['schema', '{"type":"struct"}'],
  ['payload', '{}'],
  ['payload', 'null'],
  ['ts_ms', '"x'],
  ['more', '1'],
]

/** Any envelope around any images. */
export function randomEnvelope(draw: Draw, image: string, oldImage: string): string {
  if (draw.chance(60)) return usualEnvelope(draw, image)
  const lsn = draw.pick([0, 1, 2 ** 32, 2 ** 45])
  const op = draw.pick(['c', 'r', 'u', 'c', 'r', 'u', 'd', 't', 'm', 'x', ''])
  const snapshot = draw.pick(['false', 'true', 'first', 'last', 'last_in_data_collection', 'incremental'])
  let source = sourceFields(lsn, draw.pick(SEQUENCES), snapshot)
  if (draw.chance(50)) source = draw.shuffled(source)
  if (draw.chance(20)) source = source.filter(() => draw.chance(85))
  if (draw.chance(20)) source = [...source, draw.pick(ODD_SOURCE)]
  if (draw.chance(5)) source = source.map(([name, json]) => [oddName(draw, name), json] as const)
  const before = draw.pick(['null', 'null', 'null', oldImage])
  const after = draw.chance(5) ? draw.pick(['null', '[]', '{}', '5']) : image
  let fields: readonly Field[] = [
    ['before', before],
    ['after', after],
    ['source', draw.chance(3) ? 'null' : written(source)],
    ['transaction', 'null'],
    ['op', JSON.stringify(op)],
    ['ts_ms', String(MILLIS)],
  ]
  if (draw.chance(10)) fields = draw.shuffled(fields)
  if (draw.chance(15)) fields = [...fields, draw.pick(ODD_FIELDS)]
  const text = written(fields)
  return draw.chance(5) ? `{"schema":{"type":"struct"},"payload":${text}}` : text
}

/** Longer or shorter by a character, or another one. */
function oddName(draw: Draw, name: string): string {
  return draw.pick([name, name, `${name}x`, name.slice(1), name.replace(/.$/, 'x')])
}

const INSERTED = [' ', '\n', ',', '"', '\\', '{', '}', '0', '-', 'null', ',"a":1', '\u0001', 'é', '\\u0041']

/** The bytes with something wrong in them. */
export function damaged(draw: Draw, bytes: Buffer): Buffer {
  const at = draw.below(bytes.length)
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (draw.below(7)) {
    case 0:
      return Buffer.concat([head, Buffer.from(draw.pick(INSERTED)), tail])
    case 1:
      return head
    case 2:
      return Buffer.concat([head, tail.subarray(draw.between(1, 3))])
    case 3:
      return Buffer.concat([head, Buffer.from([(bytes[at] ?? 0) ^ (1 << draw.below(8))]), tail.subarray(1)])
    case 4:
      return Buffer.concat([
        head,
        Buffer.from([draw.pick([0x80, 0xc3, 0xed, 0xff, 0x00, 0x7f])]),
        tail.subarray(draw.below(2)),
      ])
    case 5:
      return repeatedField(draw, bytes)
    default:
      return Buffer.concat([tail, head])
  }
}

/** A piece between two commas comes twice. */
function repeatedField(draw: Draw, bytes: Buffer): Buffer {
  const parts = bytes.toString('latin1').split(',')
  const at = draw.below(parts.length)
  parts.splice(draw.between(0, parts.length), 0, parts[at] ?? '')
  return Buffer.from(parts.join(','), 'latin1')
}
