// Writes the service worker of a build: which files it keeps, and a version that changes with any of them. The map and the desk's views are left out.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

interface Chunk { type: 'chunk'; fileName: string; isEntry: boolean; facadeModuleId: string | null; imports: string[]; viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> } }
interface Asset { type: 'asset'; fileName: string; source: string | Uint8Array }
type Bundle = Record<string, Chunk | Asset>;

/** Beside what the entry needs: the officer's page, and what it opens. */
const VIEWS = ['src/field/Field.svelte', 'src/field/work.svelte.ts'];
/** Files that are served under their own name, from `public`. */
const NAMED = ['theme.js', 'favicon.svg', 'manifest.webmanifest', 'icon-180.png', 'icon-192.png'];
/** Of the font, the alphabet the console is written in. */
const FONT = /inter-latin-wght-normal/;

export function shellOf(bundle: Bundle): { entry: string; files: string[] } {
  const chunks = Object.values(bundle).filter((one): one is Chunk => one.type === 'chunk');
  const entry = chunks.find((chunk) => chunk.isEntry);
  if (entry === undefined) throw new Error('the build has no entry');
  const wanted = new Set<string>();
  const add = (chunk: Chunk): void => {
    if (wanted.has(chunk.fileName)) return;
    wanted.add(chunk.fileName);
    for (const file of [...(chunk.viteMetadata?.importedCss ?? [])]) wanted.add(file);
    for (const name of chunk.imports) {
      const found = bundle[name];
      if (found?.type === 'chunk') add(found);
    }
  };
  add(entry);
  for (const view of VIEWS) {
    const found = chunks.find((chunk) => chunk.facadeModuleId?.endsWith(view));
    if (found !== undefined) add(found);
    else if (view === VIEWS[0]) throw new Error(`the build has no chunk of ${view}`);
  }
  for (const file of Object.keys(bundle)) if (FONT.test(file)) wanted.add(file);
  return { entry: entry.fileName, files: [...wanted].sort() };
}

export function serviceWorker(): Plugin {
  return {
    name: 'watchfloor-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, made) {
      const { entry, files } = shellOf(made as unknown as Bundle);
      const template = readFileSync(new URL('./sw.js', import.meta.url), 'utf8');
      const hash = createHash('sha256').update(template).update(files.join('\n'));
      for (const name of NAMED) hash.update(readFileSync(new URL(`../public/${name}`, import.meta.url)));
      hash.update(readFileSync(new URL('../index.html', import.meta.url)));
      const shell = ['/', ...NAMED.map((name) => `/${name}`), ...files.map((name) => `/${name}`)];
      const source = template.replace('__VERSION__', hash.digest('hex').slice(0, 16)).replace('__ENTRY__', entry).replace('__SHELL__', JSON.stringify(shell));
      this.emitFile({ type: 'asset', fileName: 'sw.js', source });
    },
  };
}
