/**
 * Faults of the engine within an answer: if a statement fails after the first byte of its answer, ClickHouse writes the exception into the body, behind a tag
 * that it announced in a header.
 */
import { Transform, type TransformCallback } from 'node:stream'
import { EngineFault } from './engine-fault.ts'

/** The fault that the engine has written behind the mark. */
export function faultIn(body: Buffer, tag: string | undefined): EngineFault | undefined {
  const mark = markOf(tag)
  const at = body.indexOf(mark)
  return at < 0 ? undefined : EngineFault.of(body.toString('utf8', at + mark.length).trimStart())
}

const MARK = '__exception__\r\n'

function markOf(tag: string | undefined): Buffer {
  return Buffer.from(tag === undefined ? MARK : `${MARK}${tag}`)
}

/**
 * Passes bytes on until the exception mark shows up, then fails. As many bytes as a mark could begin with are held back, so
 * that no part of it gets out.
 */
export function faultDetector(
  tag: string | undefined,
  cutOff: (error: Error) => Error = (error) => error,
): Transform {
  const mark = markOf(tag)
  // The line break before the mark goes with it.
  const lead = 2
  let held: Buffer = Buffer.alloc(0)
  let fault: Buffer[] | undefined
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      if (fault) {
        fault.push(chunk)
        return done()
      }
      const all = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      const at = all.indexOf(mark)
      if (at >= 0) {
        fault = [all.subarray(at)]
        held = Buffer.alloc(0)
        return done()
      }
      const keep = Math.min(all.length, mark.length + lead - 1)
      held = all.subarray(all.length - keep)
      return done(null, all.length === keep ? undefined : all.subarray(0, all.length - keep))
    },
    flush(done: TransformCallback) {
      if (fault) return done(faultIn(Buffer.concat(fault), tag))
      return done(null, held.length === 0 ? undefined : held)
    },
    destroy(error, done) {
      // The engine cuts the connection after a fault: the fault is the reason, not the cut.
      if (!error) return done(error)
      done(fault ? faultIn(Buffer.concat(fault), tag) : cutOff(error))
    },
  })
}
