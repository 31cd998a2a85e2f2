import { describe, expect, test } from 'vitest'
import { lineageEdges, maskingText } from '#contracts/compile/lineage-edges.ts'
import { lineageEdgeSchema, nodeId } from '#contracts/events/lineage-edge.ts'
import { governanceTopic, quarantineTopic, rawTopic } from '#contracts/events/topics.ts'
import { piiPlanSchema } from '#contracts/pii/pii-plan.ts'
import { datasetOf, KEY, personal } from './contract-text.ts'

const places = { sourceDatabase: 'shop', topicPrefix: 'mogo', database: 'analytics' }

describe('lineage of a dataset', () => {
  const edges = lineageEdges(
    datasetOf({
      physicalName: 'sales."My Things"',
      properties: [
        ...KEY,
        personal('email', '{method: hmac, domain: email}'),
        personal('born', '{method: redact}'),
        personal('street', '{method: drop}'),
      ],
    }),
    places,
  )
  const text = edges.map(
    (edge) =>
      `${nodeId(edge.from)} -> ${nodeId(edge.to)} ${edge.subtype}${edge.masking ? ` ${edge.description}` : ''}`,
  )

  test('goes from the Postgres column over the topic to the dataset, with the masking on the second step', () => {
    expect(text).toEqual([
      'postgres:shop/sales.My Things#tenant_id -> kafka:mogo/mogo.sales.My_Things#tenant_id IDENTITY',
      'kafka:mogo/mogo.sales.My_Things#tenant_id -> clickhouse:analytics/things#tenant_id IDENTITY',
      'postgres:shop/sales.My Things#id -> kafka:mogo/mogo.sales.My_Things#id IDENTITY',
      'kafka:mogo/mogo.sales.My_Things#id -> clickhouse:analytics/things#id IDENTITY',
      'postgres:shop/sales.My Things#email -> kafka:mogo/mogo.sales.My_Things#email IDENTITY',
      'kafka:mogo/mogo.sales.My_Things#email -> clickhouse:analytics/things#email_token TRANSFORMATION hmac(email)',
      'postgres:shop/sales.My Things#born -> kafka:mogo/mogo.sales.My_Things#born IDENTITY',
      'kafka:mogo/mogo.sales.My_Things#born -> clickhouse:analytics/things#born TRANSFORMATION redact',
      'postgres:shop/sales.My Things#street -> kafka:mogo/mogo.sales.My_Things#street IDENTITY',
    ])
  })

  test('is made of edges that the event allows', () => {
    for (const edge of edges) expect(lineageEdgeSchema.parse(edge)).toEqual(edge)
  })
})

test.each([
  [null, ''],
  [{ method: 'hmac', domain: 'email' }, 'hmac(email)'],
  [{ method: 'siv', domain: 'phone' }, 'siv(phone)'],
  [{ method: 'mask' }, 'mask'],
] as const)('a plan %j reads %s', (plan, text) => {
  expect(maskingText({ pii: plan && piiPlanSchema.parse(plan) })).toBe(text)
})

describe('names of topics', () => {
  test.each([
    [{ schema: 'public', table: 'orders' }, 'mogo.public.orders'],
    [{ schema: 'My Shop', table: 'Ördér-1.x' }, 'mogo.My_Shop._rd_r-1.x'],
  ])('of the table %j is %s', (source, topic) => expect(rawTopic('mogo', source)).toBe(topic))

  test('of quarantine and governance', () => {
    expect([quarantineTopic('p'), governanceTopic('p')]).toEqual(['p.quarantine', 'p.governance'])
  })
})
