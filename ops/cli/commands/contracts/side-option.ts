/** `--side`: which rows an output describes. Only some formats have two sides; for the others it would say nothing, so it is refused. */
import { Option } from 'commander'
import { MogoError } from '#contracts/errors.ts'
import { SIDED_FORMATS } from '#contracts/export/formats.ts'
import type { Side } from '#contracts/export/output.ts'

/** The option. */
export function sideOption(): Option {
  const help = `rows of the source, or as they are stored (${SIDED_FORMATS.join(', ')})`
  return new Option('--side <side>', help).choices(['source', 'stored'])
}

/** Throws MOGO_USAGE if a side is asked for, and none of the formats has two. */
export function checkSide(side: Side | undefined, formats: readonly string[]): void {
  if (side === undefined || formats.some((format) => SIDED_FORMATS.some((sided) => sided === format))) return
  throw new MogoError('MOGO_USAGE', {
    detail: `--side says nothing about ${formats.join(', ')}. Leave it out; the formats that have a side are ${SIDED_FORMATS.join(', ')}.`,
  })
}
