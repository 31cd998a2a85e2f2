/** How the pipeline is doing: looked at now, by a process of its own, or as the operations process saw it last. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'
import { ERRORS, type ErrorCode, MogoError } from '#contracts/errors.ts'
import { type PipelineHealth, pipelineHealthSchema } from '#contracts/events/pipeline-health.ts'
import { loadContracts } from '#contracts/load-contracts.ts'
import { WITH_PARENT } from '#ops/runtime/end-with-parent.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import type { Endpoints } from '#ops/runtime/settings.ts'
import { ROOT } from './find-project.ts'

const faultSchema = z.object({ code: z.string(), message: z.string(), remedy: z.string() })
const lastSchema = z.object({ health: pipelineHealthSchema.nullable() })

/** Looks now. @throws MogoError MOGO_NOT_RUNNING, and what else keeps it from looking */
export async function lookAtPipeline(
  project: Project,
  environment: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<PipelineHealth> {
  // Their faults are told in their own words.
  loadContracts(project.contractsDir)
  const entry = join(ROOT, 'pipelines/health-main.ts')
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', entry], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...{ PATH: environment['PATH'] ?? '', MOGO_PROJECT: project.dir, NO_COLOR: '1' },
      ...WITH_PARENT,
    },
    ...(signal ? { signal, killSignal: 'SIGTERM' as const } : {}),
  })
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk
  })
  await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const health = pipelineHealthSchema.safeParse(jsonIn(output))
  if (health.success) return health.data
  throw faultOf(errors)
}

/** What the operations process saw last; undefined if it does not answer, or has not looked yet. */
export async function lastLook(endpoints: Endpoints): Promise<PipelineHealth | undefined> {
  const port = endpoints.operations?.port
  if (port === undefined) return undefined
  try {
    const response = await fetch(`http://127.0.0.1:${port}/pipeline`, { signal: AbortSignal.timeout(1500) })
    return lastSchema.parse(await response.json()).health ?? undefined
  } catch {
    return undefined
  }
}

function faultOf(errors: string): MogoError {
  const said = faultSchema.safeParse(jsonIn(errors.trim().split('\n').at(-1) ?? ''))
  if (!said.success) return new MogoError('MOGO_INTERNAL', { where: 'the look at the pipeline' })
  const { code, message: detail, remedy } = said.data
  // Of these the code decides how the command ends; their texts are the same here.
  if (code === 'MOGO_NOT_RUNNING') return new MogoError('MOGO_NOT_RUNNING')
  if (code in ERRORS && ERRORS[code as ErrorCode].class === 'retriable')
    return new MogoError('MOGO_UNAVAILABLE', { what: `The pipeline (${code})` })
  return new MogoError('MOGO_CAPTURE_FAILED', { code, detail, remedy })
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
