/** Cases: service levels. */

import { level } from '../fragments.ts'
import { both, type DiffCase, none, same } from './diff-case.ts'

const worse = 'DIFF_SERVICE_LEVEL_WORSENED loosens error info'
const better = 'DIFF_SERVICE_LEVEL_IMPROVED tightens info error'

/** The cases. */
export const LEVELS: readonly DiffCase[] = [
  both(
    'a longer latency',
    level('latency', 'value: 1, unit: s'),
    level('latency', 'value: 2, unit: s'),
    worse,
    better,
  ),
  both(
    'a longer latency in another unit',
    level('latency', 'value: 1, unit: h'),
    level('latency', 'value: 61, unit: min'),
    worse,
    better,
  ),
  none(
    'the same latency in another unit',
    level('latency', 'value: 1, unit: h'),
    level('latency', 'value: 60, unit: minutes'),
  ),
  none(
    'the same latency in ISO 8601',
    level('latency', 'value: PT15M'),
    level('latency', 'value: 15, unit: min'),
  ),
  both(
    'a shorter retention',
    level('retention', 'value: 3, unit: y'),
    level('retention', 'value: 30, unit: mo'),
    worse,
    better,
  ),
  none(
    'a year is 12 months',
    level('retention', 'value: 1, unit: y'),
    level('retention', 'value: 12, unit: months'),
  ),
  none(
    'a year is 365 days',
    level('retention', 'value: 1, unit: y'),
    level('retention', 'value: 365, unit: d'),
  ),
  both(
    'less often',
    level('frequency', 'value: 1, unit: h'),
    level('frequency', 'value: 1, unit: d'),
    worse,
    better,
  ),
  both(
    'less available',
    level('availability', 'value: 99.9%'),
    level('availability', 'value: 99.5, unit: percent'),
    worse,
    better,
  ),
  both(
    'an earlier end of support',
    level('endOfSupport', 'value: "2032-05-12"'),
    level('endOfSupport', 'value: "2031-05-12"'),
    worse,
    better,
  ),
  both(
    'available later in the day',
    level('timeOfAvailability', 'value: "08:00-08:00"'),
    level('timeOfAvailability', 'value: "09:00-08:00"'),
    worse,
    better,
  ),
  both(
    'a level is promised or not',
    { more: '' },
    level('latency', 'value: 1, unit: s'),
    'DIFF_SERVICE_LEVEL_ADDED tightens info error',
    'DIFF_SERVICE_LEVEL_REMOVED loosens error info',
  ),
  same(
    'a level whose order nobody knows',
    level('happiness', 'value: 7'),
    level('happiness', 'value: 8'),
    'DIFF_SERVICE_LEVEL_CHANGED changes warning warning',
  ),
  both(
    'a level of one dataset',
    level('latency', 'value: 1, unit: s, element: orders.amount'),
    level('latency', 'value: 2, unit: s, element: orders.amount'),
    `${worse} orders`,
    `${better} orders`,
  ),
  none('24 hours are a day', level('latency', 'value: 24, unit: h'), level('latency', 'value: 1, unit: d')),
  none('24 hours in one text', level('latency', 'value: 24h'), level('latency', 'value: 1, unit: d')),
  none('a day in ISO 8601', level('latency', 'value: P1D'), level('latency', 'value: 24, unit: h')),
  both(
    'an hour more than a day',
    level('latency', 'value: 1, unit: d'),
    level('latency', 'value: 25, unit: h'),
    worse,
    better,
  ),
  both(
    'fewer times an hour',
    level('frequency', 'value: 2, unit: per hour'),
    level('frequency', 'value: 1, unit: per hour'),
    worse,
    better,
  ),
  both(
    'available from a later day on',
    level('generalAvailability', 'value: "2026-01-01T00:00:00Z"'),
    level('generalAvailability', 'value: "2026-02-01T00:00:00Z"'),
    worse,
    better,
  ),
  same(
    'another end of a range',
    level('retention', 'value: 3, unit: y, valueExt: 1'),
    level('retention', 'value: 3, unit: y, valueExt: 2'),
    'DIFF_SERVICE_LEVEL_CHANGED changes warning warning',
  ),
  same(
    'why a level is promised',
    level('latency', 'value: 3, unit: h, driver: analytics'),
    level('latency', 'value: 3, unit: h, driver: regulatory'),
    'DIFF_DOCUMENTATION_CHANGED changes info info',
  ),
  same(
    'one level is another one',
    level('latency', 'value: 3, unit: h'),
    level('retention', 'value: 3, unit: h'),
    ['DIFF_SERVICE_LEVEL_REMOVED loosens error info', 'DIFF_SERVICE_LEVEL_ADDED tightens info error'],
  ),
]
