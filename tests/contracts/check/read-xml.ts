/** A strict reader of small XML documents, for tests: elements, attributes, text, numeric references. Throws at whatever is not well formed. */

/** An element. */
export type XmlElement = {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  readonly text: string
}

/** Reads a document. */
export function readXml(document: string): XmlElement {
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const sticky = new RegExp(pattern.source, `${pattern.flags}y`)
    sticky.lastIndex = at
    const match = sticky.exec(document)
    if (match) at += match[0].length
    return match
  }
  const need = (pattern: RegExp): RegExpExecArray => {
    const match = take(pattern)
    if (!match) throw new Error(`not well formed at ${at}: expected ${pattern.source}`)
    return match
  }
  const decode = (text: string): string => {
    if (/&(?!#\d+;)/.test(text)) throw new Error('not well formed: an ampersand')
    return text.replaceAll(/&#(\d+);/g, (_all, code: string) => String.fromCodePoint(Number(code)))
  }
  const element = (): XmlElement => {
    const name = need(/<([A-Za-z][\w-]*)/)[1] ?? ''
    const attributes: Record<string, string> = {}
    for (
      let match = take(/\s+([A-Za-z][\w-]*)="([^"<]*)"/);
      match;
      match = take(/\s+([A-Za-z][\w-]*)="([^"<]*)"/)
    ) {
      if (Object.hasOwn(attributes, match[1] ?? '')) throw new Error('an attribute twice')
      attributes[match[1] ?? ''] = decode(match[2] ?? '')
    }
    const children: XmlElement[] = []
    let text = ''
    if (take(/\s*\/>/)) return { name, attributes, children, text }
    need(/\s*>/)
    for (;;) {
      text += decode(need(/[^<]*/)[0])
      if (document.startsWith('</', at)) break
      children.push(element())
    }
    need(new RegExp(`</${name}>`))
    return { name, attributes, children, text }
  }
  take(/<\?xml version="1\.0" encoding="UTF-8"\?>\s*/)
  const root = element()
  take(/\s*/)
  if (at !== document.length) throw new Error(`not well formed: more after the root at ${at}`)
  return root
}
