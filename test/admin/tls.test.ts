import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serveAdmin } from '../../src/admin/serve.ts'
import { createFake } from '../cli/fake.ts'
import { tokens } from './caller.ts'

test('with a certificate it speaks TLS, and nothing without', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-tls-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const made = `req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -days 2 -keyout ${key} -out ${cert}`
  try {
    execFileSync('openssl', made.split(' '), { stdio: 'ignore' })
    const { db } = createFake()
    await using server = await serveAdmin(db, {
      host: '127.0.0.1',
      port: 0,
      tokens,
      tls: { cert, key },
    })
    expect(server.url).toMatch(/^https:/)
    const status = await new Promise((resolve, reject) => {
      get(`${server.url}healthz`, { ca: readFileSync(cert) }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).on('error', reject)
    })
    expect(status).toBe(200)
    await expect(fetch(`${server.url.replace('https', 'http')}healthz`)).rejects.toThrow('fetch')
    const missing = { cert: join(folder, 'none.pem'), key }
    await expect(
      serveAdmin(db, { host: '127.0.0.1', port: 0, tokens, tls: missing }),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
