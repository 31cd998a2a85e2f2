/**
 * Names in package-lock.json the optional platform packages that npm has left out: without
 * their names `npm ci` refuses the lockfile. Run it after every `npm install`: node .ci/complete-lockfile.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs'

const FILE = new URL('../package-lock.json', import.meta.url)
const SYSTEMS = new Set([
  'android',
  'darwin',
  'linux',
  'win32',
  'freebsd',
  'openbsd',
  'netbsd',
  'openharmony',
  'aix',
  'sunos',
])
const PROCESSORS = new Set([
  'x64',
  'arm64',
  'arm',
  'ia32',
  'ppc64',
  's390x',
  'riscv64',
  'loong64',
  'wasm32',
  'mips64el',
])

const lock = JSON.parse(readFileSync(FILE, 'utf8'))
const packages = lock.packages
let added = 0

for (const [path, holder] of Object.entries(packages))
  for (const [name, range] of Object.entries(holder.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue
    packages[`node_modules/${name}`] = entryOf(path, holder, name, range)
    added++
  }

lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`)
process.stdout.write(`${added} platform packages named\n`)

/** As Node resolves it: beside the package, or in a folder above. */
function isLocked(path, name) {
  for (let base = path; ; ) {
    if (packages[`${base === '' ? '' : `${base}/`}node_modules/${name}`]) return true
    if (base === '') return false
    const parent = base.lastIndexOf('/node_modules/')
    base = parent < 0 ? '' : base.slice(0, parent)
  }
}

function entryOf(path, holder, name, range) {
  const words = name.split(/[-/]/)
  const system = words.find((word) => SYSTEMS.has(word))
  const processor = words.find((word) => PROCESSORS.has(word))
  const libc =
    system !== 'linux'
      ? undefined
      : words.includes('musl')
        ? 'musl'
        : words.includes('gnu')
          ? 'glibc'
          : undefined
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(processor ? { cpu: [processor] } : {}),
    ...(holder.dev && path !== '' ? { dev: true } : {}),
    ...(holder.license ? { license: holder.license } : {}),
    optional: true,
    ...(system ? { os: [system] } : {}),
    ...(libc ? { libc: [libc] } : {}),
  }
}
