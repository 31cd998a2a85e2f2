/** How the comparisons of parts say what they find: a function that already knows which part it is about. */
import type { DocumentPath } from '../fault.ts'
import type { CustomProperty } from '../model/contract.ts'
import type { Difference } from './change.ts'
import type { DiffCode } from './grades.ts'

/** Where a part is in the two documents. */
export type Spot = Pick<Difference, 'dataset' | 'column' | 'olderPath' | 'newerPath' | 'anchor'>

/** Says a difference; `inside` leads from the part to what differs in it, `olderInside` in the older document if that is another way. */
export type Report = (
  code: DiffCode,
  message: string,
  inside?: DocumentPath,
  olderInside?: DocumentPath,
) => void

/** The spot of something that both documents have. */
export function spotOf(
  dataset: string | null,
  column: string | null,
  olderPath: DocumentPath,
  newerPath: DocumentPath,
): Spot {
  return { dataset, column, olderPath, newerPath, anchor: newerPath }
}

/** A report of one spot, which adds to a list. */
export function reportTo(list: Difference[], spot: Spot): Report {
  return (code, message, inside = [], olderInside = inside) => {
    list.push({
      code,
      dataset: spot.dataset,
      column: spot.column,
      olderPath: spot.olderPath && [...spot.olderPath, ...olderInside],
      newerPath: spot.newerPath && [...spot.newerPath, ...inside],
      anchor: spot.newerPath ? [...spot.anchor, ...inside] : spot.anchor,
      message,
    })
  }
}

/** Where a custom property is inside of what holds it: the list of them, if it is not there. */
export function customPath(
  holder: { readonly customProperties: readonly CustomProperty[] },
  name: string,
): DocumentPath {
  const index = holder.customProperties.findIndex(({ property }) => property === name)
  return index < 0 ? ['customProperties'] : ['customProperties', index, 'value']
}
