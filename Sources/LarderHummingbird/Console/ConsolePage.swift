// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
/// What a browser gets of a console.
enum ConsolePage {
    static let page = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Larder console</title>
        <link rel="icon" href="console.svg">
        <link rel="stylesheet" href="console.css">
        <script src="console.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
        <h1>Larder <span id="cache"></span></h1>
        <p id="state" role="status"><span id="store" class="pill">–</span> <span id="processes"></span></p>
        <p class="buttons"><button id="pause" type="button">Pause</button>
        <button id="theme" type="button">Theme: system</button></p>
        </header>
        <nav aria-label="Parts"><a href="#overview">Overview</a> <a href="#entries">Entries</a> <a href="#tags">Tags</a>
        <a href="#explain">Explain</a> <a href="#invalidate">Invalidate</a> <a href="#sessions" id="sessions-link" hidden>Sessions</a></nav>
        <p id="trouble" role="alert" hidden></p>
        <main id="main" tabindex="-1">

        <section id="overview" aria-label="Overview">
        <dl class="tiles">
        <div><dt>Hit ratio</dt><dd id="ratio">–</dd></div>
        <div><dt>Requests</dt><dd id="requests">–</dd></div>
        <div><dt>Loads</dt><dd id="loads">–</dd></div>
        <div><dt>Answered, worst p99</dt><dd id="answered">–</dd></div>
        <div><dt>Loaded, worst p99</dt><dd id="loaded">–</dd></div>
        <div><dt>Memory in the process</dt><dd id="local">–</dd></div>
        </dl>
        <div class="charts">
        <figure><figcaption>Hit ratio</figcaption><div id="chart-ratio"></div></figure>
        <figure><figcaption>Requests by the second</figcaption><div id="chart-requests"></div></figure>
        <figure><figcaption>Loads by the second</figcaption><div id="chart-loads"></div></figure>
        <figure><figcaption>Answered from the cache, p99</figcaption><div id="chart-answered"></div></figure>
        <figure><figcaption>Loaded, p99</figcaption><div id="chart-loaded"></div></figure>
        <figure><figcaption>Memory <small id="memory-note"></small></figcaption><div id="chart-memory"></div></figure>
        </div>
        <h2>Regions <small>since the processes started</small></h2>
        <div class="scroll" role="region" aria-label="Regions" tabindex="0"><table>
        <thead><tr><th>Region<th class="number">Hit ratio<th class="number">Requests<th class="number">Near<th class="number">Stale<th class="number">Misses<th class="number">Loads<th class="number">Failed<th class="number">Waits<th class="number">Stored<th class="number">Refused<th class="number">Invalidated<th class="number">Unreadable</thead>
        <tbody id="regions"></tbody></table></div>
        <h2>Store</h2>
        <dl class="facts" id="store-facts"></dl>
        <h2>Hot keys <small>in the last seconds</small></h2>
        <div class="scroll" role="region" aria-label="Hot keys" tabindex="0"><table>
        <thead><tr><th>Key<th class="number">By the second<th></thead>
        <tbody id="hot"></tbody></table></div>
        </section>

        <section id="entries" aria-label="Entries" hidden>
        <form id="find-entries" class="line"><label>Pattern <input name="pattern" value="*" spellcheck="false" autocapitalize="off" autocomplete="off"></label>
        <button>Find</button></form>
        <p class="hint">As Redis writes patterns, behind the name of the cache: <code>product:*</code>. The largest of up to 1,000 come first.</p>
        <p id="entries-note" role="status"></p>
        <div class="scroll" role="region" aria-label="Entries found" tabindex="0"><table>
        <thead><tr><th>Key<th>State<th class="number">Bytes<th class="number">Age<th class="number">Fresh for<th>Tags</thead>
        <tbody id="entries-found"></tbody></table></div>
        </section>

        <section id="tags" aria-label="Tags" hidden>
        <p class="line"><label>Filter <input id="tag-filter" type="search" spellcheck="false" autocapitalize="off" autocomplete="off"></label></p>
        <p id="tags-note" role="status"></p>
        <div class="scroll" role="region" aria-label="Tags of the entries" tabindex="0"><table>
        <thead><tr><th>Tag<th class="number">Entries<th class="number">Bytes<th class="number">Invalidated<th></thead>
        <tbody id="tags-found"></tbody></table></div>
        </section>

        <section id="explain" aria-label="Explain" hidden>
        <form id="explain-key" class="line"><label>Key <input name="key" required spellcheck="false" autocapitalize="off" autocomplete="off"></label>
        <button>Explain</button></form>
        <div id="explanation" aria-live="polite"></div>
        </section>

        <section id="invalidate" aria-label="Invalidate" hidden>
        <form id="end-entries">
        <fieldset><legend>End</legend>
        <label><input type="radio" name="what" value="tag" checked> entries with a tag</label>
        <label><input type="radio" name="what" value="key"> one entry, by its key</label>
        <label><input type="radio" name="what" value="pattern"> entries whose keys match a pattern</label>
        <label><input type="radio" name="what" value="all"> all entries</label>
        </fieldset>
        <p class="line"><label>Which <input name="which" spellcheck="false" autocapitalize="off" autocomplete="off"></label>
        <button class="danger">Invalidate…</button></p>
        </form>
        </section>

        <section id="sessions" aria-label="Sessions" hidden>
        <form id="find-sessions" class="line"><label>User <input name="user" required spellcheck="false" autocapitalize="off" autocomplete="off"></label>
        <label>Tenant <input name="tenant" spellcheck="false" autocapitalize="off" autocomplete="off"></label>
        <button>List</button></form>
        <p id="sessions-note" role="status"></p>
        <div class="scroll" role="region" aria-label="Sessions of the user" tabindex="0"><table>
        <thead><tr><th>Session<th>Device<th>Began<th>Last used<th>Ends<th></thead>
        <tbody id="sessions-found"></tbody></table></div>
        </section>

        <p id="done" role="status"></p>
        </main>
        <dialog id="confirm" aria-labelledby="confirm-title">
        <form method="dialog">
        <h2 id="confirm-title"></h2>
        <p id="confirm-text"></p>
        <p id="confirm-name" hidden><label>Type <strong id="confirm-expected"></strong> <input id="confirm-typed" autocomplete="off" autocapitalize="off" spellcheck="false"></label></p>
        <p class="buttons"><button id="confirm-no" type="button">Cancel</button> <button id="confirm-yes" value="yes" class="danger">Go on</button></p>
        </form>
        </dialog>
        </body>
        </html>

        """#
}
#endif
