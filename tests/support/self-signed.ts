/** A self-signed certificate for `localhost`, made here so that no private key lies in the repository: X.509 v3 (RFC 5280) in DER. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  if (length < 128) return Buffer.concat([Buffer.from([tag, length]), body])
  const size = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
const time = (at: Date) =>
  der(0x17, Buffer.from(`${at.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`))
const ECDSA_WITH_SHA256 = sequence(hex('06082a8648ce3d040302'))

/** Certificate and key, PEM. */
export type SelfSigned = { readonly cert: string; readonly key: string }

/** Makes one of a common name, valid for a day. */
export function selfSigned(commonName: string): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const day = 86_400_000
  const name = sequence(der(0x31, sequence(hex('0603550403'), der(0x0c, Buffer.from(commonName)))))
  // subjectAltName with one DNS name.
  const alternative = sequence(hex('0603551d11'), der(0x04, sequence(der(0x82, Buffer.from('localhost')))))
  const serial = der(0x02, Buffer.concat([hex('01'), randomBytes(8)]))
  const content = sequence(
    der(0xa0, hex('020102')),
    serial,
    ECDSA_WITH_SHA256,
    name,
    sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + day))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternative)),
  )
  const signature = der(0x03, hex('00'), sign('sha256', content, privateKey))
  const lines = sequence(content, ECDSA_WITH_SHA256, signature)
    .toString('base64')
    .replaceAll(/(.{64})/g, '$1\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}
