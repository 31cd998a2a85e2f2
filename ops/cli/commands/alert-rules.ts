/** `mogo config alerts`: the rules of alerts, as they are, or as a rules file of Prometheus; and the figures that rules may speak of. */
import { type Command, Option } from 'commander'
import { stringify } from 'yaml'
import { alertRulesFile, loadAlertRules } from '#ops/alerts/alert-rules.ts'
import { HEALTH_METRICS } from '#ops/alerts/health-metrics.ts'
import { prometheusRules } from '#ops/alerts/prometheus-rules.ts'
import { findProject } from '../find-project.ts'
import { line } from '../output.ts'

type RulesOptions = { readonly metrics?: boolean }

/** Adds the command. */
export function addAlertRulesCommand(config: Command): void {
  config
    .command('alerts')
    .description('Print the rules of alerts: the built-in ones with those of operations.alertRules')
    // `config` has an option of the same name, which would take it.
    .addOption(new Option('--format <format>', 'yaml, json or prometheus'))
    .option('--metrics', 'list the figures that rules may speak of instead')
    .addHelpText(
      'after',
      '\nExamples:\n  mogo config alerts\n  mogo config alerts --format prometheus > mogo-alerts.yaml\n  mogo config alerts --metrics',
    )
    .action((options: RulesOptions, command: Command) => {
      if (options.metrics) {
        for (const [metric, { about, description }] of Object.entries(HEALTH_METRICS))
          line(`${metric.padEnd(30)} ${about.padEnd(10)} ${description}`)
        return
      }
      const all = command.optsWithGlobals()
      const rules = loadAlertRules(alertRulesFile(findProject(all['project'], process.cwd())))
      const format = String(all['format'])
      if (format === 'prometheus') line(prometheusRules(rules).trimEnd())
      else line(format === 'json' ? JSON.stringify(rules, undefined, 2) : stringify(rules).trimEnd())
    })
}
