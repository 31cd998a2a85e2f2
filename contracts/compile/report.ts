/** How the compiler says a fault: the function that each part of it is given. */
import type { Severity } from '../fault.ts'

/**
 * Reports one fault at a path of the document. A path is relative to the schema object at hand; one that begins with `^` is
 * relative to the document. The severity `readiness` is of what only the pipeline needs: an error of a governed object, else a warning.
 * `suggestion` is what was probably meant.
 */
export type Report = (
  path: readonly (string | number)[],
  code: string,
  message: string,
  severity?: Severity | 'readiness',
  suggestion?: string,
) => void
