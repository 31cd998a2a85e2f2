/** Shapes that stand in many places of a contract. */
import { z } from 'zod'
import type { StandardVersion } from './api-version.ts'
import { anything, closedSince31, text, textLike } from './zod-parts.ts'

/** Technical identifier that stays when names change. */
export const stableId = textLike(/^[A-Za-z0-9_-]+$/, 'an identifier of letters, digits, - and _')

/** Tags. */
export const tags = z.array(text)

/** Identifiers came with 3.1. */
export function idSince31(version: StandardVersion) {
  return version === '3.0' ? {} : { id: stableId.optional() }
}

/** Where more is written. */
export function authoritativeDefinitions(version: StandardVersion) {
  return z.array(
    closedSince31(version, 'an authoritative definition', {
      ...idSince31(version),
      url: text,
      type: text,
      ...(version !== '3.0' && { description: text.optional() }),
    }),
  )
}

/** Keys and values that the standard does not define. */
export function customProperties(version: StandardVersion) {
  return z.array(
    closedSince31(version, 'a custom property', {
      ...idSince31(version),
      property: text,
      value: anything,
      ...(version !== '3.0' && { description: text.optional() }),
      ...(version === '3.2' && { vendor: text.optional() }),
    }),
  )
}

/** An address with its scheme. Placeholders such as `{model}` may stand in it, and since 3.2 `${VAR}` for all of it. */
export const uri = textLike(
  /^(?:[A-Za-z][A-Za-z0-9+.-]*:\S*|\$\{[^}\s]+\}\S*)$/,
  'an address with its scheme, such as https://… or s3://…',
)
/** A day. */
export const day = z.string().refine(isDay, 'a date such as 2026-01-31')
/** A moment, with its time zone. */
export const moment = z
  .string()
  .refine(
    (value) =>
      isDay(value.slice(0, 10)) &&
      /^[Tt ](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/.test(
        value.slice(10),
      ),
    'a date and time with its zone, such as 2026-01-31T09:30:00Z',
  )

function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const time = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
}
