/** Style and script of the catalogue page: they stand in the page, which loads nothing. */

/** Colours keep a contrast of 4.5:1 and more in light and dark; rows of a hidden match are not shown; wide tables scroll on their own. */
export const CATALOGUE_STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #ffffff; --raised: #f4f6f8; --line: #8a939d; --accent: #0550ae; --mark: #7d4e00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #a8b3bf; --paper: #0d1117; --raised: #161b22; --line: #6e7681; --accent: #79c0ff; --mark: #e3b341; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--raised); }
header, main { max-width: 75rem; margin: 0 auto; padding: 1rem; }
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 0; font-size: 1.3rem; }
h3 { margin: 1.25rem 0 .25rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 65ch; }
a { color: var(--accent); }
a:focus-visible, input:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input { width: 100%; max-width: 30rem; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--line); border-radius: .4rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
nav a { display: inline-block; min-height: 1.5rem; }
article { margin: 1.5rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: .5rem; }
article[hidden] { display: none; }
.deprecated { color: var(--mark); font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; } }
@media print { .search, .skip { display: none; } }
`

/** Hides the datasets whose text lacks a word that is searched. Without it the page shows all of them. */
export const CATALOGUE_SCRIPT = `
const field = document.getElementById('search');
const count = document.getElementById('count');
const articles = Array.from(document.querySelectorAll('article'));
const texts = articles.map((article) => article.textContent.toLowerCase());
document.querySelector('.search').hidden = false;
field.addEventListener('input', () => {
  const words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  articles.forEach((article, index) => {
    const fits = words.every((word) => texts[index].includes(word));
    article.hidden = !fits;
    if (fits) shown++;
  });
  count.textContent = shown + ' of ' + articles.length + ' datasets';
});
`
