/**
 * Asks one of our own processes on this machine whether it lives. A probe sends no secret and believes nothing but a status, so a certificate
 * that is made for another name than this address is fine here.
 */
import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'

/** Status and text of an answer. */
export type ProbeAnswer = { readonly status: number; readonly text: string }

/** GET of an address on this machine. Rejects if there is no answer. */
export function probeHttp(url: string, signal: AbortSignal): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? tlsRequest : plainRequest
    const request = send(url, { signal, agent: false, rejectUnauthorized: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    request.once('error', reject)
    request.end()
  })
}
