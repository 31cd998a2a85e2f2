/** Entry of the embedded identity provider: `MOGO_PROJECT=DIR node ops/embedded/identity-main.ts [--project DIR]`. */
import { parseArgs } from 'node:util'
import { runProcess } from '#ops/runtime/process.ts'
import { startIdentityServer } from './identity-server.ts'

const { values } = parseArgs({ options: { project: { type: 'string' } } })
const environment = values.project ? { ...process.env, MOGO_PROJECT: values.project } : process.env

await runProcess('identity', environment, async ({ project, settings, logger }) =>
  startIdentityServer(project, settings.issuer(), logger),
)
