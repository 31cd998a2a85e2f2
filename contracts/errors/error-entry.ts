/** What one entry of the error catalogue (`errors.ts`) holds. */

/** What a process does with a fault. */
export type ErrorClass = 'retriable' | 'rejected' | 'fatal'

/** One catalogue entry. */
export type ErrorEntry = {
  readonly class: ErrorClass
  readonly status: number
  /** One sentence with `{param}` places: what is wrong, and where. */
  readonly message: string
  /** One sentence: what to do about it. */
  readonly remedy: string
}

/** Makes an entry. */
export const entry = (cls: ErrorClass, status: number, message: string, remedy: string): ErrorEntry => ({
  class: cls,
  status,
  message,
  remedy,
})
