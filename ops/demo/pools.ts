/**
 * Pools of believable words, made once per run with faker and then combined: a call to faker costs about 20 us, a
 * choice from a list 10 ns, and a million rows need many choices.
 *
 * E-mail domains end in `.example` (RFC 2606), so no address can belong to anyone.
 */
import type { Faker } from '@faker-js/faker'
import { faker as de } from '@faker-js/faker/locale/de'
import { faker as en } from '@faker-js/faker/locale/en'
import { faker as es } from '@faker-js/faker/locale/es'
import { faker as fr } from '@faker-js/faker/locale/fr'
import { faker as ja } from '@faker-js/faker/locale/ja'
import { faker as pl } from '@faker-js/faker/locale/pl'
import { mixSeed } from './random.ts'

/** What differs by country. */
export type LocalePool = {
  readonly language: string
  readonly country: string
  readonly currency: string
  readonly dialCode: string
  readonly firstNames: readonly string[]
  readonly lastNames: readonly string[]
  readonly streets: readonly string[]
  readonly cities: readonly string[]
  readonly postalCodes: readonly string[]
  /** A full name in the order of the language. */
  readonly fullName: (first: string, last: string) => string
}

/** Everything that rows are put together from. */
export type Pools = {
  readonly locales: readonly LocalePool[]
  /** Latin names for e-mail addresses where the name itself is not in Latin script. */
  readonly latinNames: readonly string[]
  readonly mailDomains: readonly string[]
  readonly productNames: readonly string[]
  readonly productTexts: readonly string[]
  readonly sentences: readonly string[]
  readonly words: readonly string[]
}

type LocaleSpec = {
  readonly faker: Faker
  readonly language: string
  readonly country: string
  readonly currency: string
  readonly dialCode: string
  readonly familyNameFirst?: boolean
}

const LOCALES: readonly LocaleSpec[] = [
  { faker: en, language: 'en', country: 'US', currency: 'USD', dialCode: '1' },
  { faker: de, language: 'de', country: 'DE', currency: 'EUR', dialCode: '49' },
  { faker: fr, language: 'fr', country: 'FR', currency: 'EUR', dialCode: '33' },
  { faker: es, language: 'es', country: 'ES', currency: 'EUR', dialCode: '34' },
  { faker: pl, language: 'pl', country: 'PL', currency: 'PLN', dialCode: '48' },
  { faker: ja, language: 'ja', country: 'JP', currency: 'JPY', dialCode: '81', familyNameFirst: true },
]

const distinct = (count: number, make: () => string): readonly string[] => [
  ...new Set(Array.from({ length: count }, make)),
]

function localePool(spec: LocaleSpec): LocalePool {
  const { faker, language, country, currency, dialCode } = spec
  return {
    language,
    country,
    currency,
    dialCode,
    firstNames: distinct(400, () => faker.person.firstName()),
    lastNames: distinct(800, () => faker.person.lastName()),
    streets: distinct(600, () => faker.location.streetAddress()),
    cities: distinct(150, () => faker.location.city()),
    postalCodes: distinct(400, () => faker.location.zipCode()).map((code) => code.slice(0, 16)),
    fullName: spec.familyNameFirst
      ? (first, last) => `${last} ${first}`
      : (first, last) => `${first} ${last}`,
  }
}

/** The pools of a seed; the same seed gives the same pools. */
export function createPools(seed: number): Pools {
  LOCALES.forEach((spec, index) => {
    spec.faker.seed(mixSeed(seed, 0x9001, index))
  })
  return {
    locales: LOCALES.map(localePool),
    latinNames: distinct(500, () =>
      en.person
        .lastName()
        .toLowerCase()
        .replace(/[^a-z]/g, ''),
    ),
    mailDomains: distinct(60, () => `${en.internet.domainWord()}.example`),
    productNames: distinct(600, () => en.commerce.productName()),
    productTexts: distinct(400, () => en.commerce.productDescription()),
    sentences: distinct(2500, () => en.lorem.sentence({ min: 6, max: 16 })),
    words: distinct(300, () => en.commerce.productAdjective().toLowerCase()),
  }
}

const STROKED: Readonly<Record<string, string>> = { ß: 'ss', ł: 'l', ø: 'o', đ: 'd', æ: 'ae', œ: 'oe' }

/** A name as it stands in an e-mail address, or '' if it is not in Latin script. */
export function mailName(name: string): string {
  const plain = name.normalize('NFD').toLowerCase()
  return plain.replace(/[ßłøđæœ]/g, (char) => STROKED[char]!).replace(/[^a-z]/g, '')
}
