/** What our own entry files print: JSON on standard output; a fault as JSON {code, message, remedy} on standard error. */
import { z } from 'zod'

const faultSchema = z.object({ code: z.string(), message: z.string() })

/** The output, if it is what the schema wants. */
export function parsedOutput<T>(text: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** The fault that was said. */
export function saidFault(text: string): z.output<typeof faultSchema> | undefined {
  return parsedOutput(text, faultSchema)
}
