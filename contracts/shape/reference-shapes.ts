/** References from properties to properties: foreign keys. They came with 3.1. */
import { z } from 'zod'
import type { StandardVersion } from './api-version.ts'
import { customProperties } from './common-shapes.ts'
import { chosen, closed, text, textLike } from './zod-parts.ts'

type Since31 = Exclude<StandardVersion, '3.0'>

const EXPECTED = 'a reference such as dataset.column or schema/dataset_id/properties/column_id'

/** `dataset.column`; since 3.2 also deeper, and with hyphens. */
const SHORT: Readonly<Record<Since31, string>> = {
  '3.1': '[A-Za-z_]\\w*\\.[A-Za-z_]\\w*',
  '3.2': '[A-Za-z_][\\w-]*(?:\\.[A-Za-z_][\\w-]*)+',
}
/** `schema/<id>/properties/<id>`, in this file or after `file.yaml#`. */
const QUALIFIED = '/?[A-Za-z_]\\w*/[\\w-]+(?:/[A-Za-z_]\\w*/[\\w-]+)*'
const FILE: Readonly<Record<Since31, string>> = {
  '3.1': '(?:https?://)?[\\w.\\-/]+\\.yaml#',
  '3.2': '(?:https?://)?[\\w.\\-/]+\\.ya?ml#',
}

/** Relationships of a property, and of a schema object. */
export function relationshipShapes(version: Since31) {
  const one = textLike(new RegExp(`^(?:${SHORT[version]}|(?:${FILE[version]})?${QUALIFIED})$`), EXPECTED)
  const several = z.array(one).min(1, 'a list of at least one reference')
  const common = {
    type: z.enum(['foreignKey']).optional(),
    customProperties: customProperties(version).optional(),
    ...(version === '3.2' && { id: text.optional() }),
  }
  const ofProperty = (to: z.ZodType) => closed('a relationship of a property', { ...common, to })
  const ofObject = (side: z.ZodType) =>
    closed('a relationship of a schema object', { ...common, from: side, to: side })
  const propertyOne = ofProperty(one)
  const propertySeveral = ofProperty(several)
  const objectOne = ofObject(one)
  const objectSeveral = ofObject(several)
  return {
    property: z.array(chosen(({ to }) => (Array.isArray(to) ? propertySeveral : propertyOne))),
    // One of both sides as a list makes the other one a list too.
    object: z.array(
      chosen(({ from, to }) => (Array.isArray(from) || Array.isArray(to) ? objectSeveral : objectOne)),
    ),
  }
}
