/** `mogo config`: the effective configuration, or the prose of every key. */
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { z } from 'zod'
import { projectConfigSchema } from '#ops/runtime/config-model.ts'
import { findProject } from '../find-project.ts'
import { line } from '../output.ts'
import { addAlertRulesCommand } from './alert-rules.ts'

/** Adds the command. */
export function addConfigCommand(program: Command): void {
  const config = program
    .command('config')
    .description('Print the effective configuration: mogo.yaml with every default filled in')
    .option('--format <format>', 'yaml or json', 'yaml')
    .option('--keys', 'list every key with its meaning and default instead')
    .addHelpText(
      'after',
      '\nExamples:\n  mogo config\n  mogo config --keys\n  mogo config --format json --project my-project',
    )
    .action((options: { format: string; keys?: boolean }, command: Command) => {
      if (options.keys) {
        for (const text of describeKeys()) line(text)
        return
      }
      const project = findProject(command.optsWithGlobals()['project'], process.cwd())
      // Passwords cannot stand in the file, only paths of files that hold them; nothing here is secret.
      line(
        options.format === 'json'
          ? JSON.stringify(project.config, undefined, 2)
          : stringify(project.config).trimEnd(),
      )
    })
  addAlertRulesCommand(config)
}

/** One line per key: `path  meaning (default: …)`. */
export function describeKeys(): readonly string[] {
  const schema = z.toJSONSchema(projectConfigSchema, { io: 'output', unrepresentable: 'any' })
  const lines: string[] = []
  walk(schema as JsonSchema, '')
  return lines

  function walk(node: JsonSchema, path: string): void {
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      const at = path === '' ? name : `${path}.${name}`
      const fallback =
        child.default !== undefined && typeof child.default !== 'object'
          ? ` (default: ${String(child.default)})`
          : ''
      lines.push(`${at.padEnd(34)} ${child.description ?? ''}${fallback}`)
      walk(child, at)
    }
  }
}

type JsonSchema = {
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly description?: string
  readonly default?: unknown
}
