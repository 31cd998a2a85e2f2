/**
 * Dataset -> a page in Markdown. Contracts are untrusted: what they say is text, never markup, so that a description cannot add
 * links, images or HTML to the page.
 */
import type { CompiledDataset } from '../compile/compiled-dataset.ts'
import { oneLine } from '../one-line.ts'
import { datasetFacts, type FactSection } from './dataset-facts.ts'

/** The page. */
export function markdownPage(dataset: CompiledDataset): string {
  const facts = datasetFacts(dataset)
  return `${[
    `# ${escapeMarkdown(facts.title)}`,
    facts.deprecated === undefined ? '' : `**${escapeMarkdown(facts.deprecated)}**`,
    escapeMarkdown(facts.description),
    facts.about.map(([name, text]) => `- **${name}**: ${escapeMarkdown(text)}`).join('\n'),
    ...facts.sections.map(sectionMarkdown),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}

function sectionMarkdown({ title, head, rows }: FactSection): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    `## ${title}`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map((cells) => line(cells.map(escapeMarkdown))),
  ].join('\n')
}

/** Text that stays text: every character that Markdown or HTML reads as markup is escaped. */
export function escapeMarkdown(text: string): string {
  return (
    oneLine(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // An underscore inside of a word is no markup.
      .replaceAll(/[\\`*[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&')
      .replace(/^([-+#=])/, '\\$1')
      .replace(/^(\d+)([.)])/, '$1\\$2')
      // Addresses would become links without any markup.
      .replaceAll('://', '&#58;//')
      .replaceAll(/\bwww\./gi, 'www&#46;')
      .replaceAll('@', '&#64;')
  )
}
