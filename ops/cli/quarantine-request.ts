/** What the commands of `mogo quarantine` have in common: who asks, and for which records. */
import type { Command } from 'commander'
import { MogoError } from '#contracts/errors.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { apiCaller } from './api-caller.ts'
import type { ApiClient } from './api-client.ts'
import { personWithRole } from './people.ts'
import { sinceTime } from './since.ts'

/** Filters of the commands. */
export type Chosen = { readonly dataset?: string; readonly reason?: string; readonly since?: string }

/** Records in one request. */
export const AT_ONCE = 500

/** Asks as `--as`, else as the first person who may. */
export function operator(command: Command, as: string | undefined): Promise<ApiClient> {
  return apiCaller(command, as, (project: Project) =>
    personWithRole(project, project.config.quarantine.operatorRoles),
  )
}

/** One request per chunk of places, or one for what the filters choose. @throws MogoError MOGO_USAGE */
export function requests(places: readonly string[], options: Chosen): Readonly<Record<string, unknown>>[] {
  if (places.length > 0 === (options.dataset !== undefined))
    throw new MogoError('MOGO_USAGE', {
      detail: 'Name either places (topic/partition/offset) or a dataset with --dataset.',
    })
  if (places.length === 0) return [{ ...filterOf(options), limit: AT_ONCE }]
  for (const place of places) placePath(place)
  const chunks: Readonly<Record<string, unknown>>[] = []
  for (let start = 0; start < places.length; start += AT_ONCE)
    chunks.push({ places: places.slice(start, start + AT_ONCE), ...filterOf(options) })
  return chunks
}

/** Filters as the API takes them. */
export function filterOf({ dataset, reason, since }: Chosen): Readonly<Record<string, string>> {
  return {
    ...(dataset === undefined ? {} : { dataset }),
    ...(reason === undefined ? {} : { reason }),
    ...(since === undefined ? {} : { since: sinceTime(since, Date.now()) }),
  }
}

/** The path of a place. @throws MogoError MOGO_USAGE if it is none */
export function placePath(place: string): string {
  if (!/^[A-Za-z0-9._-]+\/\d+\/\d+$/.test(place))
    throw new MogoError('MOGO_USAGE', { detail: `${place} is no place: expected topic/partition/offset.` })
  return place
}

/** A whole number. @throws MogoError MOGO_USAGE */
export function whole(text: string, option: string, most: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value > most)
    throw new MogoError('MOGO_USAGE', { detail: `${option} takes a whole number up to ${most}.` })
  return value
}
