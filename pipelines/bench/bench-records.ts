/** Synthetic Debezium envelopes of about 1.1 kB, the same in every run: what the connector of this project writes. */

/** A row of the benchmark's table, values as Debezium writes them, columns in the order of the table. */
export type BenchRow = {
  readonly id: number
  readonly tenant_id: string
  readonly email: string
  readonly phone: string | null
  readonly full_name: string
  readonly born: string | null
  readonly balance: string
  readonly tags: readonly string[]
  readonly preferences: string
  readonly notes: string
  readonly created_at: string
  readonly updated_at: string
}

/** What a record says, and where it lies. */
export type BenchRecord = {
  readonly key: string
  readonly value: string
  readonly row: BenchRow
  /** LSN of the commit before, and its own: what its version is made from. */
  readonly position: number
  readonly lsn: number
}

/** With the number behind it: 300 characters. */
const NOTE =
  'Asked twice about delivery to another address; the parcel had been left with a neighbour, "third floor", and was found the day after. Prefers to be called in the morning, never on Fridays. Wants the invoice as one file a month, with the order numbers in the subject. Discount granted by hand — see'
const TAGS = ['new', 'returning', 'newsletter', 'wholesale', 'gift "wrapped"', 'abroad']
const LANGUAGES = ['de', 'en', 'fr', 'pl']
/** Milliseconds: the first row was made then. */
const START = 1_760_000_000_000

const twoDigits = (value: number): string => String(value).padStart(2, '0')

/** Microseconds as ISO 8601, with as many digits as there are, as Debezium writes them. */
function isoMicros(millis: number, micros: number): string {
  return `${new Date(millis).toISOString().slice(0, 19)}.${String((millis % 1000) * 1000 + micros).padStart(6, '0')}Z`
}

/** Row `index`, from 0. One in twenty has no phone, one in thirty no birthday; one in nine e-mails has capitals. */
export function benchRow(index: number): BenchRow {
  const tagged = index % 4
  const name = index % 9 === 0 ? 'Person.' : 'person.'
  return {
    id: index + 1,
    tenant_id: `tenant-${index % 20}`,
    email: `${name}${index}@mail-${index % 50}.example`,
    phone: index % 20 === 7 ? null : `+49 30 ${String(index % 10_000_000).padStart(7, '0')}`,
    full_name: `${index % 6 === 0 ? 'Zoë' : 'Maria'} Person-${index}`,
    born: index % 30 === 11 ? null : `19${twoDigits(40 + (index % 60))}-06-${twoDigits(1 + (index % 28))}Z`,
    balance: `${(index % 20_000) - 500}.${twoDigits(index % 100)}`,
    tags: Array.from({ length: tagged }, (_, place) => TAGS[(index + place) % TAGS.length] ?? ''),
    preferences: `{"seen": ${index % 77}, "language": "${LANGUAGES[index % LANGUAGES.length]}", "channels": {"mail": ${index % 2 === 0}, "phone": false}, "greeting": "Dear \\"M\\""}`,
    notes: `${NOTE} ${index % 1000}`,
    created_at: isoMicros(START + (index % 86_400) * 1000, index % 1000),
    updated_at: isoMicros(START + 90_000_000 + index, (index * 7) % 1000),
  }
}

/** Record `index`, from 0. Only the source block's shape matters, so its times are made up. */
export function benchRecord(index: number): BenchRecord {
  const row = benchRow(index)
  const position = 100_000_000 + index * 120
  const lsn = position + 64
  const millis = START + 100_000_000 + index
  const value = {
    before: null,
    after: row,
    source: {
      version: '3.7.0.Final',
      connector: 'postgresql',
      name: 'mogo',
      ts_ms: millis,
      snapshot: 'false',
      db: 'bench',
      sequence: `["${position}","${lsn}"]`,
      ts_us: millis * 1000,
      ts_ns: millis * 1_000_000,
      schema: 'public',
      table: 'bench',
      txId: 1000 + index,
      lsn,
      xmin: null,
      origin: null,
      origin_lsn: null,
    },
    transaction: null,
    op: 'c',
    ts_ms: millis + 20,
    ts_us: (millis + 20) * 1000,
    ts_ns: (millis + 20) * 1_000_000,
  }
  return {
    key: JSON.stringify({ tenant_id: row.tenant_id, id: row.id }),
    value: JSON.stringify(value),
    row,
    position,
    lsn,
  }
}
