/**
 * `apiVersion` -> the shape that a document is held to.
 *
 * The standard keeps most of what it had. 3.0 lets other keys stand in most objects, writes exclusive bounds as flags and a quality rule's metric
 * as `rule`, and has a list for the team. A version that is newer than what is known here is read as the newest known.
 */
import { nearest } from '../nearest.ts'

/** Versions whose shapes differ. */
export type StandardVersion = '3.0' | '3.1' | '3.2'

const KNOWN: ReadonlyMap<string, StandardVersion> = new Map([
  ['v3.0.0', '3.0'],
  ['v3.0.1', '3.0'],
  ['v3.0.2', '3.0'],
  ['v3.1.0', '3.1'],
  ['v3.2.0', '3.2'],
])
const NEWEST = [3, 2, 0] as const

/** Versions that may be written. */
export const API_VERSIONS: readonly string[] = [...KNOWN.keys()]

/** What `apiVersion` says. */
export type VersionChoice = {
  readonly version: StandardVersion
  readonly fault?: {
    readonly severity: 'error' | 'warning'
    readonly message: string
    readonly suggestion?: string
  }
}

/** Chooses the shape. `written` is whatever stands at `apiVersion`. */
export function chooseVersion(written: unknown): VersionChoice {
  if (written === undefined)
    return error('apiVersion is missing: it says which version of the standard this is', 'apiVersion: v3.1.0')
  if (typeof written !== 'string')
    return error(
      `apiVersion must be a text, not ${typeof written === 'number' ? 'a number' : 'anything else'}`,
      'write it as v3.1.0',
    )
  const version = KNOWN.get(written)
  if (version) return { version }
  const parts = /^v?(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?$/.exec(written)
  const [major, minor = 0, patch = 0] = parts?.slice(1).map((part) => Number(part ?? 0)) ?? []
  if (major === undefined) return error('apiVersion is no version of the standard', near(written))
  if (major < 3)
    return error(
      'this is a contract of version 2 or older, whose shape is another one (`dataset`, `columns`)',
      'convert it to version 3: `dataset` becomes `schema`, `columns` become `properties`; then write apiVersion: v3.1.0',
    )
  if (major > NEWEST[0])
    return error(
      'apiVersion is of a later version of the standard than is known here',
      `write one that is known, such as v${NEWEST.join('.')}, if the document fits it`,
    )
  if (written.startsWith('v') && parts?.[3] !== undefined && major === 3 && isNewer([major, minor, patch]))
    return {
      version: '3.2',
      fault: {
        severity: 'warning',
        message: 'apiVersion is newer than what is known here; the document is read as v3.2.0',
      },
    }
  return error('apiVersion is no version of the standard that is known here', near(written))
}

function error(message: string, suggestion: string): VersionChoice {
  return { version: '3.1', fault: { severity: 'error', message, suggestion } }
}

function near(written: string): string {
  return `did you mean ${nearest(`v${written.replace(/^v/i, '')}`, API_VERSIONS) ?? 'v3.1.0'}?`
}

function isNewer(version: readonly number[]): boolean {
  for (const [index, part] of version.entries()) {
    const known = NEWEST[index] ?? 0
    if (part !== known) return part > known
  }
  return false
}
