import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { jsonRow } from '#tests/support/json-row.ts'
import { createTransform } from '#transforms/compose.ts'
import { createKeyRing } from '#transforms/crypto/key-ring.ts'
import { createHmacTokenizer, openSivToken } from '#transforms/crypto/tokens.ts'
import type { Outcome, StoredRow } from '#transforms/record.ts'
import { insertColumns } from '#transforms/to-row.ts'
import { versionOf } from '#transforms/version.ts'
import { ALL_ROWS, datasetOf, KEY, personal } from '../contracts/contract-text.ts'
import { type EnvelopeParts, envelope, MASTER, rawRecord } from './records.ts'

const UNCHANGED = 'placeholder-of-tests'
const ring = createKeyRing(MASTER)
const deps = { keyRing: ring, unavailableValue: UNCHANGED, epoch: 3 }
const COLUMNS = [
  personal('email', '{method: hmac, domain: email, normalize: email}', ', required: true'),
  personal('name', '{method: siv, domain: person_name, normalize: trim}'),
  personal('phone', '{method: hmac, domain: phone, normalize: phone}'),
  personal('iban', '{method: mask}'),
  personal('born', '{method: redact}'),
  personal('street', '{method: drop}'),
  '{name: total, physicalType: "numeric(12,2)", logicalTypeOptions: {minimum: 0}}',
  '{name: note, physicalType: text}',
]
const inKey = datasetOf({ properties: [...KEY, ...COLUMNS] })
const beside = datasetOf({
  properties: [
    '{name: id, physicalType: uuid, primaryKey: true}',
    '{name: tenant_id, physicalType: text, required: true}',
    '{name: note, physicalType: text}',
  ],
})
const person = {
  tenant_id: 'acme',
  id: 7,
  email: 'Ada@Example.org',
  name: 'Ada Lovelace',
  phone: '+44 20 7946 0000',
  iban: 'GB33BUKB20201555555555',
  born: '1815-12-10',
  street: '12 St James Square',
  total: '12.50',
  note: 'ok',
}

const oddly = datasetOf({
  properties: [
    KEY[0] ?? '',
    '{name: opens, physicalType: time, primaryKey: true, primaryKeyPosition: 2}',
    '{name: big, physicalType: bigint, primaryKey: true, primaryKeyPosition: 3}',
    '{name: until, physicalType: date, required: true, customProperties: [{property: outOfRange, value: clamp}]}',
    '{name: body, physicalType: text}',
  ],
})
const run = (dataset: CompiledDataset, parts: EnvelopeParts, headers: Record<string, Buffer> = {}): Outcome =>
  createTransform(dataset, deps)(rawRecord(envelope(parts), { headers }))
const rowsOf = (outcome: Outcome): readonly StoredRow[] => {
  if (outcome.kind !== 'rows')
    throw new Error(JSON.stringify(outcome, (key, value) => (key === 'dataset' ? 0 : value)))
  return outcome.rows
}
/** A row as an object: its cells by column. */
const cellsOf = (dataset: CompiledDataset, row: StoredRow | undefined): Record<string, unknown> => {
  if (!row) throw new Error('no row')
  const cells = JSON.parse(jsonRow(row)) as unknown[]
  return Object.fromEntries(insertColumns(dataset).map((name, index) => [name, cells[index]]))
}
const faultsOf = (outcome: Outcome): readonly string[] => {
  if (outcome.kind !== 'quarantine') throw new Error(`not quarantined: ${outcome.kind}`)
  return outcome.faults.map((fault) => `${fault.code} ${fault.column}`.trim())
}
const VERSION = versionOf(3, 4711n, 7n)

