/** Which sockets a process holds, from /proc. */
import { readdirSync, readlinkSync } from 'node:fs'

/** Inodes of its sockets; none if it has ended meanwhile. */
export function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}
