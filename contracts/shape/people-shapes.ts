/** Who stands behind a contract and what they promise: team, roles, support, price, service levels. */
import { z } from 'zod'
import type { StandardVersion } from './api-version.ts'
import { authoritativeDefinitions, customProperties, day, stableId, tags } from './common-shapes.ts'
import { closed, forwarded, number, scalar, text } from './zod-parts.ts'

/** The team: an object, or (as in 3.0) the list of its members. */
export function teamShape(version: StandardVersion): z.ZodType {
  const described = {
    id: stableId.optional(),
    name: text.optional(),
    description: text.optional(),
    tags: tags.optional(),
    customProperties: customProperties(version).optional(),
    authoritativeDefinitions: authoritativeDefinitions.optional(),
  }
  const members = z.array(
    closed('a member of the team', {
      ...described,
      username: text,
      role: text.optional(),
      dateIn: day.optional(),
      dateOut: day.optional(),
      replacedByUsername: text.optional(),
    }),
  )
  const team = closed('the team', { ...described, members: members.optional() })
  return forwarded((value) => (Array.isArray(value) ? members : team))
}

/** A role. */
export function roleShape(version: StandardVersion) {
  return closed('a role', {
    id: stableId.optional(),
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
    closed('a support channel', {
      id: stableId.optional(),
      channel: text,
      url: text.optional(),
      description: text.optional(),
      tool: text.optional(),
      scope: text.optional(),
      invitationUrl: text.optional(),
      customProperties: customProperties(version).optional(),
    }),
  )
}

/** What the data costs. */
export const priceShape = closed('the price', {
  id: stableId.optional(),
  priceAmount: number.optional(),
  priceCurrency: text.optional(),
  priceUnit: text.optional(),
})

/** Service levels. */
export function serviceLevelShape(version: StandardVersion) {
  return z.array(
    closed('a service level', {
      id: stableId.optional(),
      property: text,
      value: scalar,
      valueExt: scalar.optional(),
      unit: text.optional(),
      element: text.optional(),
      driver: text.optional(),
      description: text.optional(),
      scheduler: text.optional(),
      schedule: text.optional(),
      ...(version === '3.2' && {
        customProperties: customProperties(version).optional(),
        authoritativeDefinitions: authoritativeDefinitions.optional(),
      }),
    }),
  )
}
