/** Texts for property tests: YAML as it may be written, scraps of it, and what is put together to do harm. */
import fc from 'fast-check'
import { stringify } from 'yaml'

const SCRAPS = [
  ...[
    '- ',
    '-',
    'a: ',
    'b:',
    '\n',
    '\n  ',
    '\n    ',
    '\n ',
    '  ',
    ' ',
    'x',
    'y z',
    '"q"',
    "'s'",
    '"a\\n b"',
    "'it''s'",
    '"',
    "'",
  ],
  ...[
    '#c',
    ' # c\n',
    '[',
    '] ',
    '{',
    '}',
    ',',
    ', ',
    '1',
    '1.5',
    'null',
    '~',
    'true',
    '|\n',
    '>\n',
    '|-\n',
    '>-\n',
    ': ',
    ':',
    '::',
    '?',
  ],
  ...[
    '&a ',
    '*a',
    '!t ',
    '!!str ',
    '%',
    '@',
    '---\n',
    '...\n',
    '0x1F',
    '1e3',
    '.5',
    '-1',
    'key',
    '"k": ',
    'k : ',
    '\t',
    'é',
    '<<: ',
  ],
  ...[
    '"\\\n  x"',
    'a#b',
    'a:b',
    '- - ',
    '- a: 1',
    '\n  - ',
    '\n- ',
    '--',
    '-x',
    '\\',
    '[a, b]',
    '{a: 1, "b":2}',
    '[]',
    '{}',
  ],
  ...[
    '12345678901234567890',
    '\r\n',
    '\r',
    '\0',
    '\ufeff',
    '\ud800',
    '__proto__: ',
    'constructor: ',
    '2026-01-31',
    '1.0.0',
    'yes',
    'no',
  ],
]

/** One scrap of YAML. */
export const scrap = fc.constantFrom(...SCRAPS)
/** Scraps in a row. */
export const scraps = fc.array(scrap, { minLength: 1, maxLength: 16 }).map((parts) => parts.join(''))

const word = fc.oneof(
  fc.constantFrom(
    ...[
      'a',
      'key',
      'some text',
      'x: y',
      '# no',
      '- z',
      'null',
      '1',
      '1.0',
      'true',
      '',
      '  lead',
      'trail ',
      'two\nlines',
      'two\n\nlines\n',
    ],
    ...[
      "it's",
      '"q"',
      'é ü',
      'http://x.y/z?a=b#c',
      'a, b',
      '[x]',
      '{y}',
      '*s',
      '&t',
      '!u',
      '%v',
      '@w',
      '`',
      '|',
      '>',
      '?',
      '? a',
      ':',
      ': b',
    ],
    ...[
      'a:',
      '<<',
      '__proto__',
      '~',
      '0x10',
      '1e5',
      '\t',
      'long '.repeat(30),
      '\\',
      '\u2028',
      'name',
      'schema',
      'properties',
      'quality',
    ],
  ),
  fc.string({ maxLength: 12 }),
)
/** Values as YAML and JSON have them. */
export const yamlValues: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(word, tie('value'), { maxKeys: 4 }),
  ),
})).value

const STYLES = ['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'] as const

/** Values written in every style. */
export const written = fc
  .tuple(yamlValues, fc.constantFrom(2, 4), fc.constantFrom(20, 80, 0), fc.constantFrom(...STYLES), fc.nat(7))
  .map(([value, indent, lineWidth, defaultStringType, choice]) =>
    choice === 7
      ? JSON.stringify(value, undefined, indent)
      : stringify(value, {
          indent,
          lineWidth,
          defaultStringType,
          collectionStyle: choice % 2 === 0 ? 'any' : 'flow',
          indentSeq: choice < 4,
          aliasDuplicateObjects: false,
        }),
  )

/** Written values with a scrap put in somewhere. */
export const mutated = fc.tuple(written, fc.nat(), scrap).map(([text, at, part]) => {
  const place = at % (text.length + 1)
  return text.slice(0, place) + part + text.slice(place)
})
