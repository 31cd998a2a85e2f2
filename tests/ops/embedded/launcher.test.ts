/** The launcher `./mogo`, on a small project of its own: real shell, stand-ins for npm, Maven, Java and the command line. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from './temporary-folder.ts'

const MOGO = join(import.meta.dirname, '..', '..', '..', 'mogo')
const TOOLS =
  'sh cat cksum dirname readlink mkdir rm mv chmod date sleep tail sed awk head grep df id uname printf ln cp touch kill env'

type Run = { readonly code: number; readonly out: string; readonly err: string }

/**
 * A project folder and a PATH of its own: stand-ins in one folder, links to real tools in another behind it. Two folders, so that a stand-in
 * is never written through a link onto the real tool.
 */
function project(folder = 'project') {
  const base = temporaryFolder('launcher')
  const root = join(base, folder)
  const bin = join(base, 'stand-ins')
  const tools = join(base, 'tools')
  for (const dir of [root, bin, tools, join(root, 'ops', 'cli'), join(root, 'ops', 'embedded')])
    mkdirSync(dir, { recursive: true })
  copyFileSync(MOGO, join(root, 'mogo'))
  chmodSync(join(root, 'mogo'), 0o755)
  writeFileSync(join(root, 'package-lock.json'), '{"packages":{"":{}}}')
  writeFileSync(join(root, 'ops', 'embedded', 'pom.xml'), '<project/>')
  writeFileSync(join(root, 'ops', 'cli', 'main.ts'), '')
  writeFileSync(join(root, 'ops', 'embedded', 'class-archives-main.ts'), '')
  for (const tool of TOOLS.split(' ')) {
    const found = ['/bin', '/usr/bin'].map((dir) => join(dir, tool)).find(existsSync)
    if (found !== undefined) symlinkSync(found, join(tools, tool))
  }
  const program = (name: string, text: string): void => {
    rmSync(join(bin, name), { force: true })
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  // What npm ci would bring: a node that only says what it was called with.
  const fakeNode = `#!/bin/sh\nfor arg; do case $arg in --disable-warning=*) ;; *) printf '[%s]' "$arg";; esac; done; echo\n`
  writeFileSync(join(base, 'fake-node'), fakeNode)
  program('node', 'case $1 in -p) echo 20;; *) echo v20.0.0;; esac')
  program(
    'npm',
    `echo npm "$@" >> '${base}/calls'; mkdir -p node_modules/.bin; cp '${base}/fake-node' node_modules/.bin/node; chmod +x node_modules/.bin/node`,
  )
  program(
    'mvn',
    `echo mvn >> '${base}/calls'; for arg; do case $arg in -DoutputDirectory=*) mkdir -p "\${arg#*=}"; touch "\${arg#*=}/kafka.jar";; esac; done`,
  )
  program('java', `echo 'openjdk version "17.0.1"' >&2`)
  const run = (
    args: readonly string[] = [],
    env: Record<string, string> = {},
    command = join(root, 'mogo'),
  ): Promise<Run> =>
    new Promise((resolve) => {
      execFile(command, args, { cwd: '/', env: { PATH: `${bin}:${tools}`, ...env } }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err })
      })
    })
  const calls = (): string[] =>
    existsSync(join(base, 'calls')) ? readFileSync(join(base, 'calls'), 'utf8').trim().split('\n') : []
  return { base, root, bin, tools, run, calls, program }
}

