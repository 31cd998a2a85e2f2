/** Our rules as a rules file of Prometheus, for those who have their alerts there; it reads the gauges of the operations process. */
import { stringify } from 'yaml'
import type { AlertRule } from './alert-rules.ts'
import { HEALTH_METRICS, prometheusName } from './health-metrics.ts'

/** The file, as YAML. */
export function prometheusRules(rules: readonly AlertRule[]): string {
  const subjectOf = (rule: AlertRule) => `{{ $labels.${HEALTH_METRICS[rule.metric].about} }}`
  const filled = (text: string, rule: AlertRule) =>
    text.replaceAll('{subject}', subjectOf(rule)).replaceAll('{value}', '{{ $value }}')
  return stringify(
    {
      groups: [
        {
          name: 'mogo',
          rules: rules.map((rule) => ({
            alert: rule.alert,
            expr: `${prometheusName(rule.metric)} ${rule.above === undefined ? `< ${rule.below}` : `> ${rule.above}`}`,
            for: `${Math.round(rule.for)}s`,
            keep_firing_for: `${Math.round(rule.clear)}s`,
            labels: { severity: rule.severity },
            annotations: { summary: filled(rule.message, rule), description: filled(rule.remedy, rule) },
          })),
        },
      ],
    },
    { lineWidth: 0 },
  )
}
