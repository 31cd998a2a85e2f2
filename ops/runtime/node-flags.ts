/**
 * Flags of Node.js for the worker and the query API: young objects get their room (MiB a half) from the start, and no more. V8 gives more in a burst or
 * for a long answer and does not take it back afterwards: memory that grows with the first burst looks like a leak.
 */
export const YOUNG_SPACE_FLAGS = ['--min-semi-space-size=8', '--max-semi-space-size=8'] as const

/**
 * Those of the query API. Its heap stays below 100 MB (answers lie outside of it), but V8 lets it grow to a multiple before it collects garbage, and to a smaller
 * multiple the smaller the limit (MiB).
 */
export const QUERY_API_FLAGS = [...YOUNG_SPACE_FLAGS, '--max-old-space-size=512'] as const
