import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { htmlCatalogue } from '#contracts/export/html.ts'
import { escapeMarkdown, markdownPage } from '#contracts/export/markdown.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { hostileDataset, wideDataset } from './wide-contract.ts'

const demo = loadContracts(fileURLToPath(new URL('../../../ops/demo/contracts', import.meta.url)))

describe('the Markdown page', () => {
  const page = markdownPage(wideDataset())

  test.each([
    '# The wide one',
    '**deprecated**',
    '- **Purpose**: Every type once.',
    '- **Owner**: keepers',
    '| code | String |  | required; at least 2 characters; at most 3 characters; matches ^\\[A-Z\\]+\\$; unique |  |',
    '| email | one-way token, hmac(email); equal within the domain email of a tenant; normalized as email; subject id | email_token |',
    '| street | not stored | not stored |',
    '| analyst | rows whose tenant_id is your tenant | tenant_id, id,',
    '| engineer | every row | all |  |',
    '| latency | 10 s | wide.at | From commit to query. |',
    '| the dataset | rowCount | mustBeGreaterThan 0 |',
    '| tenant_id, parent | wide.tenant_id, wide.id |',
    '| shop.wide.email | wide_v2.email_token | email |',
    '| shop.wide.street | not stored | street |',
  ])('says %s', (line) => expect(page).toContain(line))

  test('leaves out service levels of other datasets, and sections without content', () => {
    expect(page).not.toContain('| latency | 99')
    expect(markdownPage(demo[0] ?? wideDataset())).not.toContain('## Quality rules')
  })

  test('takes what a contract says for text', () => {
    const hostile = markdownPage(hostileDataset())
    expect(hostile).not.toMatch(/<[a-z/]/i)
    expect(hostile).not.toMatch(/(?<!\\)\[[^\]]*(?<!\\)\]\(/)
    expect(hostile).not.toContain('://')
    const table = hostile.split('## Columns')[1]?.split('\n\n## ')[0] ?? ''
    const cells = (line: string) => line.split(/(?<!\\)\|/).length
    const lines = table.split('\n').filter((line) => line.startsWith('|'))
    expect(new Set(lines.map(cells)).size).toBe(1)
  })

  test.each([
    ['a_b', 'a_b'],
    ['_a_', '\\_a\\_'],
    ['- a', '\\- a'],
    ['# a', '\\# a'],
    ['1. a', '1\\. a'],
    ['a\nb', 'a b'],
    ['<b>', '&lt;b&gt;'],
    ['http://x', 'http&#58;//x'],
  ])('%j is written %j', (text, escaped) => expect(escapeMarkdown(text)).toBe(escaped))
})

describe('the HTML catalogue', () => {
  const page = htmlCatalogue(demo)
  const hostile = htmlCatalogue([hostileDataset(), ...demo])

  test('shows every dataset, with its plans, roles and names', () => {
    for (const { document } of demo) expect(page).toContain(`>${document.object.businessName ?? ''}</h2>`)
    expect(page).toContain('hmac(email)')
    expect(page).toContain('<th scope="row">analyst</th>')
    expect(page).toContain('customers.email_token')
  })

  test.each([['the demo'], ['a hostile contract']])('of %s has no tags but its own', (which) => {
    const text = which === 'the demo' ? page : hostile
    const tags = new Set([...text.matchAll(/<\/?([a-z][a-z0-9]*)/gi)].map((match) => match[1]))
    expect([...tags].sort()).toEqual(
      [
        ...[
          'a',
          'article',
          'body',
          'code',
          'dd',
          'div',
          'dl',
          'dt',
          'h1',
          'h2',
          'h3',
          'head',
          'header',
          'html',
        ],
        ...[
          'input',
          'label',
          'li',
          'main',
          'meta',
          'nav',
          'p',
          'script',
          'style',
          'table',
          'tbody',
          'td',
          'th',
        ],
        ...['thead', 'title', 'tr', 'ul'],
      ].filter((tag) => text.includes(`<${tag}`)),
    )
    expect(text.match(/<script/g)).toHaveLength(1)
    expect(text).not.toMatch(/<[^>]*\s(on\w+|style|src)\s*=/i)
    expect([...text.matchAll(/href="([^"]*)"/g)].every((match) => match[1]?.startsWith('#'))).toBe(true)
  })

  test('allows exactly its own script and style, and loads nothing', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(hostile)?.[1] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    for (const tag of ['script', 'style']) {
      const text = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(hostile)?.[1] ?? ''
      expect(policy).toContain(`${tag}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    }
    expect(page).not.toMatch(/url\(|@import|<link|<iframe/)
  })

  test('can be used without a mouse and by a screen reader', () => {
    expect(page).toContain('<html lang="en">')
    expect(page).toContain('<a class="skip" href="#datasets">')
    expect(page).toContain('<label for="search">')
    expect(page).toContain('role="status"')
    expect(page).toContain('prefers-color-scheme: dark')
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1])
    expect(new Set(ids).size).toBe(ids.length)
    for (const match of page.matchAll(/aria-labelledby="([^"]+)"/g)) expect(ids).toContain(match[1])
    for (const match of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(match[1])
  })

  test('keeps a contrast of 4.5 to 1 for text, in light and dark', () => {
    const themes = [
      ...page.matchAll(
        /--ink: (#\w+); --soft: (#\w+); --paper: (#\w+); --raised: (#\w+);[^}]*?--accent: (#\w+); --mark: (#\w+)/g,
      ),
    ]
    expect(themes).toHaveLength(2)
    for (const [, ink = '', soft = '', paper = '', raised = '', accent = '', mark = ''] of themes)
      for (const text of [ink, soft, accent, mark])
        for (const ground of [paper, raised]) expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5)
  })
})

/** Contrast of two colours, WCAG 2.2. */
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)]
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
