/** The check for programs. Keys are stable: new ones may come, none goes or changes its meaning. */
import type { Change } from '../diff/change.ts'
import type { ContractDiff } from '../diff/diff-contracts.ts'
import { pathText } from '../fault.ts'
import { type CheckReport, countFindings, findingsOf, hasErrors } from './check-report.ts'

/** The document. */
export function checkJson(report: CheckReport): string {
  const counts = countFindings(findingsOf(report))
  return `${JSON.stringify(
    {
      ok: !hasErrors(report),
      against: report.against,
      files: report.contracts.map(({ file, id, state, faults, diff }) => ({
        file,
        contract: id,
        state,
        valid: !faults.some(({ severity }) => severity === 'error'),
        faults,
        ...bumpsJson(diff),
        changes: (diff?.changes ?? []).map(changeJson),
      })),
      waivers: report.waivers && { file: report.waivers.file, faults: report.waivers.faults },
      summary: { errors: counts.error, warnings: counts.warning, infos: counts.info, waived: counts.waived },
    },
    undefined,
    2,
  )}\n`
}

/** The verdict about the version of one contract. */
export function bumpsJson(diff: ContractDiff | null) {
  return {
    requiredBump: diff?.requiredBump ?? 'none',
    declaredBump: diff?.declaredBump ?? 'none',
    breaking: diff?.breaking ?? false,
  }
}

/** One change. `line` and `character` are in the newer document, or in the older one for what is gone (`side`). */
export function changeJson(change: Change) {
  return {
    code: change.code,
    severity: change.severity,
    perspective: change.perspective,
    direction: change.direction,
    dataset: change.dataset,
    column: change.column,
    path: pathText(change.newerPath ?? change.olderPath ?? []),
    side: change.place?.side ?? (change.newerPath ? 'newer' : 'older'),
    line: change.place?.line ?? null,
    character: change.place?.column ?? null,
    message: change.message,
    waived: change.waived !== undefined,
    ...(change.waived && { waiver: { reason: change.waived.reason, expires: change.waived.expires } }),
  }
}
