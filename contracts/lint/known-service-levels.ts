/**
 * The service levels that the standard names (ODCS, "Service-Level Agreement": names of the Data QoS periodic table, whatever their case, and their
 * short forms), and what their values are. Any other may be promised too.
 */

/**
 * What a value is: a duration with its unit, a date (or moment), a time of day, a share in percent, or an amount in a unit of its own.
 */
export type LevelKind = 'duration' | 'date' | 'timeOfDay' | 'share' | 'amount'

/** A service level that the standard names. */
export type KnownLevel = { readonly name: string; readonly kind: LevelKind }

const LEVELS: readonly (readonly [name: string, kind: LevelKind, short: string | undefined])[] = [
  ['latency', 'duration', 'ly'],
  ['freshness', 'duration', undefined],
  ['retention', 'duration', 're'],
  ['frequency', 'duration', 'fy'],
  ['timeToDetect', 'duration', 'td'],
  ['timeToNotify', 'duration', 'tn'],
  ['timeToRepair', 'duration', 'tr'],
  ['generalAvailability', 'date', 'ga'],
  ['endOfSupport', 'date', 'es'],
  ['endOfLife', 'date', 'el'],
  ['timeOfAvailability', 'timeOfDay', undefined],
  ['availability', 'share', 'av'],
  ['errorRate', 'share', 'er'],
  ['throughput', 'amount', 'th'],
]

const BY_NAME: ReadonlyMap<string, KnownLevel> = new Map(
  LEVELS.flatMap(([name, kind, short]) =>
    [name, ...(short === undefined ? [] : [short])].map(
      (one) => [one.toLowerCase(), { name, kind }] as const,
    ),
  ),
)

/** Names of all of them, in full. */
export const LEVEL_NAMES: readonly string[] = LEVELS.map(([name]) => name)

/** The level of a name, long or short; `time_to_detect` and `End of life` are understood. */
export function knownLevel(property: string): KnownLevel | undefined {
  return BY_NAME.get(property.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))
}
