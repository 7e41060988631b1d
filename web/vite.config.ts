import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { licences } from './vite.licences.mjs';

// preloads lets the browser fetch the screens and their style while what comes before them runs: main.ts imports them when it has begun.
const preloads: Plugin = {
  name: 'preloads',
  transformIndexHtml: {
    order: 'post',
    handler(_, { chunk, bundle }) {
      const parts = new Set<string>();
      const styles = new Set<string>();
      const follow = (file: string) => {
        const part = bundle?.[file];
        if (parts.has(file) || part?.type !== 'chunk') return;
        parts.add(file);
        for (const style of part.viteMetadata?.importedCss ?? []) styles.add(style);
        for (const next of part.imports) follow(next);
      };
      const pages = chunk?.dynamicImports.find((file) => bundle?.[file]?.name === 'pages');
      if (!chunk || !pages) return [];
      follow(chunk.fileName);
      const there = parts.size;
      follow(pages);
      const link = (rel: string, file: string) => ({ tag: 'link', attrs: { rel, crossorigin: true, href: `/${file}` }, injectTo: 'head' as const });
      return [...[...parts].slice(there).map((file) => link('modulepreload', file)), ...[...styles].map((file) => link('stylesheet', file))];
    },
  },
};

// `npm run dev` serves the pages with hot reload and passes the API on to a node on its default address.
export default defineConfig({
  plugins: [react(), preloads, licences('licences/pages.txt')],
  build: { target: 'es2023', chunkSizeWarningLimit: 900, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
});
