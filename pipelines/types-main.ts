/** Writes TYPES.md. */
import { writeFileSync } from 'node:fs'
import { typesDocument } from './types/types-document.ts'

writeFileSync(new URL('TYPES.md', import.meta.url), typesDocument())
