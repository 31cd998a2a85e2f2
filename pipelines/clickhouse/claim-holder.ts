/** Keeps the claim of a lane from one insert to the next. */
import type { LaneClaim } from '../ports.ts'

/** See {@link holdClaim}. */
export type ClaimHolder = {
  /** The claim; made when it is first asked for. Rejects as claiming does, and is then made when it is next asked for. */
  current(): Promise<LaneClaim>
  /** Lets the claim go: the next one asked for is new. */
  renew(): void
}

/** Makes the holder. */
export function holdClaim(claim: () => Promise<LaneClaim>): ClaimHolder {
  let held: LaneClaim | null = null
  return {
    async current() {
      held ??= await claim()
      return held
    },
    renew() {
      held = null
    },
  }
}
