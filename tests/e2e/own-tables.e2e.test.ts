/**
 * "Your own tables" as the README says it, with the Chinook database in a Postgres that is not ours: it is put under drafted
 * contracts and arrives complete. Skipped where the database's script is absent.
 */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgres, type PostgresSession } from '#ops/cli/postgres-session.ts'
import { splitStatements } from '#ops/cli/split-statements.ts'
import { type EmbeddedHandle, startEmbedded } from '#ops/embedded/start-embedded.ts'
import { leftovers, processesOf, ROOT, runMogo } from './mogo-process.ts'

const SCRIPT = join(ROOT, '..', 'shared', 'data', 'chinook', 'Chinook_PostgreSql.sql')
const dir = realpathSync(mkdtempSync(join(tmpdir(), 'mogo-own-')))
const project = join(dir, 'music')
const stateDir = join(project, '.mogo')
const passwordFile = join(dir, 'postgres', 'secrets', 'postgres.superuser')
let own: EmbeddedHandle
let connection: { host: string; port: number; user: string; password: string; tls: boolean }

describe.skipIf(!existsSync(SCRIPT))('a Postgres of the user', () => {
  beforeAll(async () => {
    own = await startEmbedded({
      stateDir: join(dir, 'postgres'),
      libDir: '',
      environment: process.env,
      servers: { postgres: {} },
    })
    const { host, port } = own.endpoints.postgres ?? { host: '', port: 0 }
    connection = {
      host,
      port,
      user: 'postgres',
      password: readFileSync(passwordFile, 'utf8').trim(),
      tls: false,
    }
    let session: PostgresSession = await openPostgres({ ...connection, database: 'postgres' })
    for (const statement of splitStatements(readFileSync(SCRIPT, 'utf8'))) {
      const other = /^\\c (\w+)/.exec(statement)?.[1]
      if (other === undefined) await session.query(statement)
      else {
        await session.close()
        session = await openPostgres({ ...connection, database: other })
      }
    }
    await session.close()
  })

  afterAll(async () => {
    for (const pid of processesOf(stateDir)) process.kill(pid, 'SIGKILL')
    await leftovers(stateDir)
    await own?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('is put under contract by one command, and the drafts lint clean', async () => {
    const source = `postgres://postgres@${connection.host}:${connection.port}/chinook`
    const init = await runMogo([
      'init',
      project,
      '--source',
      source,
      '--password-file',
      passwordFile,
      '--tenant',
      'chinook',
    ])
    expect(init.output).toContain('11 draft contract(s)')
    expect(init.code).toBe(0)
    const lint = await runMogo(['--project', project, 'contracts', 'lint'])
    expect(lint.output).toContain('11 file(s): 0 error(s), 0 warning(s)')
  })

  it('arrives complete, follows changes, and is asked without personal data', async () => {
    const up = await runMogo(['--project', project, 'up', '--detach'])
    expect(up.output).toContain('query API')
    expect(up.code).toBe(0)
    const verify = await runMogo(['--project', project, 'verify', '--wait', '60', '--format', 'json'])
    const rows = JSON.parse(verify.output) as {
      dataset: string
      source: number
      stored: number
      equal: boolean
    }[]
    expect(rows.map(({ dataset, source, stored, equal }) => [dataset, source === stored, equal])).toEqual(
      [
        'album',
        'artist',
        'customer',
        'employee',
        'genre',
        'invoice',
        'invoice_line',
        'media_type',
        'playlist',
        'playlist_track',
        'track',
      ].map((name) => [name, true, true]),
    )
    expect(rows.reduce((sum, { stored }) => sum + stored, 0)).toBe(15_607)

    const session = await openPostgres({ ...connection, database: 'chinook' })
    await session.query(
      "update artist set name = 'AC and DC' where artist_id = 1; delete from playlist_track where playlist_id = 1 and track_id = 3402; insert into genre values (26, 'Fado')",
    )
    await session.close()
    const after = await runMogo(['--project', project, 'verify', '--wait', '60', '--format', 'csv'])
    expect(after.code).toBe(0)

    const query = await runMogo([
      '--project',
      project,
      'query',
      'select name from artist where artist_id = 1',
      '--format',
      'csv',
    ])
    expect(query.output).toContain('AC and DC')
    const refused = await runMogo(['--project', project, 'query', 'select email from customer'])
    expect(refused.output).toContain('select email_token')
    expect(refused.code).toBe(1)
  })

  it('leaves nothing behind when it is stopped', async () => {
    expect((await runMogo(['--project', project, 'down'])).code).toBe(0)
    expect(await leftovers(stateDir)).toEqual([])
  })
})
