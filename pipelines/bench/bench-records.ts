/** Synthetic Debezium envelopes of about 1.1 kB, the same in every run: what the connector of this project writes. */

const STATUSES = ['new', 'active', 'dormant', 'closed']
const NOTE = 'Prefers to be called in the morning; asked twice about delivery to another address. '
const START_MICROS = 1_760_000_000_000_000

/** Key and value of record `index`. Only the source block's shape matters, so its times are made up. */
export function benchRecord(index: number): { readonly key: string; readonly value: string } {
  const tenant = `tenant-${index % 20}`
  const id = index + 1
  const micros = START_MICROS + index * 1000
  const millis = Math.floor(micros / 1000)
  const lsn = 100_000_000 + index * 120
  const key = { tenant_id: tenant, id }
  const value = {
    before: null,
    after: {
      ...key,
      full_name: `Person Number ${index}`,
      email: `person.${index}@mail-${index % 50}.example`,
      phone: `+49 30 ${String(index % 10_000_000).padStart(7, '0')}`,
      status: STATUSES[index % STATUSES.length],
      balance: `${(index % 20_000) - 500}.${String(index % 100).padStart(2, '0')}`,
      score: (index % 1000) / 7,
      visits: index % 300,
      notes: NOTE.repeat(2 + (index % 5)),
      born: `19${String(40 + (index % 60)).padStart(2, '0')}-06-${String(1 + (index % 28)).padStart(2, '0')}Z`,
      updated_at: `${new Date(millis).toISOString().slice(0, 19)}.${String(micros % 1_000_000).padStart(6, '0')}Z`,
    },
    source: {
      version: '3.7.0.Final',
      connector: 'postgresql',
      name: 'mogo',
      ts_ms: millis,
      snapshot: 'false',
      db: 'bench',
      sequence: `["${lsn - 64}","${lsn}"]`,
      ts_us: micros,
      ts_ns: micros * 1000,
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
    ts_us: micros + 20_000,
    ts_ns: (micros + 20_000) * 1000,
  }
  return { key: JSON.stringify(key), value: JSON.stringify(value) }
}
