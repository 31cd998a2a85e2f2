/** Rules: the built-in ones are whole, one's own change them by name, faults are told. */
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadAlertRules, mergeRules } from '#ops/alerts/alert-rules.ts'
import { HEALTH_METRICS, type HealthMetric, prometheusName, samplesOf } from '#ops/alerts/health-metrics.ts'
import { prometheusRules } from '#ops/alerts/prometheus-rules.ts'
import { wellCapture, wellDataset, wellHealth } from '#tests/support/pipeline-health.ts'

const BASE = `
- { alert: lag, metric: dataset.lag.seconds, above: 10, for: 30, severity: warning, message: m, remedy: r }
- { alert: disk, metric: disk.free, below: 5, severity: critical, message: m, remedy: r }
`
const faultsOf = (own: string): string => {
  try {
    mergeRules(BASE, own, 'own.yaml')
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

describe('the built-in rules', () => {
  const rules = loadAlertRules()
  const byName = new Map(rules.map((rule) => [rule.alert, rule]))

  it.each([
    ['slot_lost', 'slot.lost'],
    ['slot_in_danger', 'slot.safe.share'],
    ['slot_inactive', 'slot.inactive'],
    ['connector_failed', 'connector.failed'],
    ['lag', 'dataset.lag.seconds'],
    ['freshness', 'dataset.freshness.p95.seconds'],
    ['quarantine_share', 'dataset.quarantined.share'],
    ['table_paused', 'dataset.paused'],
    ['table_held', 'dataset.held'],
    ['disk_low', 'disk.free'],
  ])('have %s, of %s', (alert, metric) => expect(byName.get(alert)?.metric).toBe(metric))

  it('say what is wrong and what to do', () => {
    for (const { message, remedy } of rules) {
      expect(message).toMatch(/^([A-Z]|\{value\} ).*\.$/)
      expect(remedy).toMatch(/^[A-Z].*[.`]$/)
      // Nothing but these places is filled in.
      expect(`${message}${remedy}`.replaceAll(/\{(subject|value)\}/g, '')).not.toMatch(/[{}]/)
    }
  })
})

describe('rules of one’s own', () => {
  it('change others by name, and keep what they do not name', () => {
    const [lag] = mergeRules(BASE, '[{ alert: lag, above: 99 }]', 'own.yaml')
    expect(lag).toMatchObject({ metric: 'dataset.lag.seconds', above: 99, for: 30, severity: 'warning' })
  })

  it('may turn a condition around', () => {
    const [lag] = mergeRules(BASE, '[{ alert: lag, below: 1 }]', 'own.yaml')
    expect([lag?.above, lag?.below]).toEqual([undefined, 1])
  })

  it('take one out, or add one', () => {
    const own = `
- { alert: lag, enabled: false }
- { alert: many, metric: dataset.lag.events, above: 7, severity: critical, message: m, remedy: r }`
    expect(mergeRules(BASE, own, 'own.yaml').map(({ alert }) => alert)).toEqual(['disk', 'many'])
  })

  it.each([
    ['an unknown figure', '[{ alert: lag, metric: x }]', 'lag.metric'],
    [
      'no condition',
      '[{ alert: new, metric: disk.free, severity: warning, message: m, remedy: r }]',
      'one of above and below',
    ],
    ['two conditions', '[{ alert: lag, above: 1, below: 2 }]', 'one of above and below'],
    ['an unknown key', '[{ alert: lag, over: 1 }]', 'over'],
    ['no name', '[{ above: 1 }]', '0.alert'],
    ['no list', 'alert: lag', 'expected array'],
    ['no YAML', '[', 'not valid YAML'],
  ])('with %s are refused', (_name, own, words) => {
    expect(faultsOf(own)).toContain('own.yaml')
    expect(faultsOf(own)).toContain(words)
  })
})

describe('figures', () => {
  const valuesOf = (health: Parameters<typeof samplesOf>[0]) =>
    Object.fromEntries(samplesOf(health).map(({ metric, subject, value }) => [`${metric} ${subject}`, value]))

  it('are all of the list but the disk’s, if everything is known', () => {
    const capture = wellCapture()
    const health = wellHealth({
      capture: { ...capture, slot: capture.slot && { ...capture.slot, safeBytes: 5 } },
      datasets: [wellDataset('orders', { verified: { at: '', different: 0, explained: 1 } })],
    })
    const seen = new Set(samplesOf(health).map(({ metric }) => metric))
    const all = Object.keys(HEALTH_METRICS).filter((metric) => metric !== 'disk.free') as HealthMetric[]
    expect([...seen].sort()).toEqual(all.sort())
  })

  it.each([
    [3000, 1000, 0.75],
    [-5, 1000, 0],
    [0, 0, 0],
  ])('say of %i safe bytes beside %i kept ones a share of %d', (safeBytes, retainedBytes, share) => {
    const { slot } = wellCapture()
    const capture = wellCapture({ slot: slot && { ...slot, safeBytes, retainedBytes } })
    expect(valuesOf(wellHealth({ capture }))['slot.safe.share mogo']).toBe(share)
  })

  it('of a slot that is gone keep its name', () => {
    const lost = { code: 'MOGO_SLOT_LOST', message: 'm', remedy: 'r', passing: false }
    const values = valuesOf(wellHealth({ capture: wellCapture({ slot: null, faults: [lost] }) }))
    expect([values['slot.lost mogo'], values['slot.inactive mogo']]).toEqual([1, 1])
    expect(values).not.toHaveProperty('slot.lag.bytes mogo')
  })

  it('that are not known are left out', () => {
    const dataset = wellDataset('orders', { lagEvents: null, state: 'unknown', states: ['unknown'] })
    const health = wellHealth({
      capture: null,
      workers: null,
      workerAnswers: false,
      alerts: null,
      datasets: [dataset],
    })
    const seen = samplesOf(health).map(({ metric }) => metric)
    for (const metric of [
      'slot.lost',
      'dataset.lag.events',
      'dataset.held',
      'dataset.stopped',
      'dataset.paused',
      'dataset.unread',
    ])
      expect(seen).not.toContain(metric)
  })

  it('of the connector are left out while Connect is away', () => {
    const capture = wellCapture({ state: 'UNKNOWN' })
    expect(samplesOf(wellHealth({ capture })).map(({ metric }) => metric)).not.toContain('connector.failed')
  })

  it('tell of every state of a dataset, not of the worst alone', () => {
    const datasets = [wellDataset('orders', { state: 'held', states: ['held', 'paused'] })]
    const values = valuesOf(wellHealth({ datasets }))
    expect([
      values['dataset.held orders'],
      values['dataset.paused orders'],
      values['dataset.stopped orders'],
    ]).toEqual([1, 1, 0])
  })
})

describe('the rules file of Prometheus', () => {
  it('asks for the gauges, in its own words', () => {
    const file = parse(
      prometheusRules(
        mergeRules(BASE.replace('message: m', 'message: "{subject} waits {value} s"'), '[]', 'x'),
      ),
    )
    expect(file.groups[0].rules[0]).toEqual({
      alert: 'lag',
      expr: 'mogo_dataset_lag_seconds > 10',
      for: '30s',
      keep_firing_for: '60s',
      labels: { severity: 'warning' },
      annotations: { summary: '{{ $labels.dataset }} waits {{ $value }} s', description: 'r' },
    })
    expect(file.groups[0].rules[1].expr).toBe('mogo_disk_free < 5')
    expect(prometheusName('slot.lost')).toBe('mogo_slot_lost')
  })
})
