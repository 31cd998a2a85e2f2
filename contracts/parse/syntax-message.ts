/** Faults of the YAML library in our words: its own speak to programmers, and quote the text, which may be anything. */
import type { YAMLError } from 'yaml'

const MESSAGES: Partial<Readonly<Record<YAMLError['code'], string>>> = {
  ALIAS_PROPS: 'an alias (*name) takes no anchor and no tag',
  BAD_ALIAS: 'an anchor (&name) or alias (*name) without a proper name',
  BAD_COLLECTION_TYPE: 'a tag of another kind of value',
  BAD_DIRECTIVE: 'a line that begins with % is a directive of YAML, and this is none; a text needs quotes',
  BAD_DQ_ESCAPE: 'not an escape of YAML; in single quotes a backslash is a character like others',
  BAD_INDENT: 'the indentation does not fit what is above',
  BAD_PROP_ORDER: 'an anchor or tag in the wrong place',
  BAD_SCALAR_START: 'a text cannot begin with this character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a colon makes a key here, where a value is; put a text in quotes, or check the indentation',
  BLOCK_IN_FLOW:
    'within brackets or braces a comma is missing, or something is written in lines with dashes or keys',
  DUPLICATE_KEY: 'a key stands twice in one map',
  KEY_OVER_1024_CHARS: 'a key of more than 1,024 characters',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; a colon, a quote or the indentation may be wrong',
  MULTIPLE_ANCHORS: 'more than one anchor (&name) of one value',
  MULTIPLE_DOCS: 'more than one document (---); a contract is one',
  MULTIPLE_TAGS: 'more than one tag (!name) of one value',
  NON_STRING_KEY: 'a key must be a text',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAB_AS_INDENT: 'lines are indented with spaces, not with tabs',
  TAG_RESOLVE_FAILED: 'a tag (!name) that is not declared',
  UNEXPECTED_TOKEN: 'something that cannot stand here; a quote, a comma or the indentation may be wrong',
}
/** By how the library's message begins. */
const BEGINNINGS: readonly (readonly [RegExp, string])[] = [
  [
    /^Flow (?:map|sequence) in block/,
    'a bracket or brace that is not closed, or lines in it that are not indented enough',
  ],
  [/^Flow (?:map|sequence) must end/, 'a bracket or brace that is not closed'],
  [/^Missing closing "/, 'a text in double quotes that is not closed'],
  [/^Missing closing '/, 'a text in single quotes that is not closed'],
  [/^Missing ,/, 'a comma is missing between two elements'],
  [/^Missing space after :/, 'a space is missing after a colon'],
  [/^Comments must be/, 'a space is missing before the # of a comment'],
  [/^Implicit map keys/, 'a key without a colon, or a text whose indentation does not fit'],
  [/^Sequence item without/, 'a dash is missing before an element of the list'],
  [/^Tags and anchors/, 'a space is missing after a tag or an anchor'],
  [/^Block collection cannot/, 'what follows --- must begin on a line of its own'],
]

/** The message. */
export function syntaxMessage({ code, message }: YAMLError): string {
  if (message.startsWith('Maximum call stack')) return 'nested too deeply'
  const [, known] = BEGINNINGS.find(([begins]) => begins.test(message)) ?? []
  if (known !== undefined) return known
  if (code === 'MISSING_CHAR') return 'a character is missing: a bracket, a brace, a quote or a comma'
  return MESSAGES[code] ?? 'not valid YAML'
}
