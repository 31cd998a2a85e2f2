/** Types the walk of query-api/README.md in a running project, and is the browser in which the person logs in. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PageBrowser } from '../ops/embedded/page-browser.ts'
import { ROOT } from './mogo-process.ts'

/** How it ended, and all that was said. */
export type Walk = { readonly code: number | null; readonly output: string }

/** `secretFile` holds the secret of ana. The login is kept in the project's own folder. */
export async function walkOf(dir: string, secretFile: string): Promise<Walk> {
  const child = spawn('sh', ['-e', '-c', typed()], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...{
        PATH: `${ROOT}:${process.env['PATH'] ?? ''}`,
        XDG_CONFIG_HOME: join(dir, 'config'),
        NO_COLOR: '1',
      },
    },
  })
  let output = ''
  let loggingIn: Promise<void> | undefined
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      const [, url = '', code = ''] = /Open +(\S+)\nType +(\S+)\n/.exec(output) ?? []
      if (code !== '') loggingIn ??= logIn(url, code, readFileSync(secretFile, 'utf8').trim())
    })
  const ended = once(child, 'close') as Promise<[number | null]>
  const [code] = await ended
  await loggingIn
  return { code, output }
}

/** The shell blocks of the section, in order. */
function typed(): string {
  const readme = readFileSync(join(ROOT, 'query-api', 'README.md'), 'utf8')
  const walk = /^## An analyst's walk\n(.*?)^## /ms.exec(readme)?.[1] ?? ''
  return [...walk.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block).join('')
}

async function logIn(url: string, code: string, secret: string): Promise<void> {
  const browser = new PageBrowser()
  const compared = await browser.submit(await browser.open(url), { user_code: code })
  const login = await browser.submit(compared, { confirm: 'yes' })
  await browser.submit(login, { username: 'ana', secret })
}
