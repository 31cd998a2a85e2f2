/** The thread that makes tokens: notes come, and go back filled in. See token-thread.ts. */
import { parentPort } from 'node:worker_threads'
import { fillTokens, type TokenNotes } from '#transforms/bytes/open-tokens.ts'

parentPort?.on('message', (notes: TokenNotes) => {
  fillTokens(notes)
  parentPort?.postMessage(notes, [notes.memory])
})
