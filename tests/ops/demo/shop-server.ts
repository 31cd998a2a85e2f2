/** A Postgres of its own for the tests of the demo's source; each test file gets a database of its own in it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ShopConnection } from '#ops/demo/postgres-shop.ts'
import { startEmbedded } from '#ops/embedded/start-embedded.ts'

export type ShopServer = { readonly connection: ShopConnection; readonly stop: () => Promise<void> }

/** Starts Postgres with an empty database that `shop_app`, no superuser, owns. */
export async function startShopServer(): Promise<ShopServer> {
  const stateDir = mkdtempSync(join(tmpdir(), 'mogo-demo-'))
  const handle = await startEmbedded({
    stateDir,
    libDir: join(stateDir, 'lib'),
    environment: process.env,
    servers: {
      postgres: { roles: [{ name: 'shop_app' }], databases: [{ name: 'shop', owner: 'shop_app' }] },
    },
  })
  const { host, port } = handle.endpoints.postgres!
  const password = readFileSync(join(handle.secretsDir, 'postgres.shop_app'), 'utf8').trim()
  return {
    connection: { host, port, database: 'shop', user: 'shop_app', password },
    stop: async () => {
      await handle.stop()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}
