import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate authority of a test's own, made with OpenSSL. */
export interface Authority {
  /** Its own certificate, which a client is to trust. */
  readonly certificate: string
  /** Makes a key and a certificate of a server. Both are paths. */
  issue(wanted: Wanted): { readonly certificate: string; readonly key: string }
}

export interface Wanted {
  readonly name: string
  /** As OpenSSL writes them: `DNS:localhost,IP:127.0.0.1`. */
  readonly alternatives: string
  /** From now on; negative: it has run out. */
  readonly days: number
}

/** A folder with authorities, which are gone with it. */
export interface Authorities extends Disposable {
  readonly folder: string
  create(name: string): Authority
}

export function createAuthorities(): Authorities {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-authority-'))
  const at = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' })
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  return {
    folder,
    create(authority) {
      const [certificate, key] = [at(`${authority}.pem`), at(`${authority}.key`)]
      const subject = ['-subj', `/CN=${authority}`, '-days', '1']
      openssl('req', '-x509', ...curve, '-keyout', key, '-out', certificate, ...subject)
      return {
        certificate,
        issue({ name, alternatives, days }) {
          const [own, request, signed] = [at(`${name}.key`), at(`${name}.csr`), at(`${name}.pem`)]
          const extensions = at(`${name}.ext`)
          writeFileSync(extensions, `subjectAltName = ${alternatives}\n`)
          openssl('req', ...curve, '-keyout', own, '-out', request, '-subj', `/CN=${name}`)
          const signing = [
            '-CA',
            certificate,
            '-CAkey',
            key,
            '-CAcreateserial',
            '-extfile',
            extensions,
          ]
          openssl('x509', '-req', '-in', request, '-out', signed, '-days', `${days}`, ...signing)
          return { certificate: signed, key: own }
        },
      }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}
