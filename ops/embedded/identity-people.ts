/**
 * The people of the embedded identity provider: who they are, from a YAML file of the project. Secrets are not in the file:
 * each person's is generated and kept as the secret `identity.<username>`.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { MogoError } from '#contracts/errors.ts'

const personSchema = z.strictObject({
  username: z.string().regex(/^[a-z][a-z0-9._-]{0,39}$/, 'lower case letters, digits, ., _ and -'),
  displayName: z.string().min(1).max(200),
  tenant: z.string().min(1).max(200),
  roles: z.array(z.string().min(1)).min(1),
  attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
})
/** One person who may ask for tokens. */
export type Person = z.output<typeof personSchema>

const fileSchema = z.strictObject({ people: z.array(personSchema).min(1) })

/** Who is there when a project names nobody: one person, so that the first query can be asked. */
export const DEFAULT_PEOPLE: readonly Person[] = [
  {
    username: 'admin',
    displayName: 'Administrator',
    tenant: 'default',
    roles: ['analyst', 'data_engineer', 'compliance'],
    attributes: {},
  },
]

/**
 * Reads the people of a project; without a file there is one (see {@link DEFAULT_PEOPLE}).
 *
 * @throws MogoError MOGO_CONFIG_INVALID with every fault of the file
 */
export function loadPeople(file: string | undefined): readonly Person[] {
  if (file === undefined) return DEFAULT_PEOPLE
  const invalid = (faults: readonly string[]): MogoError =>
    new MogoError('MOGO_CONFIG_INVALID', { file, count: faults.length, faults: faults.join('\n') })
  let document: unknown
  try {
    document = parse(readFileSync(file, 'utf8'))
  } catch {
    throw invalid(['  (root): cannot be read as YAML'])
  }
  const result = fileSchema.safeParse(document)
  if (!result.success)
    throw invalid(result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`))
  const names = result.data.people.map((person) => person.username)
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  if (twice.length > 0) throw invalid(twice.map((name) => `  people: ${name} is there twice`))
  return result.data.people
}
