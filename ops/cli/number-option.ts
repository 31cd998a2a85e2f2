/** An option that takes a whole number. */
import { InvalidArgumentError, Option } from 'commander'

/** Makes it; `fallback` where it is not given. A number below `least` is a usage error. */
export function wholeNumber(flags: string, text: string, fallback: number, least: number): Option {
  return new Option(flags, text).default(fallback).argParser((value) => {
    const parsed = Number(value)
    if (!Number.isInteger(parsed) || parsed < least)
      throw new InvalidArgumentError(`expected a whole number, ${least} or more`)
    return parsed
  })
}
