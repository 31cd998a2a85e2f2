/** Keeps what is derived per tenant, because deriving a key costs more than using it. */
export function perTenant<T>(make: (tenant: string) => T): (tenant: string) => T {
  const made = new Map<string, T>()
  return (tenant) => {
    let value = made.get(tenant)
    if (value === undefined) {
      value = make(tenant)
      made.set(tenant, value)
    }
    return value
  }
}
