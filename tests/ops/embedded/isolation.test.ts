import { describe, expect, it } from 'vitest'
import { wrapCommand } from '#ops/embedded/isolation.ts'

const line = { command: '/bin/server', args: ['-D', '/data'] }
const postgres = { ...line, refusesRoot: true, deathSignal: 'SIGQUIT' } as const
const server = ['/bin/server', '-D', '/data']

describe('the wrapping of a command', () => {
  it.each([
    [
      'an ordinary one',
      line,
      { root: true, deathSignal: true, userNamespace: true },
      ['setpriv', '--pdeathsig', 'KILL', ...server],
    ],
    [
      'one that refuses root, as root',
      postgres,
      { root: true, deathSignal: true, userNamespace: true },
      [
        'unshare',
        '--user',
        '--map-user=65534',
        '--map-group=65534',
        'setpriv',
        '--pdeathsig',
        'QUIT',
        ...server,
      ],
    ],
    [
      'one that refuses root, as root, without namespaces',
      postgres,
      { root: true, deathSignal: true, userNamespace: false },
      ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--pdeathsig', 'QUIT', ...server],
    ],
    [
      'one that refuses root, as another user',
      postgres,
      { root: false, deathSignal: true, userNamespace: false },
      ['setpriv', '--pdeathsig', 'QUIT', ...server],
    ],
    [
      'any, on a machine without setpriv',
      line,
      { root: false, deathSignal: false, userNamespace: false },
      server,
    ],
  ])('%s', (_case, command, isolation, expected) => {
    expect(wrapCommand(command, isolation)).toEqual(expected)
  })
})
