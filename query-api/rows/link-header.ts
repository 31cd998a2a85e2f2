/** Links to the pages around one (RFC 8288): the address that was asked, with another cursor. */

/** Writes the header; undefined if there is nothing to link to. */
export function linkHeader(
  path: string,
  query: string,
  cursors: Readonly<Record<'next' | 'prev', string | null>>,
): string | undefined {
  const kept = query.split('&').filter((part) => part !== '' && !isCursor(part))
  const links = (['next', 'prev'] as const).flatMap((relation) => {
    const cursor = cursors[relation]
    if (cursor === null) return []
    return [`<${safe(`${path}?${[...kept, `cursor=${cursor}`].join('&')}`)}>; rel="${relation}"`]
  })
  return links.length === 0 ? undefined : links.join(', ')
}

function isCursor(part: string): boolean {
  return new URLSearchParams(part).has('cursor')
}

/** What may not stand in an address, or would end the link, is written as bytes. */
function safe(address: string): string {
  return address.toWellFormed().replaceAll(/[^\w!#$%&'()*+,./:;=?@[\]~-]/gu, (char) => {
    return [...Buffer.from(char)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join('')
  })
}
