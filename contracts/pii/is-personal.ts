/**
 * Does a classification say "personal data"? It is a free text of the standard, so words are looked for: `personal`, `PII`,
 * `confidential-personal`, `Sensitive Personal Data`, `gdpr_art9` do; `non-personal` does not.
 */

const PERSONAL: ReadonlySet<string> = new Set([
  'pii',
  'spi',
  'phi',
  'personal',
  'personally',
  'personaldata',
  'sensitive',
  'gdpr',
  'dsgvo',
  'hipaa',
  'biometric',
  'genetic',
])

const NEGATIONS: ReadonlySet<string> = new Set(['non', 'not', 'no', 'un', 'without'])

/** True if a column of this classification needs a PII plan. */
export function isPersonal(classification: string | undefined): boolean {
  if (classification === undefined) return false
  const words = classification
    .slice(0, 200)
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')
  let negated = false
  for (const word of words) {
    if (PERSONAL.has(word) && !negated) return true
    negated = NEGATIONS.has(word)
  }
  return false
}
