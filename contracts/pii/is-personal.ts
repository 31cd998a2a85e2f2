/**
 * Does a classification say "personal data"? It is a free text of the standard, so words are looked for: `personal`, `PII`,
 * `confidential-personal`, `Sensitive Personal Data`, `gdpr_art9` do, and so do those of other languages (`personenbezogen`, `données
 * personnelles`, `個人情報`); `non-personal` and `nicht personenbezogen` do not.
 */

/** Words that say so, without accents. */
const PERSONAL: ReadonlySet<string> = new Set(
  (
    'pii spi spii phi personal personally personaldata sensitive biometric genetic ' +
    // Spanish, Italian, Portuguese
    'personales personale personali pessoal pessoais ' +
    // laws
    'gdpr dsgvo bdsg rgpd lgpd rodo hipaa ccpa'
  ).split(' '),
)

/** Beginnings of such words in other languages, where words are bent and joined. */
const BEGINNINGS: readonly string[] =
  // German, Dutch, Swedish, Norwegian, Danish
  (
    'personenbezog personenbezieh personlich sensibel persoonlijk persoonsgegeven gevoelig ' +
    'personuppgift personlig personopplysning personoplysning personhenfor personfols kanslig ' +
    // French, Spanish, Italian, Portuguese
    'personnelle sensibles sensibil sensiveis ' +
    // Polish, Czech, Slovak, Croatian, Slovene, Hungarian, Finnish, Turkish
    'osobow wrazliw osobni osobne osobny osebni szemelyes henkilotie kisisel ' +
    // Greek, Russian, Ukrainian
    'προσωπικ персональн'
  ).split(' ')

/** Anywhere in the text: words of languages that are written without spaces, and a word that means another thing when it stands alone. */
const PHRASES = /個人|个人|개인|caract[eè]re[ _-]personnel/i

const NEGATIONS: ReadonlySet<string> = new Set(
  'non not no un without nicht kein keine ohne niet geen zonder inte icke ikke uden ei pas sans sin sem senza nie bez ne не без'.split(
    ' ',
  ),
)

/** True if a column of this classification needs a PII plan. */
export function isPersonal(classification: string | undefined): boolean {
  if (classification === undefined) return false
  const text = classification.slice(0, 200)
  if (PHRASES.test(text.normalize('NFC'))) return true
  const words = withoutAccents(text.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase())
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
  let negated = false
  for (const word of words) {
    if (!negated && (PERSONAL.has(word) || BEGINNINGS.some((beginning) => word.startsWith(beginning))))
      return true
    negated = NEGATIONS.has(word)
  }
  return false
}

function withoutAccents(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('ø', 'o').replaceAll('ł', 'l')
}
