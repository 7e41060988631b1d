import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { licences } from './vite.licences.mjs';

// `npm run dev` serves the pages with hot reload and passes the API on to a node on its default address.
export default defineConfig({
  plugins: [react(), licences('licences/pages.txt')],
  build: { target: 'es2023', chunkSizeWarningLimit: 900, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
});
