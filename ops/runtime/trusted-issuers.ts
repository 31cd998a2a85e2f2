/**
 * Whose tokens a project believes, and for which tenants: the issuer of the project, and those beside it (`identity.issuers`).
 *
 * A tenant belongs to one issuer. An issuer with a list of tenants, or with a fixed one, gives only those; one without gives any tenant that no
 * other issuer has listed. So nobody who runs one customer's identity provider can sign in to the data of another.
 *
 * Subjects of two issuers may be called the same. Those of an issuer beside the first are known as `issuer:NAME:SUBJECT`, everywhere: in limits,
 * access records, quarantine. Subjects of the first issuer stay as they are, and may not begin like one of those.
 */
import type { ProjectConfig } from './config-model.ts'
import type { ClaimNames } from './principal.ts'
import type { Settings } from './settings.ts'

/** An issuer that is believed. */
export type TrustedIssuer = {
  readonly issuer: string
  readonly audience: string
  readonly claims: ClaimNames
  /** All of its tokens are of this tenant; its claim is not looked at. */
  readonly fixedTenant?: string | undefined
  /** True if it may give this tenant. */
  readonly mayGive: (tenant: string) => boolean
  /** What its subjects are called here; undefined for one that cannot be told from another issuer's. */
  readonly subjectOf: (subject: string) => string | undefined
}

/** Beginning of names of subjects that are not the first issuer's, and of accounts that are no person's. */
export const FOREIGN_SUBJECT = 'issuer:'
export const SERVICE_SUBJECT = 'service-account:'

/** The subject of the first issuer as it is known here. */
export function ownSubject(subject: string): string | undefined {
  return subject.startsWith(FOREIGN_SUBJECT) || subject.startsWith(SERVICE_SUBJECT) ? undefined : subject
}

/** Those of a project. The first is the project's own. @throws MogoError MOGO_NOT_RUNNING */
export function trustedIssuers(settings: Settings): readonly TrustedIssuer[] {
  return issuersOf(settings.project.config.identity, settings.issuer())
}

/** See {@link trustedIssuers}; `issuer` is the first one's address. */
export function issuersOf(identity: ProjectConfig['identity'], issuer: string): readonly TrustedIssuer[] {
  const { audience, claims, issuers } = identity
  const listsOf = [
    identity.tenants,
    ...issuers.map(({ tenant, tenants }) => (tenant === undefined ? tenants : [tenant])),
  ]
  const listed = new Set(listsOf.flatMap((tenants) => tenants ?? []))
  const mayGive = (own: readonly string[] | undefined) => (tenant: string) =>
    own ? own.includes(tenant) : !listed.has(tenant)
  return [
    { issuer, audience, claims, mayGive: mayGive(identity.tenants), subjectOf: ownSubject },
    ...issuers.map((other, index) => ({
      issuer: other.issuer,
      audience: other.audience ?? audience,
      claims: other.claims ?? claims,
      fixedTenant: other.tenant,
      mayGive: mayGive(listsOf[index + 1]),
      subjectOf: (subject: string) => `${FOREIGN_SUBJECT}${other.name}:${subject}`,
    })),
  ]
}
