/**
 * Why a server did not start, read out of its log. Only fixed texts are recognised and none is repeated: a log line may name what is private.
 */

import { MogoError } from '#contracts/errors.ts'

/** Causes that every server words alike. */
export function explainCommonFailure(logTail: string): string | undefined {
  if (/No space left on device/i.test(logTail)) return 'the disk is full'
  if (/Address already in use/i.test(logTail)) return 'its port is taken'
  if (/OutOfMemoryError|Cannot allocate memory|insufficient memory/i.test(logTail))
    return 'there is not enough memory'
  if (/Permission denied/i.test(logTail)) return 'a file or folder of its data may not be read or written'
  return undefined
}

/** The error for data that a server cannot use. */
export function brokenData(server: string, dir: string, detail: string): MogoError {
  return new MogoError('MOGO_DATA_BROKEN', { server, dir, detail })
}
