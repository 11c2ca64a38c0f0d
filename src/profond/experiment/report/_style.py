"""How the page looks, on a screen and on paper."""

STYLE = """
:root { --ink: #1f2933; --soft: #52606d; --line: #d9dee4; --paper: #f5f7fa; --blue: #0072b2; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
body { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink);
  background: #fff; max-width: 860px; margin: 2.5rem auto 4rem; padding: 0 1.2rem;
  overflow-wrap: break-word; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .2rem; }
h2 { font-size: 1.3rem; margin: 3rem 0 .6rem; padding-top: .5rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
p { margin: .5rem 0; } a { color: var(--blue); }
.under, .small, figcaption { color: var(--soft); } .under { margin-top: 0; }
.small, figcaption { font-size: .88rem; }
nav { margin: 1.4rem 0 0; padding: .7rem 1.1rem; background: var(--paper); border-radius: 4px; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap;
  gap: .1rem 1.2rem; }
nav a { text-decoration: none; }
.verdict { border-left: 5px solid #8a94a3; background: var(--paper); padding: .8rem 1.1rem;
  font-size: 1.05rem; }
.verdict.better { border-color: #2f855a; } .verdict.worse { border-color: #c05621; }
ul.warnings { list-style: none; padding: 0; }
ul.warnings li { border-left: 4px solid #d9822b; background: #fdf6ec; padding: .4rem .9rem;
  margin: .4rem 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums;
  font-size: .92rem; }
th { text-align: left; font-weight: 600; border-bottom: 2px solid #cbd2d9; vertical-align: bottom; }
td { border-bottom: 1px solid #e4e7eb; vertical-align: top; }
th, td { padding: .3rem .9rem .3rem 0; } th:last-child, td:last-child { padding-right: 0; }
td.n, th.n { text-align: right; } td.n { white-space: nowrap; } tr.kept td { font-weight: 600; }
.wide { overflow-x: auto; margin: .6rem 0; }
figure { margin: 1rem 0; } figcaption { margin-top: .3rem; }
svg, img { max-width: 100%; height: auto; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem 1.4rem;
  align-items: start; } .pair figure { margin: .4rem 0; }
@media screen and (max-width: 640px) { .pair { grid-template-columns: minmax(0, 1fr); }
  .wide td { white-space: nowrap; } }
pre { background: var(--paper); padding: .8rem 1rem; overflow-x: auto; font-size: .84rem;
  line-height: 1.45; white-space: pre-wrap; border-radius: 4px; }
pre.long { column-width: 17rem; column-gap: 2rem; }
@page { margin: 16mm 15mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 10.5pt; }
  h1 { font-size: 18pt; } h2 { font-size: 13.5pt; margin-top: 1.6rem; }
  h2, h3, p:has(+ figure, + .pair, + pre, + .wide) { break-after: avoid; }
  figure, tr, .verdict, li, pre { break-inside: avoid; }
  thead { display: table-header-group; } .wide { overflow: visible; }
  svg, img { max-height: 74mm; } .tall svg, .tall img { max-height: 215mm; }
  table { font-size: 9pt; } p { orphans: 3; widows: 3; } a { color: inherit; }
  .verdict, ul.warnings li, nav, pre { print-color-adjust: exact;
    -webkit-print-color-adjust: exact; }
}
"""