describe('an insert', () => {
  test.each(['c', 'r'])('(%s) is a row: converted, protected, with version and commit time', (op) => {
    const rows = rowsOf(run(inKey, { op, after: person }))
    expect(rows).toHaveLength(1)
    const cells = cellsOf(inKey, rows[0])
    expect(cells).toEqual({
      tenant_id: 'acme',
      id: '7',
      email_token: createHmacTokenizer(ring, 'email')('acme', 'ada@example.org'),
      name_token: expect.stringMatching(/^s1_/),
      phone_token: createHmacTokenizer(ring, 'phone')('acme', '+442079460000'),
      iban: 'xx99xxxx99999999999999',
      born: '[redacted]',
      total: '12.50',
      note: 'ok',
      _version: op === 'r' ? versionOf(3, 0n, 7n) : VERSION,
      _deleted: 0,
      _committed_at: '2026-01-01 00:00:00.123',
    })
    expect(openSivToken(ring, 'person_name', 'acme', String(cells['name_token']))).toBe('Ada Lovelace')
    expect(rows[0]).toMatchObject({
      version: op === 'r' ? versionOf(3, 0n, 7n) : VERSION,
      deleted: false,
      unresolved: [],
      committedAt: 1_767_225_600_123,
    })
    expect(rows[0]?.previousKey).toBe(rows[0]?.key)
  })

  test('keeps NULL, the empty text and 0 apart, in protected columns too', () => {
    const cells = (value: unknown) =>
      cellsOf(inKey, rowsOf(run(inKey, { after: { ...person, name: value, note: value, born: value } }))[0])
    expect(cells(null)).toMatchObject({ name_token: null, note: null, born: null })
    expect(cells('')).toMatchObject({
      name_token: expect.stringMatching(/^s1_/),
      note: '',
      born: '[redacted]',
    })
    expect(cells('0')).toMatchObject({ note: '0' })
  })

  test('of a dataset with a constant tenant has it in a column of its own', () => {
    const dataset = datasetOf({ tenant: '{value: main}', roles: [ALL_ROWS], properties: [KEY[1] ?? ''] })
    expect(cellsOf(dataset, rowsOf(run(dataset, { after: { id: 1 } }))[0])).toMatchObject({
      id: '1',
      _tenant: 'main',
    })
  })

  test('has one cell per insert column', () => {
    for (const dataset of [inKey, beside]) {
      const after = { ...person, id: dataset === inKey ? 7 : '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d' }
      expect(rowsOf(run(dataset, { after }))[0]?.cells).toHaveLength(insertColumns(dataset).length)
    }
  })
})

describe('a delete', () => {
  test('is a tombstone of tenant and key, whatever the other columns are said to be', () => {
    const before = {
      ...Object.fromEntries(Object.keys(person).map((name) => [name, ''])),
      tenant_id: 'acme',
      id: 7,
    }
    const rows = rowsOf(run(inKey, { op: 'd', before }))
    expect(cellsOf(inKey, rows[0])).toMatchObject({
      tenant_id: 'acme',
      id: '7',
      email_token: null,
      total: null,
      _deleted: 1,
    })
    expect(rows[0]?.deleted).toBe(true)
    expect(rows[0]?.key).toBe(rowsOf(run(inKey, { after: person }))[0]?.key)
  })

  test('whose tenant is not said is quarantined: it would stay visible', () => {
    expect(
      faultsOf(
        run(beside, { op: 'd', before: { id: '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d', tenant_id: '' } }),
      ),
    ).toEqual(['tenant_missing tenant_id'])
  })

  test.each([[{}], [{ id: null }]])(
    'without its key (%j) is quarantined: NULL would be another row',
    (before) => {
      expect(faultsOf(run(inKey, { op: 'd', before: { tenant_id: 'acme', ...before } }))).toEqual([
        'key_missing id',
      ])
    },
  )

  test('needs no contract: a row that has become wrong can be deleted', () => {
    expect(rowsOf(run(inKey, { op: 'd', before: { ...person, total: '-1', email: null } }))).toHaveLength(1)
  })
})

