/** Names and texts as they stand in a statement for Postgres. A NUL is left out: Postgres has none. */

/** Writes an identifier. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('\0', '').replaceAll('"', '""')}"`
}

/** Writes a text, whatever standard_conforming_strings is set to: in an E'' text a backslash escapes. */
export function quoteText(text: string): string {
  const plain = text.replaceAll('\0', '').replaceAll("'", "''")
  return plain.includes('\\') ? `E'${plain.replaceAll('\\', '\\\\')}'` : `'${plain}'`
}
