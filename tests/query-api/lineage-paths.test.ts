/** The lineage routes in the query API's OpenAPI document are those of the lineage service. */
import { describe, expect, it } from 'vitest'
import { datasetOptions, datasetParams, queryOptions, queryParams } from '#lineage/schemas.ts'
import { LINEAGE_PATHS } from '#query-api/routes/lineage-paths.ts'

const names = (path: keyof typeof LINEAGE_PATHS, place: string): readonly string[] =>
  LINEAGE_PATHS[path].get.parameters.flatMap((parameter) =>
    'in' in parameter && 'name' in parameter && parameter.in === place ? [String(parameter.name)] : [],
  )

describe('the lineage paths', () => {
  it.each([
    ['/v1/lineage/{dataset}', datasetParams, datasetOptions],
    ['/v1/lineage/queries/{queryId}', queryParams, queryOptions],
  ] as const)('%s takes what the service takes', (path, params, options) => {
    expect(names(path, 'path').toSorted()).toEqual(Object.keys(params.shape).toSorted())
    expect(names(path, 'query').toSorted()).toEqual(Object.keys(options.shape).toSorted())
  })

  it('is all that the service answers', () =>
    expect(Object.keys(LINEAGE_PATHS)).toEqual([
      '/v1/lineage/{dataset}',
      '/v1/lineage/queries/{queryId}',
      '/v1/lineage/openlineage/{dataset}',
    ]))
})
