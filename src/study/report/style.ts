/**
 * The style sheet of the report: light, dark and print. Colours of the losses are after Okabe and Ito's
 * palette for colour-blind readers ("Color Universal Design", 2008): its green darkened on white for contrast, blue as is,
 * all lighter on black. Each loss has a dash of its own as well.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --ink: #1d1f23; --soft: #5d636c; --rule: #d9d9d3; --shade: #f1efe6; --strong: #1d1f23;
  --loss-I: #0072b2; --loss-BI: #d55e00; --loss-I_eps: #00795a;
  --serif: Charter, 'Bitstream Charter', 'Iowan Old Style', 'Source Serif 4', Georgia, 'Liberation Serif', serif;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --ink: #e4e4df; --soft: #a0a6ae; --rule: #3a3e44; --shade: #26282a; --strong: #fff;
    --loss-I: #56b4e9; --loss-BI: #f08a3c; --loss-I_eps: #35c79b;
  }
}
* { box-sizing: border-box }
html { background: var(--paper); color: var(--ink); font: 17px/1.55 var(--serif); -webkit-text-size-adjust: 100% }
body { max-width: 1080px; margin: 0 auto; padding: 3.5rem 1.5rem 5rem }
h1 { font-size: 2.15rem; line-height: 1.15; font-weight: 600; margin: 0 0 .4rem; letter-spacing: -.01em; text-wrap: balance }
h2 { font-size: 1.3rem; line-height: 1.3; font-weight: 600; margin: 3.2rem 0 .5rem }
h3 { font: 600 .95rem/1.4 var(--sans); margin: 1.6rem 0 .3rem }
p { max-width: 44rem; margin: .6rem 0; text-wrap: pretty; hyphens: auto }
.subtitle, .note, figcaption, caption { font-family: var(--sans); color: var(--soft); font-size: .82rem; line-height: 1.5 }
.subtitle { font-size: .9rem; margin-bottom: 1.8rem; max-width: none }
code, pre { font: .84em/1.5 ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', monospace; hyphens: none; overflow-wrap: anywhere }
pre { background: var(--shade); padding: .8rem 1rem; border-radius: 4px; overflow-x: auto; max-width: 44rem }
math { font-size: 1.05em; font-family: 'STIX Two Math', 'Cambria Math', 'Latin Modern Math', 'DejaVu Math TeX Gyre', math } math[display=block] { margin: 1.3rem 0; max-width: 44rem }
.warning { font: .88rem/1.5 var(--sans); border-left: 3px solid var(--loss-BI); padding: .5rem 0 .5rem .9rem; margin: 1.2rem 0; max-width: 44rem }
.warning p { margin: 0 } .warning ul { margin: .3rem 0 0; padding-left: 1.1rem }
figure { margin: .8rem 0 0 } figcaption { max-width: 44rem; margin-top: .5rem }
.scroll { overflow-x: auto; margin: .8rem 0 0 } .scroll:focus-visible { outline: 2px solid var(--loss-I); outline-offset: 3px }
table { border-collapse: collapse; font: .82rem/1.4 var(--sans); font-variant-numeric: tabular-nums }
caption { text-align: left; padding-bottom: .5rem; caption-side: top }
caption span { position: sticky; left: 0; display: inline-block; max-width: min(100%, calc(100vw - 2rem)) }
caption strong { color: var(--ink) }
th { font-weight: 600 } th, td { padding: .32rem .5rem; text-align: right; white-space: nowrap }
.results { width: 100%; border-top: 1.5px solid var(--ink); border-bottom: 1.5px solid var(--ink) }
.results thead tr:last-child > * { border-bottom: 1px solid var(--ink) }
.results thead th[colspan] { text-align: center; border-bottom: 1px solid var(--rule) }
.results .first { padding-left: 1.1rem } .results th[scope=row], .results .key { text-align: left }
.results .empty-maps { background: var(--shade); font-weight: 600; box-shadow: inset 0 -2px var(--soft) }
.results tbody tr.block > * { border-top: 1px solid var(--rule) }
sub { line-height: 0; font-size: .75em }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 1.2rem 1.6rem; margin-top: 1rem }
.chart { width: 100%; max-width: 620px; height: auto; display: block; font: 12px var(--sans); overflow: visible }
.chart text { fill: var(--ink) } .chart .axis text { fill: var(--soft); font-variant-numeric: tabular-nums }
.chart .axis line { stroke: var(--soft) } .chart .axis .grid { stroke: var(--rule) } .chart .subscript { font-size: 9px }
.panel-title { font-weight: 600; font-size: 13px } .axis-title { font-size: 12px } .loss-name { font-weight: 600 } .legend { font-variant-numeric: tabular-nums }
.chart path { fill: none; stroke-linejoin: round }
.guide { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 1 4; stroke-linecap: round }
.line { stroke-width: 2.2; stroke-linecap: round } .raw { stroke-width: .7; opacity: .28 }
.loss-I { --colour: var(--loss-I); --dash: none } .loss-BI { --colour: var(--loss-BI); --dash: 8 5 } .loss-I_eps { --colour: var(--loss-I_eps); --dash: 1.5 4.5 }
.line, .raw { stroke: var(--colour) } .line { stroke-dasharray: var(--dash) }
.dot { fill: var(--colour); opacity: .5 } .mean { stroke: var(--strong); stroke-width: 2 } .mean-value { font-weight: 600; font-variant-numeric: tabular-nums }
.examples { margin-bottom: 1.6rem; width: 100%; min-width: 760px; table-layout: fixed }
.examples th, .examples td { padding: .15rem; text-align: center } .examples tr > :first-child { width: 4.2rem; text-align: left; white-space: normal }
.examples thead th[colspan] { border-bottom: 1px solid var(--rule) } .scores td { font-size: .92em; color: var(--soft); padding-top: .3rem; line-height: 1.35 }
.slice { display: block; width: 100%; background: #000; image-rendering: pixelated } .slice use, .definitions image { image-rendering: pixelated }
.definitions { position: absolute }
.slice path, .key-line path { fill: none; vector-effect: non-scaling-stroke; stroke-linecap: square; shape-rendering: crispEdges }
.truth { stroke: #56b4e9; stroke-width: 4 } .prediction { stroke: #ffd21f; stroke-width: 2 }
.key-line { display: inline-block; width: 42px; height: 14px; background: #333; vertical-align: -2px; border-radius: 2px }
.runs td, .runs th { text-align: left; border-bottom: 1px solid var(--rule) } .runs td.number, .runs th.number { text-align: right }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; font: .82rem/1.5 var(--sans); max-width: 44rem; margin: .6rem 0 1.2rem }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
@media (max-width: 600px) { html { font-size: 16px } body { padding: 1.5rem 1rem 3rem } h1 { font-size: 1.7rem } }
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --rule: #ccc; --shade: #eee; --strong: #000; --loss-I: #0072b2; --loss-BI: #d55e00; --loss-I_eps: #00795a }
  @page { margin: 16mm 14mm }
  html { font-size: 10.5pt } body { max-width: none; padding: 0 } .scroll { overflow: visible } .panels { grid-template-columns: 1fr 1fr }
  figure, table, .chart, tr, pre { break-inside: avoid } h2, h3, caption { break-after: avoid } .examples { min-width: 0 } caption span { max-width: none }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
`
