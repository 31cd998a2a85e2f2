/** Globs over `dataset.column`: `*` stands for anything without a point, `**` for anything, `?` for one character. */

/** Does the glob cover the whole text? In time of their product, whatever the glob. */
export function matchesGlob(glob: string, text: string): boolean {
  // reached[i]: the glob so far covers the first i characters.
  let reached = Array.from({ length: text.length + 1 }, (_, at) => at === 0)
  for (const part of glob.match(/\*+|[^*]/gsu) ?? []) {
    const next = new Array<boolean>(text.length + 1).fill(false)
    for (let at = 0; at <= text.length; at++) {
      if (part.startsWith('*')) {
        const onward = at > 0 && next[at - 1] === true && (part.length > 1 || text[at - 1] !== '.')
        next[at] = reached[at] === true || onward
      } else if (reached[at] === true && (part === '?' ? at < text.length : text.startsWith(part, at)))
        next[at + (part === '?' ? 1 : part.length)] = true
    }
    reached = next
  }
  return reached[text.length] === true
}
