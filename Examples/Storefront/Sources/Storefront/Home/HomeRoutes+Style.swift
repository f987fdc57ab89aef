// SPDX-License-Identifier: Apache-2.0

extension HomeRoutes {
    static let style = """
        :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
        body { margin: 0; }
        main { max-width: 44rem; margin: 0 auto; padding: 1.5rem 1rem; }
        dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 1rem; }
        dt { opacity: .7; }
        dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
        .buttons { display: flex; flex-wrap: wrap; gap: .5rem; }
        button { font: inherit; padding: .5rem .75rem; border-radius: .4rem; border: 1px solid; background: transparent; cursor: pointer; }
        output { display: block; white-space: pre-wrap; overflow-wrap: anywhere; font: .875rem/1.4 ui-monospace, monospace; }

        """
}
