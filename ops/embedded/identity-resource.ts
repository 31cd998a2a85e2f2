/** The resource indicator (RFC 8707) of an audience: indicators must be URIs, audiences need not. */
export function resourceOf(audience: string): string {
  return URL.canParse(audience) ? audience : `urn:mogo:audience:${encodeURIComponent(audience)}`
}
