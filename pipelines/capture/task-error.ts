/**
 * A Java stack trace of a failed task -> its cause in one line, without data values.
 *
 * The innermost `Caused by:` says what is wrong. Its message may quote what it stumbled over, so quoted texts are kept only if they are
 * names that we know (slot, publication, role, tables), and what follows "value" is cut.
 */

const LIMIT = 300

/** The root cause, or a plain sentence if there is no trace. `names` may be shown. */
export function taskErrorText(trace: string | undefined, names: readonly string[]): string {
  const lines = (trace ?? '').split('\n').map((line) => line.trim())
  const cause = lines.findLast((line) => line.startsWith('Caused by:')) ?? lines[0] ?? ''
  const written = cause.replace(/^Caused by:\s*/, '')
  if (written === '') return 'no cause is given; read the log with `mogo logs connect`'
  const [, path = '', message = ''] = /^([\w.$]+)(?::\s*(.*))?$/.exec(written) ?? []
  if (path === '') return 'a fault of an unknown form; read the log with `mogo logs connect`'
  const shortName = path.split('.').at(-1) ?? path
  return message === '' ? shortName : `${shortName}: ${withoutValues(message, new Set(names))}`
}

function withoutValues(message: string, names: ReadonlySet<string>): string {
  return message
    .replaceAll(/"([^"]*)"|'([^']*)'|`([^`]*)`/g, (whole, ...groups: unknown[]) => {
      const inner = groups.slice(0, 3).find((group) => typeof group === 'string') as string | undefined
      return inner !== undefined && names.has(inner) ? whole : '…'
    })
    .replaceAll(/\b(values?)\b.*$/gi, '$1 …')
    .replaceAll(/\b(data|row|key)\b\s*[:=(].*$/gi, '$1 …')
    .slice(0, LIMIT)
}
