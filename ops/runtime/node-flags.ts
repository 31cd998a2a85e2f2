/**
 * Flags of Node.js for the worker and the query API: young objects get their room (MiB a half) from the start, and no more. V8 gives more in a burst or
 * for a long answer and does not take it back afterwards: memory that grows with the first burst looks like a leak.
 */
export const YOUNG_SPACE_FLAGS = ['--min-semi-space-size=8', '--max-semi-space-size=8'] as const
