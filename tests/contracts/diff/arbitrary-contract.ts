/** Contracts by chance, of few names and values, so that two of them have much in common. Names stand once: the linter refuses others. */
import fc from 'fast-check'

const NAMES = ['id', 'amount', 'note', 'state', 'email', 'Amount']

const nameOf = (named: unknown): string => String((named as { readonly name: unknown }).name)

const custom = fc.array(
  fc.oneof(
    fc.record({
      property: fc.constant('validValues'),
      value: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
    }),
    fc.record({
      property: fc.constant('piiPlan'),
      value: fc.record(
        {
          method: fc.constantFrom('hmac', 'siv', 'mask', 'drop'),
          domain: fc.constantFrom('email', 'name'),
          normalize: fc.constantFrom('none', 'lower'),
          subject: fc.constantFrom(...NAMES),
        },
        { requiredKeys: ['method'] },
      ),
    }),
    fc.record({
      property: fc.constant('targetType'),
      value: fc.constantFrom('String', 'Int64', 'LowCardinality(String)'),
    }),
    fc.record({
      property: fc.constantFrom('other', 'piiPlan', 'columns'),
      value: fc.jsonValue({ maxDepth: 2 }),
    }),
  ),
  { maxLength: 2 },
)

const bound = fc.constantFrom<(number | string)[]>(
  0,
  1,
  2.5,
  '10',
  '99999999999999999999.1',
  '2020-01-01',
  'x',
)

const options = fc.record(
  {
    minLength: fc.nat(3),
    maxLength: fc.nat(9),
    minimum: bound,
    maximum: bound,
    exclusiveMinimum: bound,
    exclusiveMaximum: bound,
    multipleOf: fc.constantFrom(0, 0.1, 2, 3, 6),
    pattern: fc.constantFrom('^a', '^b'),
    format: fc.constantFrom('i32', 'i64', 'email'),
    maxItems: fc.nat(3),
    uniqueItems: fc.boolean(),
    required: fc.subarray(NAMES),
  },
  { requiredKeys: [] },
)

const span = fc.tuple(fc.nat(3), fc.nat(5)).map(([low, width]) => [low, low + width])
const operators = fc.oneof(
  fc.record({ mustBe: fc.nat(3) }),
  fc.record({ mustNotBe: fc.nat(3) }),
  fc.record({ mustBeLessThan: fc.nat(3) }),
  fc.record({ mustBeGreaterOrEqualTo: fc.nat(3) }),
  fc.record({ mustBeBetween: span }),
  fc.record({ mustNotBeBetween: span }),
)

const quality = fc.array(
  fc
    .tuple(
      fc.record(
        {
          type: fc.constantFrom('library', 'sql', 'text'),
          name: fc.constantFrom('r1', 'r2'),
          metric: fc.constantFrom('nullValues', 'rowCount'),
          query: fc.constantFrom('select 1', 'select 2'),
          severity: fc.constantFrom('error', 'warning'),
        },
        { requiredKeys: ['type'] },
      ),
      operators,
    )
    .map(([rule, condition]) => ({ ...rule, ...condition })),
  { maxLength: 2 },
)

const relationships = fc.array(
  fc.record({ to: fc.constantFrom('orders.id', 'people.id', 'orders.amount') }),
  { maxLength: 2 },
)

const { column } = fc.letrec<{ column: unknown }>((tie) => ({
  column: fc.record(
    {
      name: fc.constantFrom(...NAMES),
      id: fc.constantFrom('i1', 'i2', 'i3'),
      physicalName: fc.constantFrom('p1', 'p2', 'amount'),
      logicalType: fc.constantFrom('string', 'integer', 'number', 'date', 'object', 'array'),
      physicalType: fc.constantFrom(
        'int4',
        'int8',
        'numeric(10,2)',
        'numeric',
        'varchar(5)',
        'text',
        'float8',
        'date',
        'int4[]',
      ),
      description: fc.constantFrom('What it costs.', 'Who it is.'),
      required: fc.boolean(),
      unique: fc.boolean(),
      primaryKey: fc.boolean(),
      primaryKeyPosition: fc.integer({ min: -1, max: 3 }),
      partitioned: fc.boolean(),
      classification: fc.constantFrom('public', 'internal', 'personal', 'green'),
      deprecated: fc.constantFrom<(boolean | string)[]>(true, false, 'old'),
      enum: fc.subarray([{ value: 'a' }, { value: 'b' }, { value: 1 }]),
      tags: fc.subarray(['t', 'u']),
      logicalTypeOptions: options,
      customProperties: custom,
      quality,
      relationships,
      properties: fc.uniqueArray(tie('column'), { maxLength: 2, selector: nameOf }),
      items: tie('column'),
      'x-unit': fc.constantFrom('m', 'km'),
    },
    { requiredKeys: ['name'] },
  ),
}))

