/** How the compiler says a fault: the function that each part of it is given. */

/**
 * Reports one fault at a path of the document. A path is relative to the schema object at hand; one that begins with `^` is
 * relative to the document.
 */
export type Report = (
  path: readonly (string | number)[],
  code: string,
  message: string,
  severity?: 'error' | 'warning',
) => void
