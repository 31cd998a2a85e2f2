/**
 * Progress of a start: one line per server. In a terminal the lines are redrawn in place with the time that runs; elsewhere a
 * line is printed whenever something has come to an end.
 */
import colors from 'picocolors'
import type { ServerStatus, SupervisorEvent } from '#ops/embedded/server.ts'

/** Shows supervisor events and steps. */
export type Progress = {
  event(event: SupervisorEvent): void
  step(text: string): void
  /** Ends the redrawing; later lines are just printed. */
  finish(): void
}

type Shown = {
  status: ServerStatus
  since: number
  elapsedMs: number | undefined
  detail: string | undefined
}

const FRAME_MILLIS = 120
const FRAMES = ['·  ', '·· ', '···', ' ··', '  ·', '   ']

/** Makes the progress of a stream; `live` redraws in place. */
export function createProgress(
  stream: NodeJS.WriteStream,
  live: boolean,
  now: () => number = Date.now,
): Progress {
  const servers = new Map<string, Shown>()
  let drawn = 0
  let frame = 0
  let finished = !live
  const timer = live ? setInterval(draw, FRAME_MILLIS) : undefined
  timer?.unref()

  function clear(): void {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`)
    drawn = 0
  }

  function draw(): void {
    if (finished) return
    clear()
    frame++
    for (const [name, shown] of servers) stream.write(`${lineOf(name, shown)}\n`)
    drawn = servers.size
  }

  function lineOf(name: string, shown: Shown): string {
    const seconds = `${((shown.elapsedMs ?? now() - shown.since) / 1000).toFixed(1)} s`
    const mark = MARKS[shown.status]
    const busy = shown.status === 'starting' || shown.status === 'restarting' || shown.status === 'stopping'
    const state = busy && live ? `${shown.status} ${FRAMES[frame % FRAMES.length]}` : shown.status
    return `  ${mark} ${name.padEnd(12)} ${state.padEnd(14)} ${colors.dim(seconds.padStart(7))}${shown.detail ? `  ${shown.detail}` : ''}`
  }

  return {
    event(event) {
      const known = servers.get(event.server)
      const changed = known?.status !== event.status
      const shown: Shown = {
        status: event.status,
        since: changed ? now() : known.since,
        elapsedMs: event.elapsedMs,
        detail: event.detail,
      }
      if (event.status === 'stopped') servers.delete(event.server)
      else servers.set(event.server, shown)
      if (finished) {
        if (changed && event.status !== 'starting' && event.status !== 'stopping')
          stream.write(`${lineOf(event.server, shown)}\n`)
      } else draw()
    },
    step(text) {
      clear()
      stream.write(`  ${colors.dim('>')} ${text}\n`)
      if (!finished) draw()
    },
    finish() {
      if (finished) return
      draw()
      finished = true
      clearInterval(timer)
    },
  }
}

const MARKS: Readonly<Record<ServerStatus, string>> = {
  starting: colors.yellow('…'),
  ready: colors.green('✓'),
  crashed: colors.red('✗'),
  restarting: colors.yellow('↻'),
  stopping: colors.yellow('…'),
  stopped: colors.dim('-'),
}
