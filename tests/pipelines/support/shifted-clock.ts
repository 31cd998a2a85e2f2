/**
 * Loaded before anything else, it sets the clock of a process back by an hour at every SIGUSR2, as an administrator or a time server does: what asks
 * for the time of day gets an earlier one from then on. Timers, and `performance.now`, go on as they do on a machine.
 */
const HOUR = 3_600_000
const RealDate = Date
let shift = 0
process.on('SIGUSR2', () => {
  shift -= HOUR
})

const now = (): number => RealDate.now() + shift

globalThis.Date = new Proxy(RealDate, {
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
})
