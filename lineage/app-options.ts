/** What the lineage service's HTTP application is made of: shared by the application and its routes. */
import type { Principal } from '#contracts/compile/access-scope.ts'
import type { CompiledDataset } from '#contracts/compile/compiled-dataset.ts'
import type { HttpServerOptions } from '#ops/runtime/http-server.ts'
import type { SystemAddresses } from './openlineage.ts'
import type { LineageStore } from './ports.ts'

/** What the application is made of. */
export type AppOptions = Pick<HttpServerOptions, 'logger' | 'telemetry' | 'checks'> & {
  readonly store: LineageStore
  readonly datasets: readonly CompiledDataset[]
  /** ClickHouse database of the datasets. */
  readonly database: string
  readonly project: string
  readonly addresses: SystemAddresses
  /** Verifies an Authorization header. */
  readonly verify: (authorization: string | undefined) => Promise<Principal>
  /** Milliseconds since 1970. */
  readonly now: () => number
}
