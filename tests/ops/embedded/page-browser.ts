/**
 * A browser of the simplest kind: it keeps cookies, follows redirects, fills in the form of a page, and says where a form comes from as the Fetch standard
 * wants it ("append a request Origin header").
 */

/** What is shown. */
export type Page = {
  readonly status: number
  readonly url: string
  readonly text: string
  readonly headers: Headers
}

type PageRequest = {
  readonly method?: 'POST'
  readonly body?: URLSearchParams
  readonly headers?: Readonly<Record<string, string>>
}

/** See the header. */
export class PageBrowser {
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()
  /** Sent with each form, instead of what is true. */
  headers: Readonly<Record<string, string>> = {}

  open(url: string): Promise<Page> {
    return this.#request(url, {})
  }

  /** Sends the form of a page: its hidden fields, and these. */
  submit(page: Page, fields: Readonly<Record<string, string>>): Promise<Page> {
    const action = /<form [^>]*action="([^"]*)"/.exec(page.text)?.[1]
    if (action === undefined) throw new Error(`no form in ${page.text}`)
    const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
    const body = new URLSearchParams()
    for (const [, name = '', value = ''] of hidden) body.set(name, value)
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    const origin = page.headers.get('referrer-policy') === 'no-referrer' ? 'null' : new URL(page.url).origin
    const headers = { origin, 'sec-fetch-site': 'same-origin', ...this.headers }
    return this.#request(new URL(action, page.url).href, { method: 'POST', body, headers })
  }

  async #request(url: string, init: PageRequest): Promise<Page> {
    const { pathname } = new URL(url)
    const cookie = [...this.#cookies]
      .filter(([, { path }]) => pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ')
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    const text = await response.text()
    const to = response.headers.get('location')
    if (to !== null) return this.#request(new URL(to, url).href, {})
    return { status: response.status, url, text, headers: response.headers }
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    const path = /; *path=([^;]*)/i.exec(line)?.[1] ?? '/'
    if (value === '') this.#cookies.delete(name)
    else this.#cookies.set(name, { value, path })
  }
}