const dataset = fc.record(
  {
    name: fc.constantFrom('orders', 'people', 'Orders'),
    physicalName: fc.constantFrom('t1', 't2'),
    physicalType: fc.constantFrom('table', 'view'),
    properties: fc.uniqueArray(column, { maxLength: 5, selector: nameOf }),
    customProperties: fc.array(
      fc.record({ property: fc.constant('tenant'), value: fc.record({ column: fc.constantFrom(...NAMES) }) }),
      { maxLength: 1 },
    ),
    relationships: fc.array(
      fc.record({
        from: fc.subarray(['orders.id', 'orders.amount']),
        to: fc.subarray(['people.id', 'people.note']),
      }),
      { maxLength: 1 },
    ),
    quality,
  },
  { requiredKeys: ['name', 'properties'] },
)

const predicate = fc.record({
  column: fc.constantFrom(...NAMES),
  operator: fc.constantFrom('=', 'in'),
  principal: fc.constant('tenant'),
})

const role = fc.record({
  role: fc.constantFrom('analyst', 'engineer'),
  access: fc.constantFrom('read', 'write'),
  customProperties: fc.tuple(
    fc.record({
      property: fc.constant('rowFilter'),
      value: fc.oneof(
        fc.constant('all'),
        fc.array(fc.oneof(predicate, fc.record({ any: fc.array(predicate, { maxLength: 2 }) })), {
          maxLength: 2,
        }),
      ),
    }),
    fc.record({
      property: fc.constant('columns'),
      value: fc.oneof(
        fc.record({ include: fc.subarray(NAMES) }),
        fc.record({ exclude: fc.subarray(NAMES) }),
        fc.constant('all'),
      ),
    }),
  ),
})

const level = fc.record(
  {
    property: fc.constantFrom('latency', 'retention', 'mood'),
    value: fc.constantFrom<(number | string | boolean)[]>(1, 60, '3', 'PT1H', true),
    unit: fc.constantFrom('s', 'min', 'h', 'per hour'),
    element: fc.constantFrom('orders.id', 'people'),
    driver: fc.constantFrom('analytics', 'regulatory'),
  },
  { requiredKeys: ['property', 'value'] },
)

/** The document as a plain value. */
export const arbitraryContract = fc.record(
  {
    apiVersion: fc.constantFrom('v3.1.0', 'v3.2.0'),
    kind: fc.constant('DataContract'),
    id: fc.constantFrom('a', 'b'),
    version: fc.constantFrom('1.0.0', '1.1.0', '0.3.0', '2.0.0-rc.1', 'latest'),
    status: fc.constantFrom('draft', 'active', 'deprecated', 'retired'),
    schema: fc.uniqueArray(dataset, { maxLength: 2, selector: nameOf }),
    roles: fc.array(role, { maxLength: 2 }),
    slaProperties: fc.array(level, { maxLength: 3 }),
    servers: fc.array(
      fc.record({
        server: fc.constantFrom('x', 'y'),
        type: fc.constant('kafka'),
        host: fc.constantFrom('h', 'i'),
      }),
      {
        maxLength: 2,
      },
    ),
    team: fc.array(fc.record({ username: fc.constantFrom('u', 'v') }), { maxLength: 2 }),
    support: fc.array(fc.record({ channel: fc.constantFrom('a', 'b') }), { maxLength: 2 }),
    tags: fc.subarray(['t', 'u']),
    extra: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: ['apiVersion', 'kind', 'id', 'version', 'status', 'schema'] },
)
