/** Faults of one parameter of the query string. They name the parameter, never a value that the caller compares with. */
import { MogoError } from '#contracts/errors.ts'

/** Makes the faults of a parameter. */
export type ParameterFault = (detail: string) => MogoError

/** Faults of the parameter of that name. */
export function faultOfParameter(parameter: string): ParameterFault {
  return (detail) => new MogoError('MOGO_ROWS_PARAMETER', { parameter: shownName(parameter), detail })
}

/** A name as a sentence may show it: the caller's own text, cut. */
export function shownName(name: string): string {
  const plain = name.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}]/gu, '?')
  return plain.length > 80 ? `${plain.slice(0, 80)}…` : plain
}
