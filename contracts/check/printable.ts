/** Text of contracts, which anybody may have written, for terminals and logs: control characters would move the cursor or hide lines. */

/** The text with control characters (and marks that turn the direction of writing) as `\u{…}`; tabs and line ends too. */
export function printable(text: string): string {
  return text.replaceAll(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/g,
    (char) => `\\u{${char.charCodeAt(0).toString(16)}}`,
  )
}
