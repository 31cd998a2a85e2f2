/** The OpenAPI document as it is served: whole, with examples of every operation that fit their schemas. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { datasetLineageSchema, openLineageSchema, queryLineageSchema } from '#lineage/schemas.ts'
import type { HttpServer } from '#ops/runtime/http-server.ts'
import {
  dropAnswer,
  dropBody,
  listAnswer,
  openAnswer,
  openBody,
  placeAnswer,
  placeDropBody,
  placeReplayBody,
  replayAnswer,
  replayBody,
  resumeAnswer,
  resumeBody,
} from '#pipelines/quarantine/quarantine-schemas.ts'
import { EXAMPLES } from '#query-api/openapi/examples.ts'
import { bareApp } from './support/bare-app.ts'

type Media = {
  readonly schema: object
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { value: unknown }>>
}
type Operation = {
  readonly operationId?: string
  readonly summary?: string
  readonly security?: readonly unknown[]
  readonly tags?: readonly string[]
  readonly parameters?: readonly (Media & { readonly name: string; readonly required?: boolean })[]
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Media>> }>
  >
}
type Document = {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

let app: HttpServer
let document: Document
let operations: readonly (readonly [string, Operation])[]

beforeAll(async () => {
  ;({ app } = await bareApp())
  document = (await app.inject({ url: '/openapi.json' })).json()
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  )
})
afterAll(() => app?.close())

type Schema = {
  readonly examples?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly $ref?: string
}

/** Examples beside a schema, or in it and its alternatives. */
const shownIn = ({ example, examples, schema }: Media): readonly unknown[] => {
  if (example !== undefined) return [example]
  const beside = Object.values(examples ?? {}).map(({ value }) => value)
  const inside = ({ examples: own = [], anyOf = [] }: Schema): readonly unknown[] => [
    ...own,
    ...anyOf.flatMap(inside),
  ]
  return beside.length > 0 ? beside : inside(schema)
}

describe('every operation', () => {
  test('is there, with an id of its own, a summary, a tag and the login', () => {
    expect(operations.length).toBeGreaterThanOrEqual(17)
    expect(document.openapi).toMatch(/^3\.1\./)
    const ids = operations.map(([, { operationId }]) => operationId)
    expect(ids.filter((id) => !id)).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
    for (const [name, { summary, security, tags }] of operations)
      expect({ name, summary, security, tags }).toEqual({
        ...{ name, summary: expect.stringMatching(/./), security: [{ bearer: [] }] },
        tags: [expect.stringMatching(/^(query|datasets|keys|lineage|quarantine)$/)],
      })
  })

  test('is one that examples are given for, and there are no others', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(operations.map(([name]) => name).sort())
  })

  test('shows what is sent and what is answered', () => {
    const without: string[] = []
    for (const [name, { parameters = [], requestBody, responses }] of operations) {
      for (const parameter of parameters)
        if (parameter.required && shownIn(parameter).length === 0) without.push(`${name} ${parameter.name}`)
      for (const media of Object.values(requestBody?.content ?? {}))
        if (shownIn(media).length === 0) without.push(`${name} body`)
      // Bytes of Arrow and Parquet are no text; 409 has no code of its own here.
      for (const [status, { content = {} }] of Object.entries(responses))
        for (const [type, media] of Object.entries(content))
          if (!/arrow|parquet/.test(type) && status !== '409' && shownIn(media).length === 0)
            without.push(`${name} ${status} ${type}`)
    }
    expect(without).toEqual([])
  })

  test('has examples that fit their schemas', () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    formats.default(ajv)
    ajv.addSchema({ $id: 'document', components: document.components })
    const check = (place: string, media: Media): readonly string[] => {
      const text = JSON.stringify(media.schema).replaceAll('"#/components', '"document#/components')
      const validate = ajv.compile(JSON.parse(text))
      return shownIn(media).flatMap((value) =>
        validate(value) ? [] : [`${place}: ${ajv.errorsText(validate.errors)}`],
      )
    }
    const faults: string[] = []
    let count = 0
    for (const [name, { parameters = [], requestBody, responses }] of operations) {
      const all = [
        ...parameters.map((each) => [each.name, each] as const),
        ...Object.entries(requestBody?.content ?? {}),
        ...Object.entries(responses).flatMap(([status, { content = {} }]) =>
          Object.entries(content).map(([type, media]) => [`${status} ${type}`, media] as const),
        ),
      ]
      for (const [place, media] of all) {
        count += shownIn(media).length
        faults.push(...check(`${name} ${place}`, media))
      }
    }
    expect(faults).toEqual([])
    expect(count).toBeGreaterThan(150)
  })

  test('answers faults as problems, those that can come anywhere too', () => {
    for (const [name, { responses }] of operations) {
      expect(Object.keys(responses), name).toEqual(
        expect.arrayContaining(['400', '401', '403', '404', '408', '429', '431', '500', '503']),
      )
      for (const [status, { description, content }] of Object.entries(responses)) {
        expect(description, `${name} ${status}`).not.toBe('')
        if (Number(status) >= 400)
          expect(Object.keys(content ?? {}), `${name} ${status}`).toEqual(['application/problem+json'])
      }
    }
  })
})

describe('answers of services beside are shown as those services answer', () => {
  const cases: [string, z.ZodType, z.ZodType?][] = [
    ['get /v1/lineage/{dataset}', datasetLineageSchema],
    ['get /v1/lineage/queries/{queryId}', queryLineageSchema],
    ['get /v1/lineage/openlineage/{dataset}', openLineageSchema],
    ['get /v1/quarantine', listAnswer],
    ['get /v1/quarantine/{topic}/{partition}/{offset}', placeAnswer],
    ['post /v1/quarantine/{topic}/{partition}/{offset}/open', openAnswer, openBody],
    ['post /v1/quarantine/{topic}/{partition}/{offset}/replay', replayAnswer, placeReplayBody],
    ['post /v1/quarantine/{topic}/{partition}/{offset}/drop', dropAnswer, placeDropBody],
    ['post /v1/quarantine/replay', replayAnswer, replayBody],
    ['post /v1/quarantine/drop', dropAnswer, dropBody],
    ['post /v1/quarantine/resume', resumeAnswer, resumeBody],
  ]
  test.each(cases)('%s', (name, answer, request) => {
    const shown = EXAMPLES[name]
    expect(answer.safeParse(shown?.answers['application/json']).error).toBeUndefined()
    if (request) expect(request.safeParse(shown?.request).error).toBeUndefined()
  })

  test('all of them', () => {
    const passed = operations
      .filter(([name]) => /\/v1\/(lineage|quarantine)/.test(name))
      .map(([name]) => name)
    expect(cases.map(([name]) => name).sort()).toEqual(passed.sort())
  })
})
