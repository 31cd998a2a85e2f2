/**
 * Geometric values as Debezium sends them -> Postgres' text. Coordinates come as well-known binary (little-endian doubles), which is exact;
 * `point` inside of a circle too. Undefined for what is no such value.
 *
 * Debezium closes the ring of a polygon by repeating its first point, if the last is another: a ring that was closed in that way already
 * comes the same, and is written without it.
 */

import { floatText } from './float-text.ts'
import type { RawValue } from './record.ts'

/** Shapes with a text of their own. */
export type Shape = 'point' | 'line' | 'lseg' | 'box' | 'path' | 'polygon' | 'circle'

type Fields = { readonly [name: string]: RawValue }

const POINT = 1
const LINE_STRING = 2
const POLYGON = 3
const POINT_BYTES = 16
/** Corners of a box, and the first of them again. */
const BOX_POINTS = 5

/** The text of a value. */
export function geometryText(shape: Shape, value: RawValue): string | undefined {
  if (!isFields(value)) return undefined
  switch (shape) {
    case 'point':
      return pointsOf(value, POINT)?.[0]
    case 'lseg': {
      const points = pointsOf(value, LINE_STRING)
      return points?.length === 2 ? `[${points.join(',')}]` : undefined
    }
    case 'path': {
      const points = pointsOf(value, LINE_STRING)
      const closed = isFields(value['extensions']) ? value['extensions']['closed'] : undefined
      if (!points || (closed !== 'true' && closed !== 'false')) return undefined
      return closed === 'true' ? `(${points.join(',')})` : `[${points.join(',')}]`
    }
    case 'box': {
      const points = pointsOf(value, POLYGON)
      return points?.length === BOX_POINTS ? `${points[0]},${points[2]}` : undefined
    }
    case 'polygon': {
      const points = pointsOf(value, POLYGON)
      if (!points) return undefined
      const isClosed = points.length > 1 && points[0] === points.at(-1)
      return `(${(isClosed ? points.slice(0, -1) : points).join(',')})`
    }
    case 'line': {
      const [a, b, c] = [number(value['a']), number(value['b']), number(value['c'])]
      return a === undefined || b === undefined || c === undefined ? undefined : `{${a},${b},${c}}`
    }
    case 'circle': {
      const center = isFields(value['center']) ? pointsOf(value['center'], POINT)?.[0] : undefined
      const radius = number(value['radius'])
      return center === undefined || radius === undefined ? undefined : `<${center},${radius}>`
    }
  }
}

function isFields(value: RawValue | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** JSON has no NaN and no infinities: they come as text. */
function number(value: RawValue | undefined): string | undefined {
  if (typeof value === 'number') return floatText(value)
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? value : undefined
}

/** The points of a geometry of this kind, each as `(x,y)`; of a polygon, those of its one ring. */
function pointsOf(value: Fields, kind: number): readonly string[] | undefined {
  const wkb = value['wkb']
  if (typeof wkb !== 'string') return undefined
  const bytes = Buffer.from(wkb, 'base64')
  if (bytes.length < 5 || bytes[0] !== 1 || bytes.readUInt32LE(1) !== kind) return undefined
  let at = 5
  const count = (): number => {
    const read = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : -1
    at += 4
    return read
  }
  if (kind === POLYGON && count() !== 1) return undefined
  const length = kind === POINT ? 1 : count()
  if (length < 1 || bytes.length !== at + length * POINT_BYTES) return undefined
  const points: string[] = []
  for (; at < bytes.length; at += POINT_BYTES)
    points.push(`(${floatText(bytes.readDoubleLE(at))},${floatText(bytes.readDoubleLE(at + 8))})`)
  return points
}
