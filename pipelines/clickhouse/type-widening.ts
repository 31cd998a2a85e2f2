/**
 * May a column of a ClickHouse type be given another without a value changing? Only where the other type holds every value of the first one and
 * shows it as the same: a whole number in more bits, more digits before the point, NULL where there was none before. Pure.
 */

/** True if every value of `from` is a value of `to`; false for one and the same type, for which there is nothing to do. */
export function isWidening(from: string, to: string): boolean {
  return spaced(from) !== spaced(to) && holds(from, to)
}

function holds(from: string, to: string): boolean {
  const [narrow, wide] = [bare(from), bare(to)]
  if (narrow.nullable && !wide.nullable) return false
  if (narrow.type === wide.type) return true
  const [narrowItem, wideItem] = [item(narrow.type), item(wide.type)]
  if (narrowItem !== undefined && wideItem !== undefined) return holds(narrowItem, wideItem)
  return holdsNumber(narrow.type, wide.type) || (narrow.type === 'Date' && wide.type === 'Date32')
}

const WHOLE = /^(U?)Int(8|16|32|64|128|256)$/
const FLOAT = /^Float(32|64)$/
const DECIMAL = /^Decimal\((\d+), (\d+)\)$/

function holdsNumber(from: string, to: string): boolean {
  const [whole, wider] = [WHOLE.exec(from), WHOLE.exec(to)]
  if (whole && wider) {
    const moreBits = Number(wider[2]) > Number(whole[2])
    return moreBits && (whole[1] === wider[1] || wider[1] === '')
  }
  const [float, double] = [FLOAT.exec(from), FLOAT.exec(to)]
  if (float && double) return Number(double[1]) > Number(float[1])
  const [decimal, longer] = [DECIMAL.exec(from), DECIMAL.exec(to)]
  // Another scale is another text of the same number.
  return (
    decimal !== null && longer !== null && decimal[2] === longer[2] && Number(longer[1]) >= Number(decimal[1])
  )
}

/** Without LowCardinality, which is a way to store values and no other type, and without Nullable. */
function bare(type: string): { readonly type: string; readonly nullable: boolean } {
  const written = spaced(type)
  const stored = /^LowCardinality\((.*)\)$/.exec(written)?.[1] ?? written
  const inner = /^Nullable\((.*)\)$/.exec(stored)?.[1]
  return inner === undefined ? { type: stored, nullable: false } : { type: inner, nullable: true }
}

function item(type: string): string | undefined {
  return /^Array\((.*)\)$/.exec(type)?.[1]
}

/** One way to write blanks. */
function spaced(type: string): string {
  return type.trim().replaceAll(/\s*,\s*/g, ', ')
}
