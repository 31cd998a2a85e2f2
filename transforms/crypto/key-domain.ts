/** The domain that a key is derived for: a plan with a `keyRef` has a key of its own. No domain has an @ in its name. */
export function keyDomain(plan: { readonly domain: string; readonly keyRef?: string | undefined }): string {
  return plan.keyRef === undefined ? plan.domain : `${plan.domain}@${plan.keyRef}`
}
