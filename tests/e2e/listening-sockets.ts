/** Which sockets listen for TCP connections, from /proc. By their inodes: a port that was given back may be somebody else's a moment later. */
import { readFileSync } from 'node:fs'
import { socketsOf } from '../support/process-sockets.ts'

const LISTENING = '0A'

/** Inodes of sockets that listen: of these processes, or of anybody. */
export function listeningSockets(pids?: readonly number[]): readonly string[] {
  const all = new Set<string>()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const text of readFileSync(file, 'utf8').split('\n').slice(1)) {
      const fields = text.trim().split(/\s+/)
      if (fields[3] === LISTENING && fields[9] !== undefined) all.add(fields[9])
    }
  if (pids === undefined) return [...all]
  return pids.flatMap((pid) => [...socketsOf(pid)]).filter((inode) => all.has(inode))
}
