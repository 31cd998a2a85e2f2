/** `mogo quarantine replay` and `drop`: page by page, until all that were chosen are done. */
import type { Command } from 'commander'
import { said } from '../api-caller.ts'
import { confirmed } from '../confirm.ts'
import { line, note } from '../output.ts'
import { dropAnswer, OUTCOMES, replayAnswer } from '../quarantine-answers.ts'
import { type Chosen, operator, requests, whole } from '../quarantine-request.ts'

type Asking = { readonly as?: string; readonly format: string }

/** Replays; says what became of the records. */
export async function replay(
  places: readonly string[],
  options: Asking & Chosen & { dryRun?: boolean; wait: string },
  command: Command,
): Promise<void> {
  const waitSeconds = whole(options.wait, '--wait', 60)
  const api = await operator(command, options.as)
  const total = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<
    (typeof OUTCOMES)[number],
    number
  >
  const records: unknown[] = []
  for (let request of requests(places, options)) {
    for (;;) {
      const body = { ...request, dryRun: options.dryRun === true, waitSeconds }
      const answer = await api.request('POST', '/v1/quarantine/replay', { body })
      if (!said(answer)) return
      const page = replayAnswer.parse(JSON.parse(answer.text))
      for (const outcome of OUTCOMES) total[outcome] += page[outcome]
      records.push(...page.records)
      if (page.next === null) break
      request = { ...request, cursor: page.next }
    }
  }
  if (options.format === 'json') line(JSON.stringify({ ...total, records }, undefined, 2))
  else {
    const told = OUTCOMES.filter((outcome) => total[outcome] > 0).map(
      (outcome) => `${total[outcome]} ${WORDS[outcome]}`,
    )
    line(told.length === 0 ? 'There is nothing to replay.' : told.join('\n'))
  }
  if (total.quarantined + total.unreadable > 0) process.exitCode = 1
  else if (total.waiting > 0) process.exitCode = 3
}

const WORDS: Readonly<Record<(typeof OUTCOMES)[number], string>> = {
  stored: 'stored',
  quarantined: 'quarantined again: `mogo quarantine ls` says why',
  superseded: 'dropped: their rows were removed since (TRUNCATE, or a source that was read anew)',
  waiting:
    'sent, and not loaded yet: the worker may be behind, or the dataset paused (`mogo quarantine ls` says so)',
  unreadable: 'sealed with another key ring: they cannot be opened',
  matched: 'would be replayed',
}

/** Drops, after a question. */
export async function drop(
  places: readonly string[],
  options: Asking & Chosen & { purpose: string; dryRun?: boolean; yes?: boolean },
  command: Command,
): Promise<void> {
  const api = await operator(command, options.as)
  const chosen = requests(places, options)
  const send = async (dryRun: boolean): Promise<{ count: number; records: unknown[] } | undefined> => {
    const records: unknown[] = []
    let count = 0
    for (let request of chosen) {
      for (;;) {
        const body = { ...request, dryRun, purpose: options.purpose }
        const answer = await api.request('POST', '/v1/quarantine/drop', { body })
        if (!said(answer)) return undefined
        const page = dropAnswer.parse(JSON.parse(answer.text))
        count += page.dropped + page.matched
        records.push(...page.records)
        if (page.next === null) break
        request = { ...request, cursor: page.next }
      }
    }
    return { count, records }
  }
  const tell = (
    result: { count: number; records: unknown[] },
    key: 'dropped' | 'matched',
    words: string,
  ): void =>
    line(
      options.format === 'json'
        ? JSON.stringify({ [key]: result.count, records: result.records }, undefined, 2)
        : `${result.count} ${words}`,
    )
  if (options.dryRun || !options.yes) {
    const matched = await send(true)
    if (!matched) return
    if (options.dryRun || matched.count === 0) {
      tell(matched, 'matched', 'would be dropped')
      return
    }
    if (!(await confirmed(`Drop ${matched.count} record(s) for good? What is in them is removed.`))) {
      note('Nothing was dropped.')
      process.exitCode = 1
      return
    }
  }
  const dropped = await send(false)
  if (dropped) tell(dropped, 'dropped', 'dropped')
}
