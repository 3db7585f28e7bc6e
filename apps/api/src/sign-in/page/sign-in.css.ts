/** System fonts and no images: nothing has to be fetched but this. */
export const SIGN_IN_CSS = `:root {
  color-scheme: light dark;
  --ground: #f3f5f8;
  --card: #ffffff;
  --ink: #172033;
  --soft: #55607a;
  --line: #c3cad8;
  --accent: #1f5fd6;
  --on-accent: #ffffff;
  --bad: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10141c;
    --card: #1a202c;
    --ink: #eef1f7;
    --soft: #a7b1c5;
    --line: #46526b;
    --accent: #8ab4ff;
    --on-accent: #0b1730;
    --bad: #ffb4ab;
  }
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100dvh;
  display: grid;
  place-items: center;
  padding: 1rem;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main {
  width: 100%;
  max-width: 26rem;
  padding: 2rem;
  background: var(--card);
  border-radius: 1rem;
  box-shadow: 0 1px 2px rgb(0 0 0 / 8%), 0 12px 40px rgb(0 0 0 / 8%);
}
.brand { display: flex; align-items: center; gap: .6rem; margin: 0 0 1.5rem; font-weight: 700; letter-spacing: .01em; }
.mark { width: 1.4rem; height: 1.4rem; border-radius: .4rem; background: linear-gradient(135deg, var(--accent), #34c3a3); }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; line-height: 1.25; }
h1:focus { outline: none; }
p { margin: 0 0 1rem; }
strong { overflow-wrap: anywhere; }
label { display: block; margin: 0 0 .35rem; font-weight: 600; }
input {
  width: 100%;
  padding: .75rem .85rem;
  border: 1px solid var(--line);
  border-radius: .6rem;
  background: var(--ground);
  color: inherit;
  font: inherit;
}
input[aria-invalid="true"] { border-color: var(--bad); }
button {
  width: 100%;
  min-height: 3rem;
  margin-top: 1rem;
  padding: .75rem 1rem;
  border: 0;
  border-radius: .6rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 650;
  cursor: pointer;
}
button:hover { filter: brightness(1.06); }
button[aria-busy="true"] { opacity: .65; cursor: progress; }
button.plain { margin-top: .5rem; background: transparent; color: var(--accent); }
:is(input, button, a):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.after { margin: 1rem 0 0; text-align: center; }
.hint { margin: 0 0 .35rem; color: var(--soft); font-size: .9rem; }
.problem { margin: .5rem 0 0; color: var(--bad); font-size: .95rem; }
.problem:empty { display: none; }
.code { font: 600 1.9rem/1.3 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; letter-spacing: .12em; }
p.code { margin: 0 0 .35rem; }
input.code { margin-bottom: .5rem; text-align: center; }
@media (max-width: 30rem) {
  body { padding: 0; place-items: stretch; background: var(--card); }
  main { border-radius: 0; box-shadow: none; padding: 2.5rem 1.5rem; }
}
`;
