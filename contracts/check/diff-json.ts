/** A comparison for programs. Keys are stable: new ones may come, none goes or changes its meaning. */
import { type DiffReport, verdictOf } from '../diff/compare-files.ts'
import { changeJson } from './json.ts'

/** The document. */
export function diffJson(report: DiffReport): string {
  const { requiredBump, declaredBump, breaking } = verdictOf(report)
  return `${JSON.stringify(
    {
      perspective: report.perspective,
      requiredBump,
      declaredBump,
      breaking,
      changes: report.contracts.flatMap(({ id, changes }) =>
        changes.map(({ change, older, newer }) => {
          const json = changeJson(change)
          return { ...json, contract: id, file: json.side === 'older' ? older : newer, older, newer }
        }),
      ),
      contracts: report.contracts.map((contract) => ({
        contract: contract.id,
        versions: contract.versions,
        requiredBump: contract.requiredBump,
        declaredBump: contract.declaredBump,
        breaking: contract.breaking,
      })),
      waiverFaults: report.waiverFaults,
    },
    undefined,
    2,
  )}\n`
}
