/**
 * What is wrong with a plan of format-preserving tokens: above all a set of values so small that each token can be found by trying
 * (NIST SP 800-38G revision 1: fewer than 1,000,000).
 */
import type { ValueKind } from '../compile/compiled-dataset.ts'
import type { ContractProperty } from '../model/contract.ts'
import { ff1Symbols, MAX_FF1_LENGTH, shortestFf1Length } from './ff1-alphabet.ts'
import { patternLength } from './pattern-length.ts'
import type { PlanOf } from './pii-plan.ts'

/** A fault; the path is relative to the plan. */
export type Ff1Fault = { readonly path: readonly string[]; readonly code: string; readonly message: string }

/** Kinds whose values are written with the characters of one alphabet. */
const FITTING: ReadonlySet<ValueKind> = new Set(['text', 'integer', 'bigint', 'uuid'])

/** The faults. */
export function ff1Faults(
  plan: PlanOf<'ff1'>,
  property: ContractProperty,
  kind: ValueKind,
): readonly Ff1Fault[] {
  const faults: Ff1Fault[] = []
  const symbols = ff1Symbols(plan.alphabet)
  if (!FITTING.has(kind))
    faults.push({
      path: ['method'],
      code: 'CONTRACT_PII_FF1',
      message: 'ff1 is for texts and whole numbers; use hmac or siv',
    })
  const preserve = [...(plan.preserve ?? '')]
  if (preserve.some((char) => symbols.includes(char)))
    faults.push({
      path: ['preserve'],
      code: 'CONTRACT_PII_FF1',
      message: 'a character to preserve is one of the alphabet',
    })
  if (plan.normalize !== 'none' && plan.normalize !== 'trim')
    faults.push({
      path: ['normalize'],
      code: 'CONTRACT_PII_FF1',
      message: `ff1 is reversible and ${plan.normalize} is not; use none or trim, or another method`,
    })
  const domain = domainFault(plan, property, symbols.length, kind)
  if (domain !== undefined)
    faults.push({ path: ['minLength'], code: 'CONTRACT_PII_FF1_DOMAIN', message: domain })
  return faults
}

function domainFault(
  plan: PlanOf<'ff1'>,
  property: ContractProperty,
  radix: number,
  kind: ValueKind,
): string | undefined {
  const need = shortestFf1Length(radix)
  const { minLength = 0, maxLength = MAX_FF1_LENGTH, pattern } = property.logicalTypeOptions ?? {}
  const why = `the set of values must have at least 1,000,000 (NIST SP 800-38G revision 1), which takes ${need} characters of this alphabet`
  if (maxLength < need) return `${why}, and the column has at most ${maxLength}; use hmac or siv`
  // Characters that are preserved are not encrypted, so a length that may count them says nothing.
  const said = Math.max(
    plan.preserve ? 0 : minLength,
    pattern === undefined || kind !== 'text' ? 0 : patternLength(pattern, plan.preserve),
  )
  const least = Math.max(plan.minLength ?? 0, said)
  if (least >= need) return undefined
  return least === 0
    ? `${why}; nothing says how long values are at least: add minLength: ${need} (shorter values are quarantined)`
    : `${why}, and values may have ${least}; raise minLength, or use hmac or siv`
}