describe('the launcher', () => {
  it('brings packages and libraries once, then goes straight to the command line', async () => {
    const { root, run, calls } = project()
    const first = await run(['up', 'a b', ''])
    expect(first).toMatchObject({ code: 0, out: `[${root}/ops/cli/main.ts][up][a b][]\n` })
    expect(first.err).toContain('mogo: installing the packages')
    expect(calls()).toEqual(['npm ci --no-audit --no-fund --loglevel=warn', 'mvn'])
    expect(existsSync(join(root, '.mogo', 'lib', 'kafka.jar'))).toBe(true)
    const second = await run(['status'])
    expect(second).toEqual({ code: 0, out: `[${root}/ops/cli/main.ts][status]\n`, err: '' })
    expect(calls()).toHaveLength(2)
  })

  it('works through a symlink, from another folder, with blanks in the path', async () => {
    const { base, root, run } = project('a project')
    symlinkSync(join('a project', 'mogo'), join(base, 'first link'))
    symlinkSync('first link', join(base, 'second link'))
    const { code, out } = await run(['doctor'], {}, join(base, 'second link'))
    expect({ code, out }).toEqual({ code: 0, out: `[${root}/ops/cli/main.ts][doctor]\n` })
  })

  it.each([
    ['package-lock.json', 'package-lock.json', '{"packages":{"":{},"node_modules/x":{}}}', ['npm']],
    ['pom.xml', join('ops', 'embedded', 'pom.xml'), '<project>new</project>', ['mvn']],
  ])('brings anew what %s names when it changed', async (_name, file, text, expected) => {
    const { root, run, calls } = project()
    await run()
    writeFileSync(join(root, file), text)
    await run()
    expect(
      calls()
        .slice(2)
        .map((call) => call.split(' ')[0]),
    ).toEqual(expected)
  })

  it('shows what npm said when it fails, leaves no lock, and begins anew the next time', async () => {
    const { root, run, program, base } = project()
    program('npm', 'echo "npm warn old"; echo "npm error network is down"; exit 1')
    const failed = await run()
    expect(failed.code).toBe(3)
    expect(failed.err).toContain('    npm error network is down\n')
    expect(failed.err).not.toContain('npm warn old')
    expect(failed.err).toContain('MOGO_INSTALL_FAILED')
    expect(existsSync(join(root, '.mogo', 'install.lock'))).toBe(false)
    program(
      'npm',
      `mkdir -p node_modules/.bin; cp '${base}/fake-node' node_modules/.bin/node; chmod +x node_modules/.bin/node`,
    )
    expect((await run()).code).toBe(0)
  })

  it('installs once when two are started together', async () => {
    const { run, calls } = project()
    const both = await Promise.all([run(['a']), run(['b'])])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(calls()).toHaveLength(2)
  })

  it('takes over the lock of an installer that was killed', async () => {
    const { root, run } = project()
    mkdirSync(join(root, '.mogo', 'install.lock'), { recursive: true })
    writeFileSync(join(root, '.mogo', 'install.lock', 'pid'), '999999999\n')
    expect((await run()).code).toBe(0)
  })

  it('ends npm and gives the lock back when it is interrupted', async () => {
    const { root, bin, tools, base, program } = project()
    program('npm', `echo $$ > '${base}/npm.pid'; exec sleep 600`)
    const child = spawn(join(root, 'mogo'), [], {
      env: { PATH: `${bin}:${tools}` },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    while (!existsSync(join(base, 'npm.pid')) || readFileSync(join(base, 'npm.pid'), 'utf8') === '') {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    child.kill('SIGINT')
    const [code] = (await once(child, 'exit')) as [number]
    expect(code).toBe(130)
    expect(existsSync(join(root, '.mogo', 'install.lock'))).toBe(false)
    const npm = Number(readFileSync(join(base, 'npm.pid'), 'utf8'))
    await expect.poll(() => existsSync(`/proc/${npm}`)).toBe(false)
  })

  it.each([
    ['Java is missing', 'java', 'MOGO_JAVA_MISSING', 'openjdk-17-jre-headless'],
    ['Maven is missing', 'mvn', 'MOGO_MAVEN_MISSING', 'apt-get install maven'],
    ['Node is missing', 'node', 'MOGO_NODE_MISSING', 'apt-get install nodejs npm'],
  ])(
    'says in one message what to install when %s and it may not install it',
    async (_case, name, code, remedy) => {
      const { run, bin } = project()
      rmSync(join(bin, name))
      const result = await run()
      expect(result.code).toBe(3)
      expect(result.err).toContain(code)
      expect(result.err).toContain(remedy)
    },
  )

  it('names a Java that is too old', async () => {
    const { run, program } = project()
    program('java', `echo 'java version "1.8.0_402"' >&2`)
    expect((await run()).err).toContain('MOGO_JAVA_OLD: Java 8 at ')
  })

  it('takes JAVA_HOME at its word', async () => {
    const { run } = project()
    expect((await run([], { JAVA_HOME: '/nowhere' })).err).toContain(
      'JAVA_HOME is /nowhere, but there is no Java in it.',
    )
  })

  it('installs nothing on a disk that is nearly full', async () => {
    const { run, program, calls } = project()
    program('df', 'echo header; echo "disk 1000 1000 102400 99% /"')
    const result = await run()
    expect(result.err).toContain('MOGO_DISK_FULL: Only 100 MB are free on the disk of')
    expect(calls()).toEqual([])
  })

  it('installs through apt as root, updating its lists if the first try fails', async () => {
    const { run, program, bin, base } = project()
    program('id', 'echo 0')
    rmSync(join(bin, 'mvn'))
    program(
      'apt-get',
      `echo "$@" >> '${base}/apt'
case "$*" in
  *update*) touch '${base}/updated' ;;
  *maven*) [ -f '${base}/updated' ] || exit 100
    printf '%s\\n' '#!/bin/sh' 'for arg; do case $arg in -DoutputDirectory=*) mkdir -p "\${arg#*=}";; esac; done' > '${bin}/mvn'; chmod +x '${bin}/mvn' ;;
esac`,
    )
    expect(await run()).toMatchObject({ code: 0 })
    expect(readFileSync(join(base, 'apt'), 'utf8').trim().split('\n')).toEqual([
      '-q -y --no-install-recommends install maven',
      '-q -y --no-install-recommends update',
      '-q -y --no-install-recommends install maven',
    ])
  })
})
