// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
extension ConsolePage {
    static let script = #"""
        "use strict";

        // Between questions for figures, and how many of their answers are shown: from one minute to five.
        const interval = 2000, minimumPoints = 31, points = 151;
        // Between looks through the entries, and after how long a process that has not answered counts no more.
        const surveyInterval = 30000, forgotten = 15000;

        const $ = (id) => document.getElementById(id);
        const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
        const count = (value) => number.format(value);
        const entriesText = (value) => value == 1 ? "1 entry" : count(value) + " entries";
        const rate = (value) => value == null ? "–" : count(value) + "/s";
        const percent = (value) => value == null ? "–" : (100 * value).toFixed(1) + " %";
        const time = (ms) => ms == null ? "–" : ms < 1 ? count(1000 * ms) + " µs" : ms < 1000 ? count(ms) + " ms" : count(ms / 1000) + " s";
        const span = (seconds) => seconds == null ? "–" : seconds < 120 ? Math.round(seconds) + " s" : seconds < 7200 ? Math.round(seconds / 60) + " min"
          : seconds < 172800 ? Math.round(seconds / 3600) + " h" : Math.round(seconds / 86400) + " d";
        const bytes = (value) => value == null ? "–" : value < 1024 ? value + " B" : value < 1048576 ? count(value / 1024) + " KB"
          : value < 1073741824 ? count(value / 1048576) + " MB" : count(value / 1073741824) + " GB";
        // What cannot be seen, or changes the direction of what follows, is written out.
        const printable = (text) => String(text).replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
          (character) => "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0"));

        function make(tag, attributes = {}, ...children) {
          const svg = ["svg", "path", "line", "rect"].includes(tag);
          const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
          for (const [name, value] of Object.entries(attributes)) {
            if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
            else if (value != null) element.setAttribute(name, value);
          }
          element.append(...children.filter((child) => child != null));
          return element;
        }

        const named = (text, onclick) => onclick
          ? make("button", { type: "button", class: "link name", onclick }, printable(text)) : make("span", { class: "name" }, printable(text));
        const row = (...cells) => make("tr", {}, ...cells.map((cell) =>
          cell instanceof Node ? make("td", {}, cell) : make("td", { class: "number" }, cell ?? "–")));
        const plain = (text) => make("span", {}, text);
        const empty = (columns, text) => make("tr", {}, make("td", { colspan: columns }, text));

        // A table that is drawn anew keeps what the keyboard is at.
        function fill(id, rows) {
          const body = $(id), focused = document.activeElement;
          const place = body.contains(focused) ? [...body.querySelectorAll("button")].indexOf(focused) : -1;
          body.replaceChildren(...rows);
          if (place >= 0) body.querySelectorAll("button")[place]?.focus();
        }

        // MARK: The service

        let token = "", hasTrouble = false;

        class Refused extends Error {}

        async function ask(path, body) {
          let response;
          try {
            response = await fetch(path, body && {
              method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": token }, body: JSON.stringify(body),
            });
          } catch {
            throw new Error("the service does not answer");
          }
          if (response.ok) return response.json();
          let message = "the service answers with " + response.status;
          try { message = (await response.json()).error.message; } catch { /* It says no more. */ }
          throw new (response.status == 401 || response.status == 403 ? Refused : Error)(message);
        }

        function say(text, isTrouble = false) {
          $("done").textContent = text;
          $("done").className = isTrouble ? "bad" : "";
        }

        function trouble(error) {
          hasTrouble = !!error;
          $("trouble").hidden = !error;
          if (error) $("trouble").textContent = error.message;
        }

        async function doing(work) {
          say("");
          try { await work(); } catch (error) { say(error.message, true); }
        }

        // MARK: What the cache does

        // The processes that have answered, by name, with the counts of their last answers.
        const processes = new Map();
        // By region, what is drawn of it.
        const lines = new Map();
        let isPaused = false, timer;

        const served = (counts) => counts.hits + counts.nearHits + counts.stale;

        // What each region did by the second between two answers of one process.
        function rates(before, now) {
          const seconds = (now.at - before.at) / 1000;
          const old = new Map(before.overview.regions.map((region) => [region.name, region.counts]));
          return new Map(now.overview.regions.map((region) => {
            const last = old.get(region.name) ?? { requests: 0, hits: 0, nearHits: 0, stale: 0, loads: 0 };
            const by = (value) => Math.max(0, value(region.counts) - value(last)) / seconds;
            return [region.name, { requests: by((counts) => counts.requests), served: by(served), loads: by((counts) => counts.loads) }];
          }));
        }

        function take(overview) {
          const now = { overview, at: performance.now(), rates: new Map() };
          const before = processes.get(overview.instance);
          // Two answers at nearly one time tell nothing of the time between.
          if (before && now.at - before.at < interval / 4) return;
          if (before) now.rates = rates(before, now);
          processes.set(overview.instance, now);
          for (const [name, process] of processes) if (now.at - process.at > forgotten) processes.delete(name);
          const all = [...processes.values()];
          const names = new Set(all.flatMap((process) => process.overview.regions.map((region) => region.name)));
          for (const name of names) if (!lines.has(name)) lines.set(name, { ratio: [], requests: [], loads: [], answered: [], loaded: [] });
          const isFirst = all.every((process) => process.rates.size == 0);
          for (const [name, line] of isFirst ? [] : lines) {
            const own = all.map((process) => process.rates.get(name)).filter((value) => value);
            const sum = (value) => own.reduce((total, rates) => total + rates[value], 0);
            const worst = (kind) => Math.max(-1, ...all.map((process) =>
              process.overview.regions.find((region) => region.name == name)?.[kind].p99Ms ?? -1));
            const add = (kind, value) => { line[kind].push(value); if (line[kind].length > points) line[kind].shift(); };
            add("requests", sum("requests"));
            add("loads", sum("loads"));
            add("ratio", sum("requests") > 0 ? Math.min(1, sum("served") / sum("requests")) : null);
            for (const kind of ["answered", "loaded"]) add(kind, worst(kind) < 0 ? null : worst(kind));
          }
          draw(all, overview);
        }

        function draw(all, overview) {
          $("cache").textContent = printable(overview.cache);
          $("processes").textContent = all.length == 1 ? "one process" : all.length + " processes";
          const { store } = overview;
          const isUp = store.state == "up" && !store.isOut;
          $("store").textContent = printable(store.kind) + (isUp ? " is up" : " is down");
          $("store").className = "pill " + (isUp ? "good" : "bad");
          const latest = (kind) => [...lines.values()].map((line) => line[kind].at(-1)).filter((value) => value != null);
          const total = (kind) => latest(kind).reduce((sum, value) => sum + value, 0);
          const isKnown = latest("requests").length > 0;
          const weighed = [...lines.values()].reduce((sum, line) => sum + (line.ratio.at(-1) ?? 0) * (line.requests.at(-1) ?? 0), 0);
          const ratio = total("requests") > 0 ? weighed / total("requests") : null;
          $("ratio").textContent = percent(ratio);
          $("requests").textContent = isKnown ? rate(total("requests")) : "–";
          $("loads").textContent = isKnown ? rate(total("loads")) : "–";
          for (const kind of ["answered", "loaded"]) $(kind).textContent = latest(kind).length ? time(Math.max(...latest(kind))) : "–";
          const local = all.map((process) => process.overview.local).filter((value) => value);
          $("local").textContent = local.length ? bytes(local.reduce((sum, value) => sum + value.bytes, 0)) : "–";
          document.title = (ratio == null ? "" : percent(ratio) + " · ") + printable(overview.cache) + " · Larder console";
          chart("ratio", percent, 1);
          chart("requests", rate);
          chart("loads", rate);
          chart("answered", time);
          chart("loaded", time);
          fill("regions", [...lines.keys()].map((name) => {
            const counts = {};
            for (const process of all) {
              const region = process.overview.regions.find((region) => region.name == name);
              for (const [kind, value] of Object.entries(region?.counts ?? {})) counts[kind] = (counts[kind] ?? 0) + value;
            }
            const text = (kind) => count(counts[kind] ?? 0);
            return row(named(name), counts.requests ? percent(served(counts) / counts.requests) : "–", text("requests"), text("nearHits"), text("stale"),
              text("misses"), text("loads"), text("loadFailures"), text("waits"), text("storedFills"), text("refusedFills"), text("invalidations"), text("unreadable"));
          }));
          const facts = [
            ["Kind", printable(store.kind)], ["State", store.state], ["Breaker", store.isOut ? "open: the store is not asked" : "closed"],
            ["Latency", time(store.latencyMs)], ["Outages", count(store.outages)], ["Invalidations queued", count(store.queuedInvalidations)],
            ["Kept in the process", overview.local ? `${entriesText(overview.local.entries)}, ${bytes(overview.local.bytes)}, ${count(overview.local.evictions)} evicted` : "nothing"],
          ];
          $("store-facts").replaceChildren(...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
          const hot = new Map();
          for (const process of all) for (const { key, perSecond } of process.overview.hotKeys) hot.set(key, (hot.get(key) ?? 0) + perSecond);
          const hottest = [...hot].sort((one, other) => other[1] - one[1]).slice(0, 20);
          fill("hot", hottest.length ? hottest.map(([key, perSecond]) => row(named(key, () => explain(key)), rate(perSecond), endButton({ key })))
            : [empty(3, "nothing was asked for")]);
          $("sessions-link").hidden = !overview.hasSessions;
        }

        const color = (name) => "c" + Math.min(8, [...lines.keys()].indexOf(name));

        // The lines of all regions, up to now.
        function chart(kind, text, most) {
          const width = Math.max(minimumPoints, ...[...lines.values()].map((line) => line[kind].length)) - 1;
          const known = [...lines].filter(([, line]) => line[kind].some((value) => value != null));
          const top = most ?? Math.max(0, ...known.flatMap(([, line]) => line[kind].filter((value) => value != null)));
          const paths = known.map(([name, line]) => {
            let path = "", isDown = false;
            line[kind].forEach((value, index) => {
              if (value == null) { isDown = false; return; }
              const x = 300 - 300 * (line[kind].length - 1 - index) / width, y = 98 - 96 * (top ? value / top : 0);
              path += `${isDown ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
              isDown = true;
            });
            return make("path", { class: "plot " + color(name), d: path });
          });
          const grid = [2, 50, 98].map((y) => make("line", { class: "grid", x1: 0, x2: 300, y1: y, y2: y }));
          const legend = known.map(([name, line]) => make("li", {}, make("span", { class: "swatch " + color(name) }), ` ${printable(name)} ${text(line[kind].at(-1))}`));
          const told = known.map(([name, line]) => `${printable(name)} ${text(line[kind].at(-1))}`).join(", ") || "nothing yet";
          $("chart-" + kind).replaceChildren(
            make("div", { class: "scale" }, plain(top ? text(top) : "–")),
            make("svg", { viewBox: "0 0 300 100", preserveAspectRatio: "none", role: "img", "aria-label": told }, ...grid, ...paths),
            make("div", { class: "scale" }, plain(span(width * interval / 1000) + " ago"), plain("now")),
            make("ul", { class: "legend" }, ...legend));
        }

        async function refresh() {
          clearTimeout(timer);
          if (document.hidden || isPaused) return;
          try {
            const overview = await ask("overview");
            token = overview.csrfToken;
            trouble();
            take(overview);
          } catch (error) {
            trouble(error);
          }
          clearTimeout(timer);
          timer = setTimeout(refresh, interval);
        }

        // MARK: What stands in it

        let survey, surveyed = -Infinity;

        async function look() {
          if (document.hidden || isPaused || hasTrouble || performance.now() - surveyed < surveyInterval) return;
          surveyed = performance.now();
          try {
            survey = await ask("survey");
          } catch (error) {
            $("memory-note").textContent = error.message;
            return;
          }
          $("memory-note").textContent = sampled(survey, survey.sampled) + (survey.isAll ? "" : "; estimated");
          const most = Math.max(1, ...survey.regions.map((region) => region.bytes));
          const bars = survey.regions.slice(0, 12).flatMap((region) => [
            named(region.name || "(cut)"),
            make("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
              make("rect", { class: color(region.name), x: 0, y: 0, width: 100 * region.bytes / most, height: 8, fill: "currentColor" })),
            make("span", { class: "dim" }, `${bytes(region.bytes)}, ${entriesText(region.entries)}`),
          ]);
          $("chart-memory").replaceChildren(bars.length ? make("div", { class: "bars" }, ...bars) : plain("nothing is stored"));
          drawTags();
          if (!$("entries-found").children.length) drawEntries(survey.largest, sampled(survey, survey.sampled) + ", the largest of them");
        }

        const sampled = (found, entries) => found.isAll ? (entries == 1 ? "the one entry" : `all ${entriesText(entries)}`) : `${entriesText(entries)} among ${count(found.keysSeen)} of ${count(found.keyCount)} keys`;

        function drawEntries(entries, note) {
          $("entries-note").textContent = note;
          fill("entries-found", entries.length ? entries.map(({ entry, bytes: size }) => row(
            named(entry.key, () => explain(entry.key)), make("span", { class: entry.verdict == "fresh" ? "good" : "" }, state(entry)), bytes(size), span(entry.age), span(entry.verdict == "fresh" ? entry.remaining : null),
            make("span", { class: "buttons" }, ...entry.tags.map((tag) => named(tag.name, () => entriesWith(tag.name)))))) : [empty(6, "nothing was found")]);
        }

        const state = (entry) => entry.verdict + (entry.isAbsence ? ", absent" : "");

        async function find(parameters, note) {
          const found = await ask("entries?" + new URLSearchParams(parameters));
          const all = found.isAll ? "all that there are" : `looked at ${count(found.keysSeen)} of ${count(found.keyCount)} keys`;
          drawEntries(found.entries, `${entriesText(found.entries.length)}${note}, ${all}`);
        }

        function entriesWith(tag) {
          location.hash = "entries";
          doing(() => find({ tag }, ` with the tag ${printable(tag)}`));
        }

        function drawTags() {
          if (!survey) return;
          const filter = $("tag-filter").value;
          const tags = survey.tags.filter((tag) => tag.name.includes(filter));
          $("tags-note").textContent = "By " + sampled(survey, survey.sampled) + ".";
          fill("tags-found", tags.length ? tags.map((tag) => row(named(tag.name, () => entriesWith(tag.name)), count(tag.entries), bytes(tag.bytes),
            tag.isInvalidated ? "yes" : "no", endButton({ tag: tag.name }))) : [empty(5, "no tags")]);
        }

        function explain(key) {
          location.hash = "explain";
          $("explain-key").elements.key.value = key;
          doing(async () => {
            const entry = await ask("explain?" + new URLSearchParams({ key }));
            const seconds = (value) => value == null ? "–" : value < 120 ? time(1000 * value) : span(value);
            const facts = [
              ["Key", named(entry.key)], ["State", state(entry)], ["Why", printable(entry.reason)], ["Age", seconds(entry.age)], ["Fresh for", seconds(entry.remaining)],
              ["Value", bytes(entry.size)], ["Loaded in", seconds(entry.loadDuration)], ["Leased for", seconds(entry.lease)], ["Stamp", entry.stamp == null ? "–" : String(entry.stamp)],
              ["Tags", make("span", { class: "buttons" }, ...entry.tags.map((tag) => make("span", {}, named(tag.name, () => entriesWith(tag.name)), tag.invalidated == null ? "" : ` invalidated at ${tag.invalidated}`)))],
            ];
            $("explanation").replaceChildren(make("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])), endButton({ key }));
          });
        }

        // MARK: Ending

        function confirmed(title, text, typed) {
          $("confirm-title").textContent = title;
          $("confirm-text").textContent = text;
          $("confirm-name").hidden = typed == null;
          $("confirm-expected").textContent = typed ?? "";
          $("confirm-typed").value = "";
          $("confirm-yes").disabled = typed != null;
          $("confirm-typed").oninput = () => { $("confirm-yes").disabled = $("confirm-typed").value != typed; };
          const dialog = $("confirm");
          dialog.returnValue = "";
          dialog.showModal();
          return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue == "yes"), { once: true }));
        }

        const endButton = (what) => make("button", { type: "button", class: "danger", onclick: () => end(what) }, "Invalidate…");

        async function end(what) {
          const [kind, value] = Object.entries(what)[0];
          const cache = $("cache").textContent;
          const subject = { key: `the entry ${printable(value)}`, tag: `all entries with the tag ${printable(value)}`, pattern: `all entries that match ${printable(value)}`, all: "all entries" }[kind];
          const isSure = await confirmed("Invalidate " + subject + "?", `Whoever asks next has it loaded anew, in every process of ${cache}.`, kind == "all" ? cache : undefined);
          if (!isSure) return;
          await doing(async () => {
            const { outcome, count: ended } = await ask("invalidate", what);
            say(`Ended ${subject}: ${outcome}${ended == null ? "" : ", " + entriesText(ended)}.`);
            surveyed = -Infinity;
            if (kind == "key" && location.hash == "#explain") explain(value);
            look();
          });
        }

        // MARK: Sessions

        async function listSessions(user, tenant) {
          const { sessions } = await ask("sessions?" + new URLSearchParams({ user, tenant }));
          const date = (seconds) => new Date(1000 * seconds).toLocaleString();
          $("sessions-note").textContent = sessions.length == 1 ? "one session" : sessions.length + " sessions";
          fill("sessions-found", sessions.map((session) => row(named(session.id), plain(printable(session.device ?? "–")), plain(date(session.created)), plain(date(session.lastUsed)), plain(date(session.expires)),
            make("button", { type: "button", class: "danger", onclick: () => endSessions(user, tenant, session.id) }, "End…"))));
          if (sessions.length > 1) $("sessions-found").append(make("tr", {}, make("td", { colspan: 6 },
            make("button", { type: "button", class: "danger", onclick: () => endSessions(user, tenant) }, "End all…"))));
        }

        async function endSessions(user, tenant, session) {
          const isSure = await confirmed(session ? "End this session?" : "End all sessions of " + printable(user) + "?", "Whoever uses it has to log in again.");
          if (!isSure) return;
          await doing(async () => {
            const { ended } = await ask("sessions/end", { user, tenant, session });
            await listSessions(user, tenant);
            say(ended == 1 ? "One session was ended." : ended + " sessions were ended.");
          });
        }

        // MARK: The page

        function show() {
          const wanted = location.hash.slice(1);
          const names = [...document.querySelectorAll("main > section")].map((section) => section.id);
          const name = names.includes(wanted) ? wanted : "overview";
          for (const id of names) $(id).hidden = id != name;
          for (const link of document.querySelectorAll("nav a")) {
            if (link.hash == "#" + name) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
          }
          scrollTo(0, 0);
        }

        function onSubmit(id, work) {
          $(id).addEventListener("submit", (event) => { event.preventDefault(); work($(id).elements); });
        }

        onSubmit("find-entries", ({ pattern }) => doing(() => find({ pattern: pattern.value || "*" }, "")));
        onSubmit("explain-key", ({ key }) => explain(key.value));
        onSubmit("end-entries", ({ what, which }) => {
          if (what.value == "all") return end({ all: true });
          if (!which.value) return say("say which", true);
          end({ [what.value]: which.value });
        });
        onSubmit("find-sessions", ({ user, tenant }) => doing(() => listSessions(user.value, tenant.value)));
        $("tag-filter").addEventListener("input", drawTags);
        $("pause").addEventListener("click", () => {
          isPaused = !isPaused;
          $("pause").setAttribute("aria-pressed", isPaused);
          $("pause").textContent = isPaused ? "Go on" : "Pause";
          refresh();
        });
        const themes = ["system", "light", "dark"];
        function paint(theme) {
          document.documentElement.dataset.theme = theme;
          $("theme").textContent = "Theme: " + theme;
        }
        let theme = localStorage.getItem("larder-console-theme");
        paint(themes.includes(theme) ? theme : "system");
        $("theme").addEventListener("click", () => {
          theme = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
          localStorage.setItem("larder-console-theme", theme);
          paint(theme);
        });
        addEventListener("hashchange", show);
        document.addEventListener("visibilitychange", refresh);
        show();
        refresh().then(look);
        setInterval(look, 1000);

        """#
}
#endif
