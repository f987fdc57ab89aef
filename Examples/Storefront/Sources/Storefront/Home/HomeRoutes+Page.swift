// SPDX-License-Identifier: Apache-2.0

extension HomeRoutes {
    static func page(hasConsole: Bool) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Storefront, cached by Larder</title>
        <link rel="stylesheet" href="/home.css">
        <script src="/home.js" defer></script>
        </head>
        <body>
        <main>
        <h1>Storefront</h1>
        <p>A catalogue of products on SQLite, cached by Larder. Ask twice: the first answer is loaded, the second comes from the cache.
        Change a price, and the next answer has it, in every process.</p>

        <section aria-labelledby="now">
        <h2 id="now">The cache, now</h2>
        <dl>
        <div><dt>Hit ratio</dt><dd id="ratio">–</dd></div>
        <div><dt>Requests</dt><dd id="requests">–</dd></div>
        <div><dt>Loads</dt><dd id="loads">–</dd></div>
        <div><dt>Store</dt><dd id="store">–</dd></div>
        </dl>
        </section>

        <section aria-labelledby="try">
        <h2 id="try">Try it</h2>
        <p class="buttons">
        <button data-get="/products/42">Ask for product 42</button>
        <button data-get="/products/42/uncached">The same, past the cache</button>
        <button data-put="/products/42">Change its price</button>
        <button data-get="/products?category=3">List category 3</button>
        <button data-get="/bestsellers">Bestsellers, a cached response</button>
        <button data-get="/health">Health</button>
        </p>
        <output id="answer" aria-live="polite"></output>
        </section>

        <p>\(hasConsole ? #"<a href="/console/">The console</a> shows what it does and what stands in it."# : "") As text: <a href="/stats">statistics</a>, <a href="/metrics">metrics</a>, <a href="/health">health</a>.</p>
        </main>
        </body>
        </html>

        """
    }
}
