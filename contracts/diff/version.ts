/**
 * Semantic versions (semver.org 2.0.0) of contracts: by how much one was raised, and whether that is enough.
 *
 * Before 1.0.0 a minor version may break and a patch may add. From a pre-release to the next version anything may change.
 */
import type { Bump, Change } from './change.ts'

/** By how much a version was raised; `lowered`, or `unknown` if one is no semantic version. */
export type DeclaredBump = Bump | 'lowered' | 'unknown'

const ORDER: readonly Bump[] = ['none', 'patch', 'minor', 'major']
const SEMVER =
  /^v?(\d{1,15})(?:\.(\d{1,15}))?(?:\.(\d{1,15}))?(?:-([0-9A-Za-z.-]{1,100}))?(?:\+[0-9A-Za-z.-]{1,100})?$/

type Version = { readonly numbers: readonly [number, number, number]; readonly pre: string | undefined }

function parse(text: string): Version | undefined {
  const match = SEMVER.exec(text.trim())
  if (!match) return undefined
  const [, major, minor = '0', patch = '0', pre] = match
  return { numbers: [Number(major), Number(minor), Number(patch)], pre }
}

/** The larger of two. */
export function largerBump(a: Bump, b: Bump): Bump {
  return ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b
}

/** The bump that changes require of the version `older`. Waived ones require nothing, nor does what is said of versions. */
export function requiredBump(changes: readonly Change[], older: string): Bump {
  let bump: Bump = 'none'
  for (const change of changes)
    if (!change.waived && !change.code.startsWith('DIFF_VERSION')) bump = largerBump(bump, bumpOf(change))
  const version = parse(older)
  if (version?.numbers[0] !== 0) return bump
  return bump === 'major' ? 'minor' : bump === 'minor' ? 'patch' : bump
}

function bumpOf({ severity, direction }: Change): Bump {
  if (severity === 'error') return 'major'
  if (severity === 'warning') return 'minor'
  return direction === 'changes' ? 'patch' : 'minor'
}

/** By how much the version was raised. */
export function declaredBump(older: string, newer: string): DeclaredBump {
  if (older === newer) return 'none'
  const [from, to] = [parse(older), parse(newer)]
  if (!from || !to) return 'unknown'
  for (const [index, bump] of (['major', 'minor', 'patch'] as const).entries()) {
    const [was, is] = [from.numbers[index] ?? 0, to.numbers[index] ?? 0]
    if (was !== is) return is > was ? bump : 'lowered'
  }
  const order = orderOfPreReleases(from.pre, to.pre)
  // A pre-release makes no promise: whatever comes after it is raised enough.
  return order === 0 ? 'none' : order < 0 ? 'major' : 'lowered'
}

/** Is the declared bump at least the required one? */
export function isEnough(declared: DeclaredBump, required: Bump): boolean {
  return (
    declared !== 'lowered' && declared !== 'unknown' && ORDER.indexOf(declared) >= ORDER.indexOf(required)
  )
}

/** Negative where a comes before b; a release comes after its pre-releases (semver.org, section 11). */
function orderOfPreReleases(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1
  const [left, right] = [a.split('.'), b.split('.')]
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [x, y] = [left[index] ?? '', right[index] ?? '']
    if (x === y) continue
    const [m, n] = [/^\d+$/.test(x), /^\d+$/.test(y)]
    if (m && n) return Number(x) - Number(y)
    if (m !== n) return m ? -1 : 1
    return x < y ? -1 : 1
  }
  return left.length - right.length
}
