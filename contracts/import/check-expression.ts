/**
 * Parses the expression of a CHECK constraint as Postgres prints it (`pg_get_expr`): fully bracketed, with casts. It knows the few forms that
 * can become rules of a column; of everything else it says undefined, and the check is kept in words.
 *
 * A tokenizer and a recursive descent; depth is bounded. Rejected: regular expressions over the text, which cannot tell a literal from
 * an operator.
 */

/** A part of an expression. `from` and `to` are its place in the text. */
export type CheckNode = { readonly from: number; readonly to: number } & (
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: string; readonly type: 'number' | 'text' | 'word' }
  | { readonly kind: 'cast'; readonly of: CheckNode; readonly type: string }
  | { readonly kind: 'array'; readonly items: readonly CheckNode[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly CheckNode[] }
  | {
      readonly kind: 'compare'
      readonly operator: string
      readonly left: CheckNode
      readonly right: CheckNode
      /** `= ANY (…)` */
      readonly any: boolean
    }
  | { readonly kind: 'and' | 'or'; readonly items: readonly CheckNode[] }
  | { readonly kind: 'null'; readonly of: CheckNode; readonly negated: boolean }
)

type Token = {
  readonly kind: 'number' | 'text' | 'name' | 'quoted' | 'sign' | 'end'
  readonly text: string
  readonly from: number
  readonly to: number
}

const MAX_DEPTH = 100
const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|([\p{L}_][\p{L}\p{N}_$]*)|(::|<=|>=|<>|!~~\*?|!~\*?|~~\*?|~\*?|[()[\],.=<>+*/%|&#@^!?:-]))/uy
const COMPARISONS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=', '~'])
/** Second words of types. */
const TYPE_WORDS: ReadonlySet<string> = new Set(['varying', 'precision', 'with', 'without', 'time', 'zone'])

/** The expression as a tree, or undefined if it holds anything that is not known. */
export function parseCheck(text: string): CheckNode | undefined {
  const tokens = tokenize(text)
  if (!tokens) return undefined
  const parser = new CheckParser(tokens)
  try {
    const node = parser.expression(0)
    return parser.atEnd() ? node : undefined
  } catch (error) {
    if (error instanceof NotKnown) return undefined
    throw error
  }
}

/** The conjuncts of an expression: `a AND (b AND c)` is a, b and c. */
export function conjuncts(node: CheckNode): readonly CheckNode[] {
  return node.kind === 'and' ? node.items.flatMap(conjuncts) : [node]
}

class NotKnown extends Error {}

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  let at = 0
  while (at < text.length) {
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)
    if (!match) {
      if (text.slice(at).trim() === '') break
      return undefined
    }
    const [whole, number, literal, quoted, name, sign] = match
    const to = at + whole.length
    const from = at + whole.length - whole.trimStart().length
    // E'…' holds escapes.
    if (literal !== undefined && tokens.at(-1)?.to === from && tokens.at(-1)?.kind === 'name')
      return undefined
    tokens.push(
      number !== undefined
        ? { kind: 'number', text: number, from, to }
        : literal !== undefined
          ? { kind: 'text', text: literal.replaceAll("''", "'"), from, to }
          : quoted !== undefined
            ? { kind: 'quoted', text: quoted.replaceAll('""', '"'), from, to }
            : name !== undefined
              ? { kind: 'name', text: name, from, to }
              : { kind: 'sign', text: sign ?? '', from, to },
    )
    at = to
  }
  tokens.push({ kind: 'end', text: '', from: text.length, to: text.length })
  return tokens
}

