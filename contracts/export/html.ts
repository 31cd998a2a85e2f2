/**
 * Datasets -> one catalogue page in HTML. It stands alone: no file is loaded, and none could be.
 *
 * Contracts are untrusted. Everything they say is escaped text; nothing of them becomes an address, an attribute name, style or script. Beyond
 * that the page's content security policy allows exactly its own style and script, by hash.
 * For everyone (WCAG 2.2 AA): landmarks, a skip link, headings in order, tables with captions and header cells that keyboards can scroll,
 * contrast in light and dark, targets of 24 pixels and more, and a search whose result is announced.
 */
import { createHash } from 'node:crypto'
import type { CompiledDataset } from '../compile/compiled-dataset.ts'
import { CATALOGUE_SCRIPT, CATALOGUE_STYLE } from './catalogue-style.ts'
import { type DatasetFacts, datasetFacts, type FactSection } from './dataset-facts.ts'

/** The page. */
export function htmlCatalogue(datasets: readonly CompiledDataset[]): string {
  const pages = datasets.map(datasetFacts)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${hash(CATALOGUE_STYLE)}; script-src ${hash(CATALOGUE_SCRIPT)}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Datasets under contract</title>
<style>${CATALOGUE_STYLE}</style>
</head>
<body>
<a class="skip" href="#datasets">Skip to the datasets</a>
<header>
<h1>Datasets under contract</h1>
<div class="search" role="search" hidden>
<label for="search">Search datasets and columns</label>
<input id="search" type="search" autocomplete="off" spellcheck="false">
<p id="count" role="status">${pages.length} of ${pages.length} datasets</p>
</div>
<nav aria-label="Datasets">
<ul>
${pages.map(({ title }, index) => `<li><a href="#d${index}">${escapeHtml(title)}</a></li>`).join('\n')}
</ul>
</nav>
</header>
<main id="datasets" tabindex="-1">
${pages.map(article).join('\n')}
</main>
<script>${CATALOGUE_SCRIPT}</script>
</body>
</html>
`
}

function article(facts: DatasetFacts, index: number): string {
  return [
    `<article id="d${index}" aria-labelledby="d${index}-title">`,
    `<h2 id="d${index}-title">${escapeHtml(facts.title)}</h2>`,
    facts.title === facts.name ? '' : `<p><code>${escapeHtml(facts.name)}</code></p>`,
    facts.deprecated === undefined ? '' : `<p class="deprecated">${escapeHtml(facts.deprecated)}</p>`,
    facts.description === '' ? '' : `<p>${escapeHtml(facts.description)}</p>`,
    '<dl>',
    ...facts.about.map(([name, text]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(text)}</dd>`),
    '</dl>',
    ...facts.sections.map((section) => sectionHtml(section, `d${index}`)),
    '</article>',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function sectionHtml({ title, head, rows }: FactSection, id: string): string {
  const heading = `${id}-${title.toLowerCase().replaceAll(' ', '-')}`
  return [
    `<h3 id="${heading}">${escapeHtml(title)}</h3>`,
    `<div class="scroll" role="region" aria-labelledby="${heading}" tabindex="0">`,
    '<table>',
    `<thead><tr>${head.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...rows.map(
      ([first = '', ...cells]) =>
        `<tr><th scope="row">${escapeHtml(first)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`,
    ),
    '</tbody>',
    '</table>',
    '</div>',
  ].join('\n')
}

/** Text for elements and for attributes in double quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
