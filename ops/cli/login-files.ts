/**
 * Logins of the person at the command line, one file per issuer and client in the folder of their configuration (`$XDG_CONFIG_HOME/mogo/logins`), mode
 * 0600 in a folder of mode 0700.
 *
 * A file is replaced as a whole. Whoever renews a login holds its lock: a refresh token counts once, and two commands that use the same one would look
 * to the provider like a thief and end the login.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { MogoError } from '#contracts/errors.ts'
import { writePrivateFile } from '#ops/embedded/credentials.ts'

const loginSchema = z.strictObject({
  issuer: z.string(),
  clientId: z.string(),
  accessToken: z.string(),
  /** Milliseconds since 1970, as all times here. */
  expiresAt: z.number(),
  refreshToken: z.string().optional(),
  loggedInAt: z.number(),
})
/** A login as it is kept. */
export type Login = z.output<typeof loginSchema>

/** Whose login it is. */
export type LoginName = { readonly issuer: string; readonly clientId: string }

/** Folder of logins, from the environment. */
export function loginFolder(environment: NodeJS.ProcessEnv): string {
  const configured = environment['XDG_CONFIG_HOME']
  // By the specification a relative path is to be ignored.
  const base = configured?.startsWith('/') ? configured : join(environment['HOME'] || homedir(), '.config')
  return join(base, 'mogo', 'logins')
}

/** Keeps logins in a folder. */
export class LoginFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The login; undefined if there is none that can be read. */
  read(name: LoginName): Login | undefined {
    try {
      const login = loginSchema.parse(JSON.parse(readFileSync(this.#file(name), 'utf8')))
      return login.issuer === name.issuer && login.clientId === name.clientId ? login : undefined
    } catch {
      return undefined
    }
  }

  write(login: Login): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const file = this.#file(login)
    const beside = `${file}.${process.pid}`
    writePrivateFile(beside, `${JSON.stringify(login)}\n`)
    renameSync(beside, file)
  }

  /** True if there was one. */
  remove(name: LoginName): boolean {
    const was = this.read(name) !== undefined
    rmSync(this.#file(name), { force: true })
    return was
  }

  /** Runs alone among all commands of this person. @throws MogoError MOGO_LOGIN_LOCKED */
  async alone<T>(name: LoginName, run: () => Promise<T>): Promise<T> {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const lock = `${this.#file(name)}.lock`
    await takeLock(lock)
    try {
      return await run()
    } finally {
      rmSync(lock, { force: true })
    }
  }

  #file({ issuer, clientId }: LoginName): string {
    const hash = createHash('sha256')
      .update(JSON.stringify([issuer, clientId]))
      .digest('hex')
    return join(this.#folder, `${hash.slice(0, 32)}.json`)
  }
}

const PATIENCE_MILLIS = 20_000
/** A lock that is older belongs to a command that was killed: none renews for so long. */
const STALE_MILLIS = 60_000
const PAUSE_MILLIS = 25

async function takeLock(file: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MILLIS
  for (;;) {
    try {
      const fd = openSync(file, 'wx', 0o600)
      writeSync(fd, `${process.pid}\n`)
      closeSync(fd)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const since = statSync(file, { throwIfNoEntry: false })?.mtimeMs
    if (since !== undefined && Date.now() - since > STALE_MILLIS) rmSync(file, { force: true })
    else if (Date.now() > deadline) throw new MogoError('MOGO_LOGIN_LOCKED', { file })
    else await new Promise((done) => setTimeout(done, PAUSE_MILLIS))
  }
}
