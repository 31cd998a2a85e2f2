/**
 * The model of a data contract: Open Data Contract Standard (ODCS) 3.1, as far as it drives the pipeline, with the
 * extensions that live in `customProperties`.
 *
 * Extensions, on a schema object: `tenant` ({column} or {value}). On a property: `piiPlan`, `validValues`.
 * On a role: `columns` ({include} or {exclude}), `rowFilter` (`all`, or a list of predicates over principal attributes).
 *
 * Keys that are not named here are kept by the loose objects and do no harm. (An ODCS document is written for many tools.)
 */
import { z } from 'zod'

const customProperty = z.looseObject({ property: z.string().min(1), value: z.unknown() })

const logicalTypeOptions = z.looseObject({
  minLength: z.int().nonnegative().optional(),
  maxLength: z.int().nonnegative().optional(),
  pattern: z.string().max(1000).optional(),
  format: z.string().optional(),
  minimum: z.union([z.number(), z.string()]).optional(),
  maximum: z.union([z.number(), z.string()]).optional(),
  exclusiveMinimum: z.union([z.number(), z.string()]).optional(),
  exclusiveMaximum: z.union([z.number(), z.string()]).optional(),
})

/** How a column's personal data is treated before it is stored. */
export const piiPlanSchema = z.strictObject({
  /** hmac: one-way join token. siv: reversible token (AES-SIV). mask: keep the shape only. redact: a constant. drop: not stored. */
  method: z.enum(['hmac', 'siv', 'mask', 'redact', 'drop']),
  /** Tokens of one domain and tenant are equal for equal values, whatever the column. Required for hmac and siv. */
  domain: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}$/, 'lower case letters, digits and _')
    .optional(),
  normalize: z.enum(['none', 'trim', 'lower', 'email', 'phone']).default('none'),
  onNull: z.enum(['keep']).default('keep'),
  /** Column with the data subject, for erasure. */
  subject: z.string().optional(),
})
/** See {@link piiPlanSchema}. */
export type PiiPlan = z.output<typeof piiPlanSchema>

const relationship = z.looseObject({ to: z.union([z.string(), z.array(z.string())]) })

const property = z.looseObject({
  name: z.string().min(1),
  physicalName: z.string().optional(),
  logicalType: z
    .enum(['string', 'date', 'timestamp', 'time', 'number', 'integer', 'object', 'array', 'boolean'])
    .optional(),
  physicalType: z.string().optional(),
  description: z.string().optional(),
  required: z.boolean().default(false),
  unique: z.boolean().default(false),
  primaryKey: z.boolean().default(false),
  primaryKeyPosition: z.int().default(-1),
  classification: z.string().optional(),
  logicalTypeOptions: logicalTypeOptions.optional(),
  relationships: z.array(relationship).optional(),
  customProperties: z.array(customProperty).optional(),
})
/** A property (column) of a schema object, as written. */
export type ContractProperty = z.output<typeof property>

const schemaObject = z.looseObject({
  name: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a dataset name: lower case letters, digits and _, at most 63'),
  physicalName: z.string().optional(),
  logicalType: z.string().optional(),
  description: z.string().optional(),
  properties: z.array(property).min(1),
  customProperties: z.array(customProperty).optional(),
})
/** A schema object (dataset), as written. */
export type ContractObject = z.output<typeof schemaObject>

/** One condition of a row filter: the column is equal to, or is among, an attribute of the principal. */
export const rowPredicateSchema = z.strictObject({
  column: z.string().min(1),
  operator: z.enum(['=', 'in']),
  principal: z.string().min(1),
})
/** See {@link rowPredicateSchema}. */
export type RowPredicate = z.output<typeof rowPredicateSchema>

const role = z.looseObject({
  role: z.string().min(1),
  access: z.string().optional(),
  description: z.string().optional(),
  customProperties: z.array(customProperty).optional(),
})
/** A role, as written. */
export type ContractRole = z.output<typeof role>

/** The document. */
export const contractSchema = z.looseObject({
  apiVersion: z.string().regex(/^v3\.[0-2]\.\d+$/, 'expected v3.0.x, v3.1.x or v3.2.x'),
  kind: z.literal('DataContract'),
  id: z.string().min(1),
  name: z.string().optional(),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'expected a semantic version such as 1.0.0'),
  status: z.string(),
  domain: z.string().optional(),
  description: z.looseObject({ purpose: z.string().optional() }).optional(),
  schema: z.array(schemaObject).min(1),
  roles: z.array(role).default([]),
  slaProperties: z
    .array(z.looseObject({ property: z.string(), value: z.unknown(), unit: z.string().optional() }))
    .default([]),
})
/** A data contract, as written. */
export type Contract = z.output<typeof contractSchema>

/** The value of a custom property, if it is there. */
export function customValue(
  holder: { readonly customProperties?: readonly { property: string; value?: unknown }[] | undefined },
  name: string,
): unknown {
  return holder.customProperties?.find((custom) => custom.property === name)?.value
}
