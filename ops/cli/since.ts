/** A point in time as people write it. */
import { MogoError } from '#contracts/errors.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `30m`, `2h`, `7d` (ago), or a date or time by ISO 8601 -> ISO 8601. @throws MogoError MOGO_USAGE */
export function sinceTime(text: string, nowMillis: number): string {
  const ago = /^(\d{1,6})([smhd])$/.exec(text)
  const millis = ago
    ? nowMillis - Number(ago[1]) * (UNITS[ago[2] ?? ''] ?? 0)
    : /^\d{4}-\d{2}-\d{2}(T|$)/.test(text)
      ? Date.parse(text)
      : Number.NaN
  if (Number.isNaN(millis))
    throw new MogoError('MOGO_USAGE', {
      detail: `--since ${text} is no time: say 30m, 2h, 7d, or a time such as 2026-05-01T10:00:00Z.`,
    })
  return new Date(millis).toISOString()
}
