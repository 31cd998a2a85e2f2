/**
 * What happens during a soak, and when. The first quarter has a restart of everything: what follows is measured on warm processes. From then on
 * worker 1 is left alone, so that its memory tells of all that time, while worker 2 and the servers come and go and columns are added. Pure.
 */

/** Something that happens. */
export type SoakEvent =
  | { readonly kind: 'add-column' }
  | { readonly kind: 'restart' | 'kill'; readonly process: string }

/** An event with its moment, seconds from the start. */
export type PlannedEvent = { readonly at: number; readonly event: SoakEvent }

const restart = (process: string): SoakEvent => ({ kind: 'restart', process })
const kill = (process: string): SoakEvent => ({ kind: 'kill', process })
const ADD_COLUMN: SoakEvent = { kind: 'add-column' }

/** Shares of a quarter -> what happens then, quarter by quarter. */
const QUARTERS: readonly (readonly (readonly [number, SoakEvent])[])[] = [
  [
    [0.1, ADD_COLUMN],
    [0.25, kill('worker-2')],
    [0.35, restart('connect')],
    [0.5, restart('clickhouse')],
    [0.6, restart('kafka')],
    [0.8, restart('worker-1')],
  ],
  [
    [0.3, ADD_COLUMN],
    [0.6, restart('worker-2')],
  ],
  [
    [0.1, restart('clickhouse')],
    [0.3, ADD_COLUMN],
    [0.4, restart('connect')],
    [0.6, kill('kafka')],
    [0.8, kill('worker-2')],
  ],
  [
    [0.3, ADD_COLUMN],
    [0.6, restart('worker-2')],
  ],
]

/** Plans a soak of so many seconds. */
export function planSoak(seconds: number): readonly PlannedEvent[] {
  const quarter = seconds / QUARTERS.length
  return QUARTERS.flatMap((events, index) =>
    events.map(([share, event]) => ({ at: (index + share) * quarter, event })),
  )
}

/** An event in words. */
export function eventWords(event: SoakEvent): string {
  return event.kind === 'add-column' ? 'add a column' : `${event.kind} ${event.process}`
}
