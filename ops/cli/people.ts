/** The people of the embedded identity provider, as far as the command line needs them. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Project } from '#ops/runtime/load-config.ts'

const fileSchema = z.looseObject({
  people: z.array(
    z.looseObject({
      username: z.string(),
      displayName: z.string().optional(),
      tenant: z.string(),
      roles: z.array(z.string()),
      attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
    }),
  ),
})
/** A person. */
export type Person = {
  readonly username: string
  readonly displayName?: string | undefined
  readonly tenant: string
  readonly roles: readonly string[]
  readonly attributes: Readonly<Record<string, string | readonly string[]>>
}

/** The people of a project; empty if it has none. */
export function projectPeople(project: Project): readonly Person[] {
  const file = project.config.identity.people
  if (file === undefined) return []
  try {
    return fileSchema.parse(parse(readFileSync(resolve(project.dir, file), 'utf8'))).people
  } catch {
    return []
  }
}

/** Who asks when nobody is named: the first analyst, else the first person. */
export function defaultPerson(project: Project): string | undefined {
  const people = projectPeople(project)
  return (people.find((person) => person.roles.includes('analyst')) ?? people[0])?.username
}

/** The first person who has one of these roles. */
export function personWithRole(project: Project, roles: readonly string[]): string | undefined {
  return projectPeople(project).find((person) => person.roles.some((role) => roles.includes(role)))?.username
}
