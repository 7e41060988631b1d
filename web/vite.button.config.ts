import { defineConfig } from 'vite';

// The call button of customers' pages: one file that needs no other, and may be loaded by any page with one script tag.
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2022',
    emptyOutDir: false,
    lib: { entry: 'src/button/button.ts', formats: ['iife'], name: 'HotlineButton', fileName: () => 'button.js' },
  },
});
