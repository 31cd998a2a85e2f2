/** Who stands behind a contract and what they promise: team, roles, support, price, service levels. */
import { z } from 'zod'
import type { StandardVersion } from './api-version.ts'
import {
  authoritativeDefinitions,
  customProperties,
  day,
  idSince31,
  stableId,
  tags,
} from './common-shapes.ts'
import { closedSince31, forwarded, newIn31, number, scalar, text } from './zod-parts.ts'

/** The team: an object, or (as in 3.0) the list of its members. */
export function teamShape(version: StandardVersion): z.ZodType {
  const described = {
    name: text.optional(),
    description: text.optional(),
  }
  const more = {
    id: stableId.optional(),
    tags: tags.optional(),
    customProperties: customProperties(version).optional(),
    authoritativeDefinitions: authoritativeDefinitions(version).optional(),
  }
  const members = z.array(
    closedSince31(version, 'a member of the team', {
      ...described,
      ...(version !== '3.0' && more),
      username: version === '3.0' ? text.optional() : text,
      role: text.optional(),
      dateIn: day.optional(),
      dateOut: day.optional(),
      replacedByUsername: text.optional(),
    }),
  )
  const team = closedSince31(version, 'the team', { ...described, ...more, members: members.optional() })
  const object = version === '3.0' ? newIn31('team as a mapping', team, 'a list of the members') : team
  return forwarded((value) => (Array.isArray(value) ? members : object))
}

/** A role. */
export function roleShape(version: StandardVersion) {
  return closedSince31(version, 'a role', {
    ...idSince31(version),
    role: text,
    description: text.optional(),
    access: text.optional(),
    firstLevelApprovers: text.optional(),
    secondLevelApprovers: text.optional(),
    customProperties: customProperties(version).optional(),
  })
}

/** Where help is found. */
export function supportShape(version: StandardVersion) {
  return z.array(
    closedSince31(version, 'a support channel', {
      ...idSince31(version),
      channel: text,
      url: version === '3.0' ? text : text.optional(),
      description: text.optional(),
      tool: text.optional(),
      scope: text.optional(),
      invitationUrl: text.optional(),
      ...(version !== '3.0' && { customProperties: customProperties(version).optional() }),
    }),
  )
}

/** What the data costs. */
export function priceShape(version: StandardVersion) {
  return closedSince31(version, 'the price', {
    ...idSince31(version),
    priceAmount: number.optional(),
    priceCurrency: text.optional(),
    priceUnit: text.optional(),
  })
}

/** Service levels. */
export function serviceLevelShape(version: StandardVersion) {
  return z.array(
    closedSince31(version, 'a service level', {
      ...idSince31(version),
      property: text,
      value: scalar,
      valueExt: scalar.optional(),
      unit: text.optional(),
      element: text.optional(),
      driver: text.optional(),
      ...(version !== '3.0' && {
        description: text.optional(),
        scheduler: text.optional(),
        schedule: text.optional(),
      }),
      ...(version === '3.2' && {
        customProperties: customProperties(version).optional(),
        authoritativeDefinitions: authoritativeDefinitions(version).optional(),
      }),
    }),
  )
}