describe('an update', () => {
  test('is a row', () => {
    const rows = rowsOf(run(inKey, { op: 'u', after: { ...person, note: 'new' } }))
    expect(rows.map((row) => row.deleted)).toEqual([false])
    expect(cellsOf(inKey, rows[0])['note']).toBe('new')
  })

  test('that moves a row to another tenant leaves a tombstone at the old one, first', () => {
    const id = '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d'
    const rows = rowsOf(
      run(beside, {
        op: 'u',
        before: { id, tenant_id: 'acme' },
        after: { id, tenant_id: 'globex', note: 'x' },
      }),
    )
    expect(rows.map((row) => [row.deleted, cellsOf(beside, row)['tenant_id']])).toEqual([
      [true, 'acme'],
      [false, 'globex'],
    ])
    expect(new Set(rows.map((row) => row.version)).size).toBe(1)
  })

  test('of which the old row is not told is quarantined where the tenant is not in the key: it may have been another one’s', () => {
    const id = '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d'
    const after = { id, tenant_id: 'globex', note: 'x' }
    expect(faultsOf(run(beside, { op: 'u', before: null, after }))).toEqual(['former_row_missing tenant_id'])
    expect(rowsOf(run(beside, { op: 'c', before: null, after }))).toHaveLength(1)
    expect(rowsOf(run(beside, { op: 'r', before: null, after }))).toHaveLength(1)
    expect(rowsOf(run(inKey, { op: 'u', before: null, after: person }))).toHaveLength(1)
  })

  test('within its tenant leaves none', () => {
    const id = '6f1c6a1e-0f0f-4b43-9d6c-2f5d3a9b8c7d'
    const row = { id, tenant_id: 'acme', note: 'x' }
    expect(rowsOf(run(beside, { op: 'u', before: row, after: { ...row, note: 'y' } }))).toHaveLength(1)
  })

  test('takes values that did not change from the old image, where there is one', () => {
    const after = { ...person, note: UNCHANGED, name: UNCHANGED }
    const [row] = rowsOf(run(inKey, { op: 'u', before: person, after }))
    expect(row?.unresolved).toEqual([])
    expect(cellsOf(inKey, row)).toMatchObject({ note: 'ok' })
    expect(row?.cells).toEqual(rowsOf(run(inKey, { after: person }))[0]?.cells)
  })

  test('leaves values that did not change open, where nobody says them', () => {
    const [row] = rowsOf(
      run(inKey, { op: 'u', after: { ...person, note: UNCHANGED, name: UNCHANGED, street: UNCHANGED } }),
    )
    const names = insertColumns(inKey)
    expect(row?.unresolved.map((index) => names[index])).toEqual(['name_token', 'note'])
    expect(row?.unresolved.map((index) => row.cells[index])).toEqual(['', ''])
  })

  test('whose key did not come is quarantined', () => {
    expect(faultsOf(run(inKey, { op: 'u', after: { ...person, id: UNCHANGED } }))).toEqual([
      'key_unchanged id',
    ])
  })

  test('of the key knows the old one, from the header of Debezium', () => {
    const old = rowsOf(run(inKey, { after: person }))[0]?.key
    for (const key of [
      { tenant_id: 'acme', id: 7 },
      { schema: {}, payload: { tenant_id: 'acme', id: 7 } },
    ]) {
      const headers = { '__debezium.oldkey': Buffer.from(JSON.stringify(key)) }
      const [row] = rowsOf(run(inKey, { after: { ...person, id: 8, note: UNCHANGED } }, headers))
      expect(row?.previousKey).toBe(old)
      expect(row?.key).not.toBe(old)
    }
    for (const broken of ['{', '1', 'null', '']) {
      const [row] = rowsOf(run(inKey, { after: person }, { '__debezium.oldkey': Buffer.from(broken) }))
      expect(row?.previousKey).toBe(row?.key)
    }
  })
})

describe('what else a record may become', () => {
  test('a truncate, with the version below which rows go', () => {
    expect(run(inKey, { op: 't' })).toEqual({ kind: 'truncate', dataset: inKey, version: VERSION })
  })

  test('filtered, if it is a tombstone', () => {
    expect(createTransform(inKey, deps)(rawRecord(null))).toEqual({ kind: 'filtered', reason: 'tombstone' })
  })

  const broken: readonly (readonly [string, object, readonly string[]])[] = [
    ['a required value is missing', { email: null }, ['required email']],
    ['a column is missing', { email: undefined }, ['required email']],
    ['a rule is broken', { total: '-0.01' }, ['minimum total']],
    ['a value cannot be stored', { total: 'NAN' }, ['not_finite total']],
    ['a value would be cut', { total: '1.005' }, ['out_of_range total']],
    ['the tenant is empty', { tenant_id: '' }, ['tenant_missing tenant_id']],
  ]
  test.each(broken)('quarantined, if %s', (_why, change, faults) => {
    expect(faultsOf(run(inKey, { after: { ...person, ...change } }))).toEqual(faults)
  })

  test('quarantined, if it cannot be read', () => {
    expect(faultsOf(createTransform(inKey, deps)(rawRecord('x')))).toEqual(['not_json'])
  })
})

