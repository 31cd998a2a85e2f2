/** Values of `{name:Type}` places: JSON -> the text form in which the engine reads parameters (its escaped TSV form). */
import { z } from 'zod'
import type { EngineParameters } from '../ports.ts'

const scalar = z.union([z.string().max(100_000), z.number(), z.boolean(), z.null()])

/** Parameters of a request. */
export const parametersSchema = z
  .record(
    z.string().regex(/^[A-Za-z_]\w{0,63}$/, 'letters, digits and _'),
    z.union([scalar, z.array(scalar).max(10_000)]),
  )
  .refine((value) => Object.keys(value).length <= 100, 'at most 100 parameters')

type ParameterValue = z.output<typeof parametersSchema>[string]

/** Writes each value in the engine's form. */
export function engineParameters(values: z.output<typeof parametersSchema> | undefined): EngineParameters {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, textOf(value)]))
}

function textOf(value: ParameterValue): string {
  if (Array.isArray(value)) return `[${value.map(elementOf).join(',')}]`
  return value === null ? '\\N' : escaped(String(value))
}

function elementOf(value: string | number | boolean | null): string {
  if (value === null) return 'NULL'
  if (typeof value !== 'string') return String(value)
  return `'${escaped(value).replaceAll("'", "\\'")}'`
}

function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('\t', '\\t')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\0', '\\0')
}
