/**
 * The pages of the embedded identity provider for a login by device code: type the code, compare it, say who you are. Plain HTML that needs no script:
 * labelled fields, one column, readable in light and dark.
 */
import { createHash } from 'node:crypto'

const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}body{max-width:26rem;margin:10vh auto;padding:0 1rem}
label{display:block;margin-top:1rem}input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;margin-top:.25rem}
button{font:inherit;padding:.5rem 1rem;margin:1.25rem .5rem 0 0}code{font-size:1.5rem;letter-spacing:.1em}
[role=alert]{border-left:.25rem solid;padding-left:.75rem}`

/**
 * Headers of every page: nothing from elsewhere, no frame around it, nothing kept, no address passed on to others. (With `no-referrer` browsers would
 * hide where our own forms come from as well.)
 */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** Where a form goes, and what proves that it comes from our page. */
export type PageForm = { readonly action: string; readonly proof: string }

/** The page that asks for the code. */
export function codePage({ action, proof }: PageForm, fault?: string): string {
  return page(
    'Log in on a command line',
    `${alert(fault)}<form method="post" action="${escaped(action)}">
${hidden('xsrf', proof)}
<label for="user_code">The code that your command line shows</label>
<input id="user_code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" required autofocus>
<button type="submit">Go on</button>
</form>`,
  )
}

/** The page that shows the code, to be compared. */
export function confirmPage({ action, proof }: PageForm, code: string): string {
  return page(
    'Is this your code?',
    `<p><code>${escaped(code)}</code></p>
<p>Go on only if your own command line shows this code at this moment. If somebody has sent it to you, stop: they would be logged in as you.</p>
<form method="post" action="${escaped(action)}">
${hidden('xsrf', proof)}${hidden('user_code', code)}
<button type="submit" name="confirm" value="yes">It is the same</button>
<button type="submit" name="abort" value="yes">Stop</button>
</form>`,
  )
}

/** The page that asks who it is. */
export function loginPage({ action, proof }: PageForm, code: string, fault?: string): string {
  return page(
    'Who are you?',
    `${alert(fault)}<p>Logging in the command line that shows <code>${escaped(code)}</code></p>
<form method="post" action="${escaped(action)}">
${hidden('proof', proof)}
<label for="username">User name</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="secret">Secret</label>
<input id="secret" name="secret" type="password" autocomplete="current-password" required>
<button type="submit">Log in</button>
<button type="submit" name="abort" value="yes" formnovalidate>Stop</button>
</form>
<p>The secret of each person is in the file <em>secrets/identity.NAME</em> of the project's state folder.</p>`,
  )
}

/** A page that only says something. */
export function messagePage(title: string, text: string): string {
  return page(title, `<p>${escaped(text)}</p>`)
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><main><h1>${escaped(title)}</h1>
${body}
</main></body>
</html>
`
}

function hidden(name: string, value: string): string {
  return `<input type="hidden" name="${name}" value="${escaped(value)}">`
}

function alert(fault: string | undefined): string {
  return fault === undefined ? '' : `<p role="alert">${escaped(fault)}</p>\n`
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
