/** `\d` and `\d NAME`: the caller's datasets, and the columns of one, as tables. */
import colors from 'picocolors'
import { said } from '../api-caller.ts'
import type { ApiClient } from '../api-client.ts'
import { renderTable } from '../output.ts'

type Dataset = {
  readonly name: string
  readonly description: string
  readonly domain: string
  readonly version: string
  readonly rows: string
}
type Detail = Dataset & {
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly description: string
    readonly masking: string | null
  }[]
  readonly masked: readonly string[]
  readonly freshness: { readonly lastCommittedAt: string | null }
}

/** The list as text; `undefined` if it was refused, which has been said then. */
export async function listDatasets(api: ApiClient, role: string | undefined): Promise<string | undefined> {
  const answer = await api.request('GET', `/v1/datasets${roleQuery(role)}`)
  if (!said(answer)) return undefined
  const { datasets } = JSON.parse(answer.text) as { readonly datasets: readonly Dataset[] }
  const lines = datasets.map(({ name, domain, version, description }) => [name, domain, version, description])
  return renderTable(['name', 'domain', 'version', 'description'], lines)
}

/** One dataset as text; see {@link listDatasets}. */
export async function describeDataset(
  api: ApiClient,
  name: string,
  role: string | undefined,
): Promise<string | undefined> {
  const answer = await api.request('GET', `/v1/datasets/${encodeURIComponent(name)}${roleQuery(role)}`)
  if (!said(answer)) return undefined
  const { columns, masked, freshness, ...dataset } = JSON.parse(answer.text) as Detail
  const lines = columns.map(({ name: column, type, masking, description }) => [
    column,
    type,
    masking ?? '',
    description,
  ])
  return [
    `${colors.bold(dataset.name)} ${dataset.version}${dataset.description === '' ? '' : `: ${dataset.description}`}`,
    `You see ${dataset.rows}; newest commit: ${freshness.lastCommittedAt ?? 'none'}.`,
    ...(masked.length === 0 ? [] : [`Masked: ${masked.join('; ')}.`]),
    '',
    renderTable(['column', 'type', 'masking', 'description'], lines),
  ].join('\n')
}

const roleQuery = (role: string | undefined): string =>
  role === undefined ? '' : `?role=${encodeURIComponent(role)}`
