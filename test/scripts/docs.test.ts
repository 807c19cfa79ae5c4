/** Every relative link and anchor of the Markdown files leads somewhere. */
import { glob, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const CHECKOUT = resolve(import.meta.dirname, '../..');
/** What is installed, fetched or made: not ours, or not there in a fresh clone. */
const NOT_OURS = new Set(['node_modules', 'cache', 'build', 'dist', 'demo-output', '.git']);

interface Link {
  /** As written, with its anchor. */
  target: string;
  /** Line of the file, from 1. */
  line: number;
}

/** Lines of a text with code taken out, so that examples are no links and no headings. Line numbers stay. */
function prose(markdown: string): string[] {
  let fence = '';
  return markdown.split('\n').map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1] ?? '';
    if (fence === '' && mark !== '') fence = mark;
    else if (fence === '') return line;
    else if (mark.startsWith(fence) && line.trim() === mark) fence = '';
    return '';
  });
}

function withoutCodeSpans(line: string): string {
  return line.replace(/(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)/g, '');
}

/** Inline links and images, and definitions such as `[name]: target`; only those that name no scheme. */
function relativeLinks(markdown: string): Link[] {
  return prose(markdown).flatMap((text, index) => {
    const line = withoutCodeSpans(text);
    const inline = [...line.matchAll(/\]\(<?([^)\s>]*)>?(?:\s+"[^"]*")?\)/g)];
    const definitions = [...line.matchAll(/^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?\s*$/g)];
    return [...inline, ...definitions]
      .map(([, target = '']) => target)
      .filter((target) => !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target))
      .map((target) => ({ target, line: index + 1 }));
  });
}

/** The anchors that GitHub gives to headings: lower case, punctuation out, blanks to dashes, a number behind repeated ones. */
function anchors(markdown: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = prose(markdown).flatMap((line) => /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1] ?? []);
  return new Set(
    headings.map((heading) => {
      const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
      const slug = text.replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      return before === 0 ? slug : `${slug}-${before}`;
    }),
  );
}

/** What is wrong with a link of `file`, as a sentence; undefined if it leads somewhere. */
async function fault(file: string, { target, line }: Link): Promise<string | undefined> {
  const [path = '', anchor] = target.split('#', 2);
  const found = path === '' ? file : resolve(dirname(file), decodeURIComponent(path));
  const from = `${relative(CHECKOUT, file)}:${line}: ${target}`;
  const inside = relative(CHECKOUT, found);
  if (inside.split('/').some((part) => part === '..' || NOT_OURS.has(part)))
    return `${from} is not a file of the project`;
  const entry = await stat(found).catch(() => undefined);
  if (entry === undefined) return `${from} does not exist`;
  if (anchor === undefined || anchor === '') return undefined;
  if (!found.endsWith('.md')) return `${from}: only Markdown files have anchors`;
  return anchors(await readFile(found, 'utf8')).has(anchor) ? undefined : `${from}: there is no such heading`;
}

async function markdownFiles(): Promise<string[]> {
  const files: string[] = [];
  const isNotOurs = (path: string): boolean => NOT_OURS.has(basename(path));
  for await (const path of glob('**/*.md', { cwd: CHECKOUT, exclude: isNotOurs })) files.push(join(CHECKOUT, path));
  return files.sort();
}

test('every relative link of the documentation leads somewhere', async () => {
  const files = await markdownFiles();
  expect(files.map((file) => relative(CHECKOUT, file))).toEqual(
    expect.arrayContaining(['README.md', 'docs/engine.md']),
  );
  const faults = await Promise.all(
    files.map(async (file) => {
      const links = relativeLinks(await readFile(file, 'utf8'));
      return Promise.all(links.map((link) => fault(file, link)));
    }),
  );
  expect(faults.flat().filter((each) => each !== undefined)).toEqual([]);
});

test('every page of docs/ is in its list', async () => {
  const index = join(CHECKOUT, 'docs/README.md');
  const links = relativeLinks(await readFile(index, 'utf8'));
  const listed = new Set(links.map(({ target }) => resolve(dirname(index), target.split('#', 1)[0] ?? '')));
  const pages = (await markdownFiles()).filter((file) => file.startsWith(join(CHECKOUT, 'docs/')) && file !== index);
  expect(pages.filter((page) => !listed.has(page)).map((page) => relative(CHECKOUT, page))).toEqual([]);
});

describe('how links are read', () => {
  test('code holds no links, addresses elsewhere are left alone', () => {
    const text =
      '[a](b.md) `[c](d.md)` ![i](i.png "title")\n```\n[e](f.md)\n```\n[g](https://h.example) [m](mailto:n@o)\n[p]: q.md';
    expect(relativeLinks(text)).toEqual([
      { target: 'b.md', line: 1 },
      { target: 'i.png', line: 1 },
      { target: 'q.md', line: 6 },
    ]);
  });

  test('headings become anchors as on GitHub', () => {
    const text = "# What it's for: `a_b`\n## Same\n## Same\n## See [there](x.md)\n```\n# no heading\n```";
    expect([...anchors(text)]).toEqual(['what-its-for-a_b', 'same', 'same-1', 'see-there']);
  });

  test('a link to nothing, to a missing heading, or out of the project is a fault', async () => {
    const file = join(CHECKOUT, 'docs/README.md');
    const faultOf = (target: string) => fault(file, { target, line: 7 });
    expect(await faultOf('nothing.md')).toBe('docs/README.md:7: nothing.md does not exist');
    expect(await faultOf('#nowhere')).toMatch(/no such heading/);
    expect(await faultOf('../../elsewhere.md')).toMatch(/not a file of the project/);
    expect(await faultOf('../README.md#quick-start')).toBeUndefined();
    expect(await faultOf('decisions/')).toBeUndefined();
  });
});
