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
]
