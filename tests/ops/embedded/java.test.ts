import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isMogoError } from '#contracts/errors.ts'
import { findJava, parseJavaVersion } from '#ops/embedded/java.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('the version of Java', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17, '17.0.15'],
    ['java version "1.8.0_402"\nJava(TM) SE Runtime Environment', 8, '1.8.0_402'],
    ['openjdk version "21" 2023-09-19', 21, '21'],
    ['openjdk version "25-ea" 2025-09-16', 25, '25-ea'],
    ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "11.0.2" 2019-01-15', 11, '11.0.2'],
  ])('is read from %j', (text, major, version) => {
    expect(parseJavaVersion(text)).toEqual({ major, version })
  })

  it('is not guessed from other text', () => {
    expect(parseJavaVersion('bash: java: command not found')).toBeUndefined()
  })
})

/** A folder with a program `bin/java` that prints a version as Java does, on standard error. */
function javaThatSays(version: string): string {
  const home = temporaryFolder('java')
  mkdirSync(join(home, 'bin'))
  writeFileSync(join(home, 'bin', 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`)
  chmodSync(join(home, 'bin', 'java'), 0o755)
  return home
}

describe('finding Java', () => {
  it('takes the one of JAVA_HOME before the one of the PATH', async () => {
    const [home, other] = [javaThatSays('21.0.1'), javaThatSays('17.0.1')]
    const java = await findJava({ javaHome: home, path: join(other, 'bin') })
    expect(java).toEqual({ path: join(home, 'bin', 'java'), major: 21, version: '21.0.1' })
  })

  it('takes the one of the PATH when JAVA_HOME is not set', async () => {
    const home = javaThatSays('17.0.1')
    expect((await findJava({ path: `/nowhere:${join(home, 'bin')}` })).major).toBe(17)
  })

  it.each([
    ['there is none', { path: '/nowhere' }, 'MOGO_JAVA_MISSING'],
    [
      'JAVA_HOME has none, whatever the PATH has',
      { javaHome: '/nowhere', path: '/usr/bin' },
      'MOGO_JAVA_MISSING',
    ],
    ['it is too old', { javaHome: javaThatSays('11.0.2') }, 'MOGO_JAVA_OLD'],
  ] as const)('says so when %s', async (_case, environment, code) => {
    const error = await findJava(environment).catch((e: unknown) => e)
    expect(isMogoError(error, code)).toBe(true)
  })
})
