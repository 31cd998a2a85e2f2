/** Who asks the query API from the command line, and what is said of an answer that is a problem. */
import type { Command } from 'commander'
import colors from 'picocolors'
import { MogoError } from '#contracts/errors.ts'
import type { Project } from '#ops/runtime/load-config.ts'
import { type ApiAnswer, type ApiClient, apiClient, problemIn } from './api-client.ts'
import { findProject } from './find-project.ts'
import { LoginFiles, loginFolder } from './login-files.ts'
import { accessTokenOf, latestLogin, loginIssuers } from './login-token.ts'
import { note } from './output.ts'

/**
 * The caller: the person named by `--as`, else the token in MOGO_TOKEN, else who has logged in, else whom `defaultPerson` names.
 *
 * @throws MogoError MOGO_USAGE if that is nobody, MOGO_LOGIN_EXPIRED, and what apiClient throws
 */
export async function apiCaller(
  command: Command,
  as: string | undefined,
  defaultPerson: (project: Project) => string | undefined,
): Promise<ApiClient> {
  const project = findProject(command.optsWithGlobals()['project'], process.cwd())
  const token = process.env['MOGO_TOKEN']
  if (as === undefined && token !== undefined && token !== '') return apiClient(project, '', token)
  const loggedIn = as === undefined ? await loginToken(project) : undefined
  if (loggedIn !== undefined) return apiClient(project, '', loggedIn)
  const person = as ?? defaultPerson(project)
  if (person === undefined)
    throw new MogoError('MOGO_USAGE', {
      detail: 'Say who asks: log in (mogo login), or --as PERSON, or a token in MOGO_TOKEN.',
    })
  return apiClient(project, person)
}

async function loginToken(project: Project): Promise<string | undefined> {
  const files = new LoginFiles(loginFolder(process.env))
  const login = latestLogin(files, loginIssuers(project))
  return login && accessTokenOf(files, login)
}

/** True if the answer is good; else says the problem and sets the exit code. */
export function said(answer: ApiAnswer): boolean {
  if (answer.status < 400) return true
  const problem = problemIn(answer)
  note(
    `${colors.red('refused')} ${colors.bold(problem.code ?? String(answer.status))}: ${problem.detail ?? problem.title ?? ''}`,
  )
  if (problem.remedy) note(`  ${colors.dim('what to do:')} ${problem.remedy}`)
  process.exitCode = answer.status === 503 ? 3 : 1
  return false
}
