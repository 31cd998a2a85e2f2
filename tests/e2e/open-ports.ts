/** Which TCP ports are listened on, from /proc. */
import { readFileSync } from 'node:fs'
import { socketsOf } from '../support/process-sockets.ts'

const LISTENING = '0A'

/** Ports that are listened on: by these processes, or by anybody. */
export function allPorts(pids?: readonly number[]): readonly number[] {
  const sockets = new Map<string, number>()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6'])
    for (const text of readFileSync(file, 'utf8').split('\n').slice(1)) {
      const fields = text.trim().split(/\s+/)
      if (fields[3] !== LISTENING) continue
      sockets.set(fields[9] ?? '', Number.parseInt(fields[1]?.split(':')[1] ?? '0', 16))
    }
  if (pids === undefined) return [...sockets.values()]
  const ports = new Set<number>()
  for (const pid of pids)
    for (const inode of socketsOf(pid)) {
      const port = sockets.get(inode)
      if (port !== undefined) ports.add(port)
    }
  return [...ports]
}
