// Builds the console into the Python package, where `serve` finds it. `npm run dev` talks to the center at WATCHFLOOR_DEV_SERVER.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { serviceWorker } from './worker/shell.ts';

const server = process.env['WATCHFLOOR_DEV_SERVER'] ?? 'http://127.0.0.1:8099';

export default defineConfig({
  plugins: [svelte(), serviceWorker()],
  build: {
    outDir: '../src/watchfloor/web/console',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no inline data but pictures: every font and icon is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: '127.0.0.1', proxy: { '/api': { target: server, ws: true } } },
  test: { include: ['src/**/*.test.ts', 'worker/*.test.ts'], environment: 'node' },
});
