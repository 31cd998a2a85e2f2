/** The reader of a row image whose columns come in one certain order. */
import { isUtf8 } from 'node:buffer'
import type { CompiledColumn, CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import { wireFormOf } from '#contracts/compile/wire-form.ts'
import { MOST_COLUMNS } from '../limits.ts'
import { HASH_START, hashBytes } from '../rowbinary/hash-bytes.ts'
import type { RowWriter } from '../rowbinary/row-writer.ts'
import { isKeyColumn } from '../to-row.ts'
import { type CellReader, MOST_SHORT_BYTES } from './cell-reader.ts'
import { columnReader, type ReaderDeps } from './column-reader.ts'
import { readTenant } from './read-tenant.ts'
import { afterValue, BAIL, CLOSE_BRACE, COLON, COMMA, endOfText, QUOTE } from './scan.ts'
import { Literal, viewOf } from './words.ts'

/** A column as it comes: its name, and the name with its quotes as it is written. */
export type ImageColumn = { readonly name: string; readonly written: Uint8Array }

/** Columns of a row image in their order; undefined if it is not usual. `from` is behind the opening brace. */
export function readImageColumns(
  bytes: Buffer,
  from: number,
  end: number,
): readonly ImageColumn[] | undefined {
  const columns: ImageColumn[] = []
  for (let at = from; columns.length < MOST_COLUMNS; at++) {
    if (bytes[at] !== QUOTE) return undefined
    const closing = endOfText(bytes, at + 1, end)
    if (closing < 0 || bytes[closing + 1] !== COLON) return undefined
    const written = Buffer.from(bytes.subarray(at, closing + 1))
    const name = nameOf(written)
    if (name === undefined) return undefined
    columns.push({ name, written })
    at = afterValue(bytes, closing + 2, end)
    if (bytes[at] === CLOSE_BRACE)
      return new Set(columns.map((column) => column.name)).size === columns.length ? columns : undefined
    if (bytes[at] !== COMMA) return undefined
  }
  return undefined
}

function nameOf(written: Buffer): string | undefined {
  try {
    return isUtf8(written) ? String(JSON.parse(written.toString('utf8'))) : undefined
  } catch {
    return undefined
  }
}

/** Reads one column: where it stands in the image (-1: nowhere), and how. */
type Step = { readonly place: number; readonly isKey: boolean; readonly read: CellReader }

/** A column that the source does not have (yet). */
const writeAbsent: CellReader = (_bytes, at, _end, writer) => {
  writer.bytes[writer.at++] = 1
  return at
}

const skipValue: CellReader = (bytes, at, end) => afterValue(bytes, at, end)

/** Makes the reader for columns in this order; null where the contract needs what does not come. */
export function createRowReader(image: readonly ImageColumn[], deps: ReaderDeps): RowReader | null {
  const { dataset } = deps
  const places = new Map(image.map(({ name }, index) => [name, index]))
  const { tenant } = dataset
  // The plain path alone makes a tenant of another form Postgres' text.
  if (dataset.columns.some((column) => isOddTenant(dataset, column))) return null
  const tenantPlace = tenant.kind === 'column' ? places.get(tenant.source) : -1
  if (tenantPlace === undefined) return null
  const steps: Step[] = []
  for (const column of dataset.columns) {
    const place = places.get(column.source) ?? -1
    if (place < 0 && column.target === null) continue
    if (place < 0 && !mayBeAbsent(column)) return null
    const isKey = column.target !== null && isKeyColumn(dataset, column)
    const read = place < 0 ? writeAbsent : columnReader(column, deps, isKey)
    steps.push({ place, isKey, read })
  }
  const known = new Map(dataset.columns.map((column) => [column.source, column]))
  // Tokens need the tenant: what stands before it must not be one.
  const knowsTenant = image.slice(0, tenantPlace + 1).every(({ name }) => !known.get(name)?.pii)
  const names = image.map(
    ({ written }, index) =>
      new Literal(Buffer.concat([Buffer.from(index === 0 ? '' : ','), written, Buffer.from(':')])),
  )
  const parts = { names, tenantPlace, deps }
  if (!knowsTenant || !isRising(steps)) return new RowReader({ ...parts, steps, inOneGo: false })
  return new RowReader({ ...parts, steps: withSkips(steps, image.length), inOneGo: true })
}

function isOddTenant({ tenant }: CompiledDataset, column: CompiledColumn): boolean {
  return tenant.kind === 'column' && tenant.source === column.source && wireFormOf(column) !== 'plain'
}

/** NULL is what an absent column has; where NULL has a token of its own the plain path makes it. */
function mayBeAbsent({ nullable, targetType, pii }: CompiledColumn): boolean {
  const hasToken = pii !== null && 'onNull' in pii && pii.onNull === 'token'
  return nullable && targetType.includes('Nullable(') && !hasToken
}

function isRising(steps: readonly Step[]): boolean {
  let last = -1
  for (const { place } of steps) {
    if (place >= 0 && place <= last) return false
    last = Math.max(last, place)
  }
  return true
}

/** Steps over columns that the contract does not know, so that there is one for every place of the image. */
function withSkips(steps: readonly Step[], count: number): readonly Step[] {
  const made: Step[] = []
  let next = 0
  const skipUpTo = (place: number): void => {
    for (; next < place; next++) made.push({ place: next, isKey: false, read: skipValue })
  }
  for (const step of steps) {
    if (step.place >= 0) {
      skipUpTo(step.place)
      next = step.place + 1
    }
    made.push(step)
  }
  skipUpTo(count)
  return made
}

type ReaderParts = {
  /** What stands before each value: comma, name, colon. */
  readonly names: readonly Literal[]
  readonly steps: readonly Step[]
  /** Where the tenant stands; -1 if it is a constant. */
  readonly tenantPlace: number
  /** True if every value is read where it stands. Else the values are found first, and then read in the order of the table. */
  readonly inOneGo: boolean
  readonly deps: ReaderDeps
}

/** See above. */
export class RowReader {
  /** True if the last row was refused because other columns came, or in another order. */
  isOtherwise = false
  /** Of the bytes of tenant and key. */
  keyHash = 0
  readonly #parts: ReaderParts
  readonly #starts: Int32Array

  constructor(parts: ReaderParts) {
    this.#parts = parts
    this.#starts = new Int32Array(parts.names.length)
  }

  /** Reads the image, `from` being behind its opening brace; returns the position behind its closing one, or BAIL. */
  read(bytes: Buffer, from: number, end: number, writer: RowWriter): number {
    this.isOtherwise = false
    this.keyHash = HASH_START
    return this.#parts.inOneGo
      ? this.#readInOneGo(bytes, from, end, writer)
      : this.#readByPlaces(bytes, from, end, writer)
  }

  #readInOneGo(bytes: Buffer, from: number, end: number, writer: RowWriter): number {
    const { steps, names, tenantPlace, deps } = this.#parts
    const view = viewOf(bytes)
    let at = from
    for (let index = 0; index < steps.length; index++) {
      const step = steps[index] as Step
      const { place } = step
      if (place >= 0) {
        at = (names[place] as Literal).after(bytes, view, at)
        if (at < 0) return this.#otherwise()
        if (place === tenantPlace && !readTenant(bytes, at, end, deps.tenant)) return BAIL
      }
      at = this.#readCell(step, bytes, at, end, writer)
      if (at < 0) return BAIL
    }
    return bytes[at] === CLOSE_BRACE ? at + 1 : this.#otherwise()
  }

  #readByPlaces(bytes: Buffer, from: number, end: number, writer: RowWriter): number {
    const { steps, names, tenantPlace, deps } = this.#parts
    const starts = this.#starts
    const view = viewOf(bytes)
    let at = from
    for (let index = 0; index < names.length; index++) {
      at = (names[index] as Literal).after(bytes, view, at)
      if (at < 0) return this.#otherwise()
      starts[index] = at
      at = afterValue(bytes, at, end)
      if (at < 0) return BAIL
    }
    if (bytes[at] !== CLOSE_BRACE) return this.#otherwise()
    if (tenantPlace >= 0 && !readTenant(bytes, starts[tenantPlace] as number, end, deps.tenant)) return BAIL
    for (let index = 0; index < steps.length; index++) {
      const step = steps[index] as Step
      const start = step.place < 0 ? at : (starts[step.place] as number)
      if (this.#readCell(step, bytes, start, end, writer) < 0) return BAIL
    }
    return at + 1
  }

  #readCell(step: Step, bytes: Buffer, from: number, end: number, writer: RowWriter): number {
    writer.reserve(MOST_SHORT_BYTES)
    const cellStart = writer.at
    const at = step.read(bytes, from, end, writer, this.#parts.deps)
    // A value ends where another begins, or the image.
    if (step.place >= 0 && bytes[at] !== COMMA && bytes[at] !== CLOSE_BRACE) return BAIL
    if (step.isKey) this.keyHash = hashBytes(this.keyHash, writer.bytes, cellStart, writer.at)
    return at
  }

  #otherwise(): number {
    this.isOtherwise = true
    return BAIL
  }
}
