// style is of the shadow tree alone.
export const style = `
:host { all: initial; color-scheme: light dark; font: 15px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
:host(.floating) { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; }
[hidden] { display: none !important; }
button { font: inherit; cursor: pointer; border: 1px solid transparent; border-radius: 8px; padding: 8px 16px; }
button:focus-visible { outline: 3px solid #91caff; outline-offset: 1px; }
button:disabled { opacity: .45; cursor: default; }
.call { background: #0958d9; color: #fff; border-radius: 24px; padding: 11px 24px; box-shadow: 0 3px 12px rgb(0 0 0 / .25); }
.call:hover { background: #003eb3; }
.panel { width: 232px; background: #fff; color: #1f1f1f; border-radius: 14px; padding: 16px; box-shadow: 0 6px 24px rgb(0 0 0 / .28); }
.status { margin: 0 0 12px; text-align: center; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.pad { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; margin-bottom: 12px; }
.key { background: #f0f0f0; color: #1f1f1f; padding: 10px 0; font-size: 18px; }
.foot { display: flex; gap: 8px; }
.foot button { flex: 1; background: #f0f0f0; color: #1f1f1f; padding: 9px 4px; }
.foot .red { background: #cf1322; color: #fff; }
.mute[aria-pressed="true"] { background: #ad6800; color: #fff; }
.refused { margin: 0; padding: 8px 12px; border-radius: 8px; background: #fff1f0; color: #a8071a; font-size: 13px; }
@media (prefers-color-scheme: dark) {
  .panel { background: #1f1f1f; color: #f0f0f0; }
  .key, .foot button { background: #383838; color: #f0f0f0; }
}
`;
