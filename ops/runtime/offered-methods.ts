/**
 * Which methods a server offers at a path, for answers that say so (405 with `Allow`, RFC 9110, 15.5.6). The router itself only tells
 * whether a method and a path together lead somewhere.
 */

/** Makes the book. */
export function createOfferedMethods() {
  const routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []
  return {
    /** A route, as it is registered: `/things/:id`, `/files/*`. Routes that take every path say nothing of any. */
    add(url: string, methods: readonly string[]): void {
      if (url !== '*' && url !== '/*') routes.push({ pattern: patternOf(url), methods })
    },
    /** Methods at a path, sorted; none if nothing is there. */
    at(path: string): readonly string[] {
      const found = routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods)
      return [...new Set(found)].sort()
    },
  }
}

function patternOf(url: string): RegExp {
  const parts = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')))
  return new RegExp(`^${parts.join('/').replaceAll('*', '.*')}$`)
}