describe('no record', () => {
  const transform = createTransform(inKey, deps)

  test('makes it throw; each has exactly one outcome', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constant(UNCHANGED), fc.constant({ toString: 1 }))
    const image = fc.option(
      fc.dictionary(fc.constantFrom(...Object.keys(person), 'other', '__proto__', 'constructor'), value),
    )
    fc.assert(
      fc.property(fc.constantFrom('c', 'r', 'u', 'd', 't', 'm', 'x'), image, image, (op, before, after) => {
        const outcome = transform(rawRecord(envelope({ op, before, after })))
        expect(outcome.kind).toMatch(/^(rows|truncate|quarantine|filtered)$/)
        if (outcome.kind === 'rows')
          for (const row of outcome.rows)
            for (const [index, cell] of row.cells.entries())
              if (!row.unresolved.includes(index)) JSON.parse(cell)
      }),
      { numRuns: 1_000 },
    )
  })

  test('lets a personal value through, whatever it is, in rows or in faults', () => {
    const word = fc.stringMatching(/^[A-Z][a-z]{4,12}$/)
    const someone = fc.record({
      name: fc.tuple(word, word).map((parts) => parts.join(' ')),
      email: fc.tuple(word, word).map(([local, host]) => `${local}@${host}.org`),
      phone: fc.stringMatching(/^\+\d{10,14}$/),
      iban: fc.stringMatching(/^[A-Z]{2}\d{18}$/),
      born: fc.stringMatching(/^19\d{2}-0[1-9]-1\d$/),
      street: fc.tuple(word, fc.nat(999)).map((parts) => parts.join(' ')),
    })
    const total = fc.constantFrom('1.00', '-1', 'NAN', '1.005')
    fc.assert(
      fc.property(someone, someone, fc.constantFrom('c', 'u', 'd'), total, (one, other, op, amount) => {
        const before = { tenant_id: 'acme', id: 1, total: amount, note: null, ...other }
        const outcome = transform(
          rawRecord(envelope({ op, before, after: { ...before, tenant_id: 'globex', ...one } })),
        )
        const written = JSON.stringify(outcome, (key, value) =>
          key === 'dataset' ? undefined : value,
        ).toLowerCase()
        for (const value of [...Object.values(one), ...Object.values(other)])
          expect(written).not.toContain(value.toLowerCase())
        for (const { name, email } of [one, other])
          for (const part of [...name.split(' '), ...email.split(/[@.]/).slice(0, 2)])
            expect(written).not.toContain(`"${part.toLowerCase()}`)
      }),
      { numRuns: 500 },
    )
  })
})

test('a line of JSONCompactEachRow ends with its line break', () => {
  const [row] = rowsOf(run(inKey, { after: person }))
  if (!row) throw new Error('no row')
  expect(jsonRow(row).endsWith(']\n')).toBe(true)
  expect(jsonRow(row).trimEnd()).not.toContain('\n')
})

describe('values that do not come as they are stored', () => {
  const image = { tenant_id: 'acme', opens: '09:00:00Z', big: 1, until: '2016-11-04Z', body: 'x' }

  test('are texts in every step, in the key too', () => {
    const [row] = rowsOf(run(oddly, { after: image }))
    expect(cellsOf(oddly, row)).toMatchObject({
      opens: '09:00:00',
      until: '2016-11-04',
      until_clamped: false,
    })
    const [gone] = rowsOf(run(oddly, { op: 'd', before: image }))
    expect(gone?.key).toBe(row?.key)
  })

  test('are quarantined if they are none, with what is known of the row', () => {
    const outcome = run(oddly, { after: { ...image, opens: 9 } })
    expect(outcome).toMatchObject({ kind: 'quarantine', faults: [{ code: 'type', column: 'opens' }] })
  })

  test('tell where one was clamped', () => {
    const [row] = rowsOf(run(oddly, { after: { ...image, until: '+5877611-06-21Z' } }))
    expect(cellsOf(oddly, row)).toMatchObject({ until: '2299-12-31', until_clamped: true })
  })

  test('are found under their old key, of which no digit is lost', () => {
    const old = { tenant_id: 'acme', opens: '08:00:00Z', big: 2 }
    const header = Buffer.from(JSON.stringify(old).replace('"big":2', '"big":9007199254740993'))
    const [row] = rowsOf(
      run(oddly, { op: 'c', after: { ...image, body: UNCHANGED } }, { '__debezium.oldkey': header }),
    )
    expect(row?.previousKey).toBe('"acme","08:00:00","9007199254740993"')
  })
})

test('a column may be named __proto__', () => {
  const dataset = datasetOf({
    properties: [...KEY, '{name: proto, physicalName: __proto__, physicalType: text}'],
  })
  const parts = (name: string) => `{"tenant_id":"acme","id":1,"__proto__":"${name}"}`
  const body = JSON.stringify(envelope({ op: 'u' }))
    .replace('"before":null', `"before":${parts('old')}`)
    .replace('"after":null', `"after":${parts(UNCHANGED)}`)
  const rows = rowsOf(createTransform(dataset, deps)(rawRecord(body)))
  expect(cellsOf(dataset, rows[0])).toMatchObject({ proto: 'old' })
})
