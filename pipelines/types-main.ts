/** Writes TYPES.md. */
import { writeFileSync } from 'node:fs'
import { typesDocument } from './types-document.ts'

writeFileSync(new URL('TYPES.md', import.meta.url), typesDocument())
