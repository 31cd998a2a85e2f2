/** The whole document, per version of the standard. */
import { z } from 'zod'
import type { StandardVersion } from './api-version.ts'
import { authoritativeDefinitions, customProperties, moment, tags } from './common-shapes.ts'
import { priceShape, roleShape, serviceLevelShape, supportShape, teamShape } from './people-shapes.ts'
import { elementFields, propertyShape } from './property-shape.ts'
import { relationshipShapes } from './reference-shapes.ts'
import { serverShape } from './server-shape.ts'
import { anything, closed, forwarded, text } from './zod-parts.ts'

const built = new Map<StandardVersion, z.ZodType>()

/** The shape of a document; built once. */
export function documentShape(version: StandardVersion): z.ZodType {
  let shape = built.get(version)
  if (!shape) {
    shape = buildShape(version)
    built.set(version, shape)
  }
  return shape
}

function buildShape(version: StandardVersion): z.ZodType {
  const custom = customProperties(version)
  const role = roleShape(version)
  const schemaObject = closed('a schema object', {
    ...elementFields(version),
    name: text,
    logicalType: z.enum(['object']).optional(),
    dataGranularityDescription: text.optional(),
    properties: z.array(propertyShape(version)).optional(),
    ...(version !== '3.0' && { relationships: relationshipShapes(version).object.optional() }),
    ...(version === '3.2' && { context: contextShape(version).optional() }),
  })
  return closed('a contract', {
    // What stands there is judged by itself (api-version.ts).
    apiVersion: anything.optional(),
    kind: z.enum(['DataContract']),
    id: text,
    version: text,
    status: version === '3.2' ? text.optional() : text,
    name: text.optional(),
    tenant: text.optional(),
    tags: tags.optional(),
    servers: z.array(serverShape(version, role)).optional(),
    dataProduct: text.optional(),
    description: z
      .looseObject({
        usage: text.optional(),
        purpose: text.optional(),
        limitations: text.optional(),
        authoritativeDefinitions: authoritativeDefinitions(version).optional(),
        customProperties: custom.optional(),
      })
      .optional(),
    domain: text.optional(),
    schema: z.array(schemaObject).optional(),
    support: supportShape(version).optional(),
    price: priceShape(version).optional(),
    team: teamShape(version).optional(),
    roles: z.array(role).optional(),
    slaDefaultElement: text.optional(),
    slaProperties: serviceLevelShape(version).optional(),
    authoritativeDefinitions: authoritativeDefinitions(version).optional(),
    customProperties: custom.optional(),
    contractCreatedTs: moment.optional(),
    ...(version === '3.2' && { context: contextShape(version).optional() }),
  })
}

/** 3.2: what a person or a model should know when it asks; a text, or an object. */
function contextShape(version: StandardVersion): z.ZodType {
  const common = {
    id: text.optional(),
    authoritativeDefinitions: authoritativeDefinitions(version).optional(),
    tags: tags.optional(),
    customProperties: customProperties(version).optional(),
  }
  const object = closed('a context', {
    instructions: text.optional(),
    verifiedStatements: z
      .array(closed('a verified statement', { ...common, question: text, answer: text.optional() }))
      .optional(),
    constraints: z.array(closed('a constraint', { ...common, constraint: text })).optional(),
  })
  return forwarded((value) => (typeof value === 'string' ? text : object))
}
