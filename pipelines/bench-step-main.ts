/**
 * One variant of the benchmark's steps in a process of its own: side by side in one, each would make the others' code slower than it is in a
 * worker. The first message of the channel says which; every further one is answered by microseconds of CPU time a record.
 */
import { MogoError } from '#contracts/errors.ts'
import { recordsInMemory, type StepVariant, stepVariant } from './bench/step-variants.ts'

/** What is measured. */
type StepOptions = { readonly variant: StepVariant; readonly records: number; readonly secret: string }

let work: (() => number) | undefined
let count = 0

process.on('message', (message: StepOptions | 'run') => {
  if (message !== 'run') {
    count = message.records
    work = stepVariant(message.variant, message.secret, recordsInMemory(count))
    process.send?.('ready')
    return
  }
  const before = process.cpuUsage()
  const left = work?.()
  const used = process.cpuUsage(before)
  // The plain path costs several times as much: with it the figure would mean something else.
  if (left !== 0) throw new MogoError('MOGO_INTERNAL', { where: 'the steps: the byte path left records' })
  process.send?.((used.user + used.system) / count)
})
