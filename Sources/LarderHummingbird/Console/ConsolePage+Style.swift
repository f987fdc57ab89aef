// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
extension ConsolePage {
    static let icon = #"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#0b5cad" d="M4 1h8v2H4zM3 4h10v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/>\
        <path fill="#fff" d="M5 8h6v4H5z"/></svg>
        """#

    static let style = #"""
        :root {
          color-scheme: light dark; font: 1rem/1.45 system-ui, sans-serif;
          --paper: light-dark(#fff, #16181d); --card: light-dark(#f4f5f7, #20242c); --ink: light-dark(#1b1f27, #e8eaee);
          --dim: light-dark(#596273, #9da7b8); --line: light-dark(#d4d8df, #39404d); --accent: light-dark(#0b5cad, #7db8ff);
          --good: light-dark(#14693a, #6fd69b); --bad: light-dark(#a61b1b, #ff9a93);
        }
        :root[data-theme=light] { color-scheme: light; }
        :root[data-theme=dark] { color-scheme: dark; }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        body { margin: 0 auto; max-width: 80rem; padding: 0 1rem 3rem; background: var(--paper); color: var(--ink); }
        .skip { position: absolute; left: -100vw; }
        .skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem; z-index: 1; }
        header { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.5rem; padding: 1rem 0 .5rem; }
        header .buttons { margin-left: auto; }
        h1, header p { margin: 0; }
        h1 { font-size: 1.35rem; }
        h1 span { font-weight: 400; }
        h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
        small, .hint, dt, figcaption, #processes, #entries-note, #tags-note, #sessions-note { color: var(--dim); font-weight: 400; }
        .pill { padding: .1rem .6rem; border-radius: 1rem; border: 1px solid; }
        .good { color: var(--good); }
        .bad { color: var(--bad); }
        #trouble { background: var(--bad); color: var(--paper); padding: .5rem 1rem; border-radius: .4rem; }
        nav { display: flex; gap: .25rem; overflow-x: auto; border-bottom: 1px solid var(--line); margin-bottom: 1rem; }
        nav a { padding: .5rem .75rem; color: inherit; text-decoration: none; white-space: nowrap; border-bottom: 3px solid transparent; }
        nav a[aria-current] { border-color: var(--accent); color: var(--accent); }
        main:focus { outline: none; }
        /* A link to a part leads to the top of the page. */
        main > section { scroll-margin-top: 100rem; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 0; }
        .tiles > div, figure { background: var(--card); border-radius: .5rem; padding: .75rem 1rem; }
        .tiles dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: .75rem; margin-top: .75rem; }
        figure { margin: 0; min-width: 0; }
        figure svg { display: block; width: 100%; height: 8rem; margin-top: .25rem; }
        .grid { stroke: var(--line); stroke-width: 1; }
        .plot { fill: none; stroke: currentColor; stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
        #done:not(:empty) { position: sticky; bottom: 0; margin: 1rem 0 0; padding: .6rem 0; background: var(--paper); border-top: 1px solid var(--line); }
        .scale { display: flex; justify-content: space-between; color: var(--dim); font-size: .8rem; }
        .legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: .25rem 0 0; padding: 0; list-style: none; font-size: .85rem; font-variant-numeric: tabular-nums; }
        .swatch { display: inline-block; width: .75rem; height: .2rem; vertical-align: middle; background: currentColor; }
        .c0 { color: light-dark(#0b5cad, #7db8ff); } .c1 { color: light-dark(#b3500b, #ffb070); } .c2 { color: light-dark(#14693a, #6fd69b); }
        .c3 { color: light-dark(#8a2b8f, #e59bea); } .c4 { color: light-dark(#8d6b00, #e6cb5c); } .c5 { color: light-dark(#0a7280, #68d5e4); }
        .c6 { color: light-dark(#a61b1b, #ff9a93); } .c7 { color: light-dark(#4a4fb3, #aab0ff); } .c8 { color: var(--dim); }
        .bars { display: grid; grid-template-columns: auto 1fr auto; gap: .3rem .75rem; align-items: center; font-size: .85rem; font-variant-numeric: tabular-nums; margin-top: .5rem; }
        .bars svg { height: .8rem; margin: 0; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .9rem; }
        th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { color: var(--dim); font-weight: 400; white-space: nowrap; }
        .number { text-align: right; white-space: nowrap; }
        .name { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; text-align: left; }
        td:first-child .name { min-width: 14rem; display: inline-block; }
        .facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: .5rem 0; }
        .facts dd { margin: 0; overflow-wrap: anywhere; }
        .line, .buttons { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; }
        label { display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: baseline; }
        fieldset { border: 1px solid var(--line); border-radius: .4rem; display: grid; gap: .35rem; }
        input:not([type=radio]) { font: inherit; padding: .4rem .6rem; border: 1px solid var(--dim); border-radius: .4rem; background: var(--paper); color: inherit; min-width: min(22rem, 70vw); }
        button { font: inherit; padding: .4rem .8rem; border-radius: .4rem; border: 1px solid var(--dim); background: var(--paper); color: inherit; cursor: pointer; }
        button.link { border: 0; padding: 0; background: none; color: var(--accent); text-decoration: underline; }
        button.danger { border-color: var(--bad); color: var(--bad); }
        button:disabled { opacity: .5; cursor: default; }
        dialog { border: 1px solid var(--line); border-radius: .5rem; background: var(--paper); color: inherit; max-width: min(34rem, 92vw); }
        dialog::backdrop { background: #0008; }
        dialog p { overflow-wrap: anywhere; }

        """#
}
#endif
