/** The ports of a project's servers: the same from run to run as far as they are free. */

import { choosePort } from './ports.ts'
import { readJson, writeJson } from './state-file.ts'

/** Chooses ports and remembers them in a file. */
export class PortBook {
  readonly #file: string
  readonly #known: Record<string, number>
  readonly #given = new Set<number>()

  constructor(file: string) {
    this.#file = file
    this.#known = readJson<Record<string, number>>(file) ?? {}
  }

  async choose(name: string, wanted: number | undefined, path: string): Promise<number> {
    const server = name.split('.')[0] ?? name
    const port = await choosePort({ server, wanted, remembered: this.#known[name], path, given: this.#given })
    this.#known[name] = port
    writeJson(this.#file, this.#known)
    return port
  }
}