class CheckParser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  atEnd(): boolean {
    return this.#peek().kind === 'end'
  }

  expression(depth: number): CheckNode {
    if (depth > MAX_DEPTH) throw new NotKnown()
    return this.#list('or', 'OR', () => this.#list('and', 'AND', () => this.#comparison(depth)))
  }

  #list(kind: 'and' | 'or', word: string, next: () => CheckNode): CheckNode {
    const items = [next()]
    while (this.#isWord(word)) {
      this.#at++
      items.push(next())
    }
    const [first] = items
    if (!first || items.length === 1) return first ?? this.#fail()
    return { kind, items, from: first.from, to: items.at(-1)?.to ?? first.to }
  }

  #comparison(depth: number): CheckNode {
    const left = this.#cast(depth)
    if (this.#isWord('IS')) {
      this.#at++
      const negated = this.#isWord('NOT')
      if (negated) this.#at++
      if (!this.#isWord('NULL')) this.#fail()
      return { kind: 'null', of: left, negated, from: left.from, to: this.#next().to }
    }
    const sign = this.#peek()
    if (sign.kind !== 'sign' || !COMPARISONS.has(sign.text)) return left
    this.#at++
    const any = this.#isWord('ANY')
    if (any) this.#at++
    const right = this.#cast(depth)
    return { kind: 'compare', operator: sign.text, left, right, any, from: left.from, to: right.to }
  }

  #cast(depth: number): CheckNode {
    let node = this.#primary(depth)
    while (this.#isSign('::')) {
      this.#at++
      const type = this.#type()
      node = { kind: 'cast', of: node, type, from: node.from, to: this.#last().to }
    }
    return node
  }

  #type(): string {
    const first = this.#next()
    if (first.kind !== 'name' && first.kind !== 'quoted') this.#fail()
    let type = first.kind === 'quoted' ? `"${first.text}"` : first.text
    for (;;) {
      const token = this.#peek()
      if (token.kind === 'name' && TYPE_WORDS.has(token.text)) type += ` ${this.#next().text}`
      else if (this.#isSign('.')) {
        this.#at++
        const part = this.#next()
        type += part.kind === 'quoted' ? `."${part.text}"` : `.${part.text}`
      } else if (this.#isSign('(')) {
        this.#at++
        type += '('
        while (!this.#isSign(')')) type += this.#next().kind === 'end' ? this.#fail() : this.#last().text
        this.#at++
        type += ')'
      } else if (this.#isSign('[')) {
        this.#at++
        if (!this.#isSign(']')) this.#fail()
        this.#at++
        type += '[]'
      } else return type
    }
  }

  #primary(depth: number): CheckNode {
    const token = this.#next()
    const { from } = token
    if (token.kind === 'number')
      return { kind: 'literal', value: token.text, type: 'number', from, to: token.to }
    if (token.kind === 'text') return { kind: 'literal', value: token.text, type: 'text', from, to: token.to }
    if (token.kind === 'quoted') return { kind: 'column', name: token.text, from, to: token.to }
    if (token.kind === 'sign' && token.text === '(') {
      const inner = this.expression(depth + 1)
      this.#expect(')')
      return { ...inner, from, to: this.#last().to }
    }
    if (token.kind === 'sign' && token.text === '-') {
      const number = this.#next()
      if (number.kind !== 'number') this.#fail()
      return { kind: 'literal', value: `-${number.text}`, type: 'number', from, to: number.to }
    }
    if (token.kind !== 'name') this.#fail()
    const upper = token.text.toUpperCase()
    if (token.text === upper && upper === 'ARRAY' && this.#isSign('[')) {
      this.#at++
      const items = this.#items(']', depth)
      return { kind: 'array', items, from, to: this.#last().to }
    }
    if (token.text === 'true' || token.text === 'false' || token.text === 'NULL')
      return { kind: 'literal', value: token.text, type: 'word', from, to: token.to }
    if (this.#isSign('(')) {
      this.#at++
      const args = this.#items(')', depth)
      return { kind: 'call', name: token.text, args, from, to: this.#last().to }
    }
    // NOT, CASE, CURRENT_DATE and their like are printed in capitals; a column of such a name is quoted.
    if (/[A-Z]/.test(token.text) && token.text !== 'VALUE') this.#fail()
    return { kind: 'column', name: token.text, from, to: token.to }
  }

  #items(end: string, depth: number): readonly CheckNode[] {
    const items: CheckNode[] = []
    while (!this.#isSign(end)) {
      if (items.length > 0) this.#expect(',')
      items.push(this.expression(depth + 1))
    }
    this.#at++
    return items
  }

  #expect(sign: string): void {
    if (!this.#isSign(sign)) this.#fail()
    this.#at++
  }

  #isSign(text: string): boolean {
    const token = this.#peek()
    return token.kind === 'sign' && token.text === text
  }

  #isWord(word: string): boolean {
    const token = this.#peek()
    return token.kind === 'name' && token.text === word
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? this.#fail()
  }

  #next(): Token {
    const token = this.#peek()
    this.#at++
    return token
  }

  #last(): Token {
    return this.#tokens[this.#at - 1] ?? this.#fail()
  }

  #fail(): never {
    throw new NotKnown()
  }
}
