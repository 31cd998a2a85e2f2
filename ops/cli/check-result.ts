/** Result of a check of `mogo doctor`. */
export type CheckResult = {
  readonly state: 'ok' | 'warning' | 'fault'
  readonly detail: string
  readonly remedy?: string
}
