/** What is known of API keys: the facts of the topic, put together. Pure but for what it keeps. */
import type { KeyDefinition, KeyFact, KeyRevocation } from './key-records.ts'

/** A key with all that is known of it. */
export type KnownKey = {
  readonly definition: KeyDefinition
  readonly revocation: KeyRevocation | undefined
  /** Milliseconds since 1970. */
  readonly usedAt: number | undefined
}

/** See the header. */
export class KeyBook {
  readonly #definitions = new Map<string, KeyDefinition>()
  readonly #revocations = new Map<string, KeyRevocation>()
  readonly #uses = new Map<string, number>()

  /** Forgets everything: the topic is read from its beginning again. */
  clear(): void {
    for (const map of [this.#definitions, this.#revocations, this.#uses]) map.clear()
  }

  /** Takes a fact in. False if it is none. */
  apply(fact: KeyFact): boolean {
    switch (fact.kind) {
      case 'key':
        if (fact.definition) this.#define(fact.definition)
        else this.#definitions.delete(fact.id)
        break
      case 'revoked':
        // Once revoked a key stays so until it is forgotten itself.
        if (fact.revocation) this.#revocations.set(fact.id, this.#revocations.get(fact.id) ?? fact.revocation)
        else if (!this.#definitions.has(fact.id)) this.#revocations.delete(fact.id)
        break
      case 'used':
        if (fact.at !== undefined) this.touch(fact.id, fact.at)
        else if (!this.#definitions.has(fact.id)) this.#uses.delete(fact.id)
        break
      case 'unknown':
        return false
    }
    return true
  }

  /** The key was used then. */
  touch(id: string, at: number): void {
    if (at > (this.#uses.get(id) ?? 0)) this.#uses.set(id, at)
  }

  find(id: string): KnownKey | undefined {
    const definition = this.#definitions.get(id)
    if (!definition) return undefined
    return { definition, revocation: this.#revocations.get(id), usedAt: this.#uses.get(id) }
  }

  /** Keys of a tenant, the newest first. */
  ofTenant(tenant: string): readonly KnownKey[] {
    return [...this.#definitions.values()]
      .filter((definition) => definition.tenant === tenant)
      .toSorted((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt))
      .flatMap(({ id }) => this.find(id) ?? [])
  }

  /** What a key is does not change: a second definition of the same id is not taken. */
  #define(definition: KeyDefinition): void {
    if (!this.#definitions.has(definition.id)) this.#definitions.set(definition.id, definition)
  }
}
