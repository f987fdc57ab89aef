// SPDX-License-Identifier: Apache-2.0

#if Hummingbird
extension ConsolePage {
    static let script = #"""
        "use strict";

        // Between questions for figures, and how far back they are drawn at least and at most.
        const interval = 2000, shortest = 60000, longest = 300000;
        // Between looks through the entries; and for how long it goes on when nobody touches the page, which keeps a session alive.
        const surveyInterval = 30000, patience = 1800000;

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
        const total = (values) => values.reduce((sum, value) => sum + value, 0);
        // What cannot be seen, or changes the direction of what follows, is written out.
        const printable = (text) => String(text).replace(/[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
          (character) => "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0"));

        // MARK: Elements

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

        // What has not changed is not told again to those who listen.
        function write(id, text) {
          if ($(id).textContent != text) $(id).textContent = text;
        }

        const named = (text, onclick) => onclick
          ? make("button", { type: "button", class: "link name", onclick }, printable(text)) : make("span", { class: "name" }, printable(text));
        const plain = (text) => make("span", {}, text);
        const row = (...cells) => make("tr", {}, ...cells.map((cell) =>
          cell instanceof Node ? make("td", {}, cell) : make("td", { class: "number" }, cell ?? "–")));
        const empty = (columns, text) => make("tr", {}, make("td", { colspan: columns }, text));
        const facts = (pairs) => pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);

        const fill = (id, rows) => $(id).replaceChildren(...rows);

        // A table that goes on by itself stands still while somebody is at it, and catches up when they leave.
        const late = new Map();
        let hasMouse = false;
        function refill(id, rows) {
          // What was touched with a finger stays as if it were pointed at.
          if (hasMouse && $(id).matches(":hover") || $(id).matches(":focus-within") || $("confirm").open) late.set(id, rows);
          else { late.delete(id); fill(id, rows); }
        }
        function catchUp() {
          for (const [id, rows] of [...late]) refill(id, rows);
        }

        // MARK: The service

        let token = "";

        async function ask(path, parameters = {}, body) {
          // Spaces as the service reads them.
          const query = new URLSearchParams(parameters).toString().replaceAll("+", "%20");
          let response;
          try {
            response = await fetch(query ? path + "?" + query : path, body ? {
              method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": token }, body: JSON.stringify(body),
            } : { signal: AbortSignal.timeout(10000) });
          } catch {
            throw new Error("the service does not answer");
          }
          if (response.ok) return response.json();
          let message = "the service answers with " + response.status;
          try { message = (await response.json()).error.message; } catch { /* It says no more. */ }
          throw new Error(message);
        }

        function say(text, isTrouble = false) {
          $("done").textContent = text;
          $("done").className = isTrouble ? "bad" : "";
        }

        async function doing(work) {
          say("");
          try { await work(); } catch (error) { say(error.message, true); }
        }

        // Of answers for one place only that to the last question counts.
        const turns = {};
        async function latest(place, question, show) {
          const turn = turns[place] = (turns[place] ?? 0) + 1;
          try {
            const answer = await question;
            if (turn == turns[place]) show(answer);
          } catch (error) {
            if (turn == turns[place]) throw error;
          }
        }

        // MARK: What the cache does

        // The processes that have answered, by name, with their last answers.
        const processes = new Map();
        // By region, what is drawn of it: { at, ratio, requests, loads, answered, loaded } for each answer.
        const lines = new Map();
        let isPaused = false, hasTrouble = false, timer, touched = Date.now();

        const served = (counts) => counts.hits + counts.nearHits + counts.stale;
        const regionOf = (overview, name) => overview.regions.find((region) => region.name == name);

        // What each region did by the second between two answers of one process.
        function rates(before, now) {
          const seconds = now.uptime - before.uptime;
          return new Map(now.regions.map((region) => {
            const last = regionOf(before, region.name)?.counts ?? { requests: 0, hits: 0, nearHits: 0, stale: 0, loads: 0 };
            const by = (value) => Math.max(0, value(region.counts) - value(last)) / seconds;
            return [region.name, { requests: by((counts) => counts.requests), served: by(served), loads: by((counts) => counts.loads) }];
          }));
        }

        function take(overview) {
          const at = Date.now();
          // Behind a balancer each is asked now and then: the more there are, the more seldom.
          const forgotten = Math.max(5, 3 * processes.size) * interval;
          for (const [name, process] of processes) if (at - process.at > forgotten) processes.delete(name);
          const before = processes.get(overview.instance);
          // Two answers at nearly one time tell nothing of the time between.
          if (before && overview.uptime - before.overview.uptime < 0.5) return;
          processes.set(overview.instance, { overview, at, rates: before && rates(before.overview, overview) });
          const all = [...processes.values()];
          for (const { name } of overview.regions) if (!lines.has(name)) lines.set(name, []);
          if (all.some((process) => process.rates)) {
            for (const [name, line] of lines) {
              const own = all.map((process) => process.rates?.get(name)).filter((value) => value);
              const sum = (kind) => total(own.map((rates) => rates[kind]));
              const worst = (kind) => {
                const known = all.map((process) => regionOf(process.overview, name)?.[kind]).filter((value) => value != null);
                return known.length ? Math.max(...known) : null;
              };
              line.push({
                at, requests: sum("requests"), loads: sum("loads"), ratio: sum("requests") > 0 ? Math.min(1, sum("served") / sum("requests")) : null,
                answered: worst("answeredMs"), loaded: worst("loadedMs"),
              });
              while (at - line[0].at > longest) line.shift();
            }
          }
          draw(all.map((process) => process.overview), overview, at);
        }

        function draw(all, overview, now) {
          write("cache", printable(overview.cache));
          write("processes", all.length == 1 ? "one process" : all.length + " processes");
          const isUp = all.every(({ store }) => store.state == "up" && !store.isOut);
          write("store", printable(overview.store.kind) + (isUp ? " is up" : " is down"));
          $("store").className = "pill " + (isUp ? "good" : "bad");
          const last = [...lines.values()].map((line) => line.at(-1)).filter((point) => point?.at == now);
          const requests = total(last.map((point) => point.requests));
          const ratio = requests > 0 ? total(last.map((point) => (point.ratio ?? 0) * point.requests)) / requests : null;
          write("ratio", percent(ratio));
          write("requests", rate(last.length ? requests : null));
          write("loads", rate(last.length ? total(last.map((point) => point.loads)) : null));
          for (const kind of ["answered", "loaded"]) {
            const known = last.map((point) => point[kind]).filter((value) => value != null);
            write(kind, time(known.length ? Math.max(...known) : null));
          }
          const local = all.map((overview) => overview.local).filter((value) => value);
          write("local", local.length ? bytes(total(local.map((local) => local.bytes))) : "–");
          document.title = (ratio == null ? "" : percent(ratio) + " · ") + printable(overview.cache) + " · Larder console";
          chart("ratio", percent, now, 1);
          chart("requests", rate, now);
          chart("loads", rate, now);
          chart("answered", time, now);
          chart("loaded", time, now);
          refill("regions", [...lines.keys()].map((name) => {
            const own = all.map((overview) => regionOf(overview, name)?.counts).filter((value) => value);
            const sum = (kind) => total(own.map((counts) => counts[kind]));
            return row(named(name), sum("requests") ? percent(total(own.map(served)) / sum("requests")) : "–",
              ...["requests", "nearHits", "stale", "misses", "loads", "loadFailures", "waits", "storedFills", "refusedFills", "invalidations", "unreadable"].map((kind) => count(sum(kind))));
          }));
          const sum = (value) => total(all.map(({ store }) => value(store)));
          const open = all.filter(({ store }) => store.isOut).length;
          $("store-facts").replaceChildren(...facts([
            ["Kind", printable(overview.store.kind)], ["State", isUp ? "up" : "down"],
            ["Breaker", open == 0 ? "closed" : (all.length == 1 ? "open" : `open in ${open} of ${all.length} processes`) + ": the store is not asked"],
            ["Latency", time(Math.max(...all.map(({ store }) => store.latencyMs)))], ["Outages", count(sum((store) => store.outages))],
            ["Invalidations queued", count(sum((store) => store.queuedInvalidations))],
            ["Kept in the process" + (all.length == 1 ? "" : "es"), local.length
              ? `${entriesText(total(local.map((local) => local.entries)))}, ${bytes(total(local.map((local) => local.bytes)))}, ${count(total(local.map((local) => local.evictions)))} evicted` : "nothing"],
          ]));
          const hot = new Map();
          for (const { hotKeys } of all) for (const { key, perSecond } of hotKeys) hot.set(key, (hot.get(key) ?? 0) + perSecond);
          const hottest = [...hot].sort((one, other) => other[1] - one[1]).slice(0, 20);
          refill("hot", hottest.length ? hottest.map(([key, perSecond]) => row(named(key, () => explain(key)), rate(perSecond), endButton({ key })))
            : [empty(3, "nothing was asked for")]);
          $("sessions-link").hidden = !overview.hasSessions;
        }

        const color = (name) => "c" + (lines.has(name) ? Math.min(8, [...lines.keys()].indexOf(name)) : 8);

        // The lines of all regions, up to now.
        function chart(kind, text, now, most) {
          const known = [...lines].filter(([, line]) => line.some((point) => point[kind] != null));
          const top = most ?? Math.max(0, ...known.flatMap(([, line]) => line.map((point) => point[kind] ?? 0)));
          const width = Math.max(shortest, ...known.map(([, line]) => now - line[0].at));
          const paths = known.map(([name, line]) => {
            let path = "", last;
            for (const point of line.filter((point) => point[kind] != null)) {
              const x = 300 - 300 * (now - point.at) / width, y = 98 - 96 * (top ? point[kind] / top : 0);
              // What nobody asked for is a gap. A line that goes nowhere is a dot.
              path += (last && point.at - last < 3 * interval ? "L" : "M") + `${x.toFixed(1)} ${y.toFixed(1)}h0`;
              last = point.at;
            }
            return make("path", { class: "plot " + color(name), d: path });
          });
          const grid = [2, 50, 98].map((y) => make("line", { class: "grid", x1: 0, x2: 300, y1: y, y2: y }));
          const told = known.map(([name, line]) => [name, `${printable(name)} ${text(line.at(-1)[kind])}`]);
          $("chart-" + kind).replaceChildren(
            make("div", { class: "scale" }, plain(top ? text(top) : "–")),
            make("svg", { viewBox: "0 0 300 100", preserveAspectRatio: "none", role: "img", "aria-label": told.map(([, text]) => text).join(", ") || "nothing yet" }, ...grid, ...paths),
            make("div", { class: "scale" }, plain(span(width / 1000) + " ago"), plain("now")),
            make("ul", { class: "legend" }, ...told.map(([name, text]) => make("li", {}, make("span", { class: "swatch " + color(name) }), " " + text))));
        }

        async function refresh() {
          clearTimeout(timer);
          if (Date.now() - touched > patience && !isPaused) pause(true);
          if (document.hidden || isPaused) return;
          try {
            const overview = await ask("overview");
            token = overview.csrfToken;
            hasTrouble = false;
            take(overview);
          } catch (error) {
            hasTrouble = true;
            write("trouble", error.message);
          }
          $("trouble").hidden = !hasTrouble;
          clearTimeout(timer);
          timer = setTimeout(refresh, interval);
        }

        function pause(isWanted) {
          isPaused = isWanted;
          $("pause").textContent = isPaused ? "Go on" : "Pause";
          if (isPaused) write("processes", "paused at " + new Date().toLocaleTimeString());
          refresh();
        }

        // MARK: What stands in it

        // What was looked for, if anything was.
        let survey, surveyed = -Infinity, search;

        async function look() {
          if (document.hidden || isPaused || hasTrouble || Date.now() - surveyed < surveyInterval) return;
          await lookNow(refill);
        }

        async function lookNow(draw) {
          surveyed = Date.now();
          try {
            await latest("survey", ask("survey"), (found) => drawSurvey(found, draw));
          } catch (error) {
            for (const id of ["memory-note", "tags-note"].concat(search ? [] : "entries-note")) write(id, error.message);
          }
        }

        const sampled = (found, entries) => !found.isAll ? `${entriesText(entries)} among ${count(found.keysSeen)} of ${count(found.keyCount)} keys`
          : entries == 1 ? "the one entry" : `all ${entriesText(entries)}`;

        function drawSurvey(found, draw) {
          survey = found;
          write("memory-note", sampled(survey, survey.sampled) + (survey.isAll ? "" : "; estimated"));
          const most = Math.max(1, ...survey.regions.map((region) => region.bytes));
          const bars = survey.regions.slice(0, 12).flatMap((region) => [
            named(region.name || "(cut)"),
            make("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
              make("rect", { class: color(region.name), x: 0, y: 0, width: 100 * region.bytes / most, height: 8, fill: "currentColor" })),
            plain(`${bytes(region.bytes)}, ${entriesText(region.entries)}`),
          ]);
          $("chart-memory").replaceChildren(bars.length ? make("div", { class: "bars" }, ...bars) : plain("nothing is stored"));
          drawTags(draw);
          if (!search) drawEntries(survey.largest, sampled(survey, survey.sampled) + ", the largest of them", draw);
        }

        function drawEntries(entries, note, draw) {
          write("entries-note", note);
          draw("entries-found", entries.length ? entries.map(({ entry, bytes: size }) => row(
            named(entry.key, () => explain(entry.key)), make("span", { class: entry.verdict == "fresh" ? "good" : "" }, state(entry)), bytes(size), span(entry.age),
            span(entry.verdict == "fresh" ? entry.remaining : null),
            make("span", { class: "buttons" }, ...entry.tags.map((tag) => named(tag.name, () => entriesWith(tag.name)))))) : [empty(6, "nothing was found")]);
        }

        const state = (entry) => entry.verdict + (entry.isAbsence ? ", absent" : "");

        function find(parameters, note) {
          search = { parameters, note };
          return latest("entries", ask("entries", parameters), (found) => {
            const all = found.isAll ? "all that there are" : `looked at ${count(found.keysSeen)} of ${count(found.keyCount)} keys`;
            drawEntries(found.entries, `${entriesText(found.entries.length)}${note}, ${all}`, fill);
          });
        }

        function entriesWith(tag) {
          location.hash = "entries";
          doing(() => find({ tag }, ` with the tag ${printable(tag)}`));
        }

        function drawTags(draw) {
          if (!survey) return;
          const filter = $("tag-filter").value;
          const tags = survey.tags.filter((tag) => tag.name.includes(filter));
          const isCut = survey.tags.length < survey.tagCount;
          write("tags-note", `By ${sampled(survey, survey.sampled)}` + (isCut ? `; the ${count(survey.tags.length)} that most of them have, of ${count(survey.tagCount)} tags.` : "."));
          draw("tags-found", tags.length ? tags.map((tag) => row(named(tag.name, () => entriesWith(tag.name)), count(tag.entries), bytes(tag.bytes),
            tag.isInvalidated ? "yes" : "no", endButton({ tag: tag.name }))) : [empty(5, isCut ? "none of these; it may be one of the others" : "no tags")]);
        }

        async function explain(key) {
          location.hash = "explain";
          $("explain-key").elements.key.value = key;
          await doing(() => latest("explanation", ask("explain", { key }), (entry) => {
            const seconds = (value) => value == null ? "–" : value < 120 ? time(1000 * value) : span(value);
            const tags = entry.tags.map((tag) => plain(named(tag.name, () => entriesWith(tag.name))));
            entry.tags.forEach((tag, index) => { if (tag.invalidated != null) tags[index].append(" invalidated " + new Date(tag.invalidated / 1000).toLocaleString()); });
            $("explanation").replaceChildren(make("dl", { class: "facts" }, ...facts([
              ["Key", named(entry.key)], ["State", state(entry)], ["Why", printable(entry.reason)], ["Age", seconds(entry.age)], ["Fresh for", seconds(entry.remaining)],
              ["Value", bytes(entry.size)], ["Loaded in", seconds(entry.loadDuration)], ["Leased for", seconds(entry.lease)], ["Stamp", entry.stamp == null ? "–" : String(entry.stamp)],
              ["Tags", make("span", { class: "buttons" }, ...tags)],
            ])), endButton({ key }));
          }));
        }

        // MARK: Ending

        // Asks whether to go on; what is typed has to be the name that is asked for.
        function confirmed(title, text, name) {
          $("confirm-title").textContent = title;
          $("confirm-text").textContent = text;
          $("confirm-name").hidden = name == null;
          $("confirm-expected").textContent = name ?? "";
          $("confirm-typed").value = "";
          $("confirm-yes").disabled = name != null;
          $("confirm-typed").oninput = () => { $("confirm-yes").disabled = $("confirm-typed").value != name; };
          const dialog = $("confirm");
          dialog.returnValue = "";
          dialog.showModal();
          (name == null ? $("confirm-no") : $("confirm-typed")).focus();
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
            const { outcome, count: ended } = await ask("invalidate", {}, what);
            await lookNow(fill);
            if (search) await find(search.parameters, search.note);
            if (kind == "key" && location.hash == "#explain") await explain(value);
            if (document.activeElement == document.body) $("main").focus({ preventScroll: true });
            const counted = ended == null ? "" : ` (${entriesText(ended)})`;
            if (outcome == "applied") say(`Applied: ended ${subject}${counted}.`);
            else say(`Queued: ended ${subject}${counted} in one process; elsewhere they end when the store can be reached.`, true);
          });
        }

        // MARK: Sessions

        function listSessions(user, tenant) {
          fill("sessions-found", []);
          write("sessions-note", "");
          return latest("sessions", ask("sessions", { user, tenant }), ({ sessions }) => {
            const date = (seconds) => plain(new Date(1000 * seconds).toLocaleString());
            const whose = `the user ${printable(user)}` + (tenant ? ` of ${printable(tenant)}` : "");
            const button = (text, session) => make("button", { type: "button", class: "danger", onclick: () => endSessions(user, tenant, whose, session) }, text);
            write("sessions-note", (sessions.length == 1 ? "One session" : sessions.length + " sessions") + " of " + whose);
            $("sessions-found").replaceChildren(...sessions.map((session) => row(
              named(session.id), plain(printable(session.device ?? "–")), date(session.created), date(session.lastUsed), date(session.expires), button("End…", session))));
            if (sessions.length > 1) $("sessions-found").append(make("tr", {}, make("td", { colspan: 6 }, button("End all…"))));
          });
        }

        async function endSessions(user, tenant, whose, session) {
          const isSure = await confirmed((session ? "End a session of " : "End all sessions of ") + whose + "?",
            "Whoever uses it has to log in again" + (session?.device ? ": " + printable(session.device) : "") + ".");
          if (!isSure) return;
          await doing(async () => {
            const { ended } = await ask("sessions/end", {}, { user, tenant, session: session?.id });
            await listSessions(user, tenant);
            say(ended == 1 ? "One session was ended." : ended + " sessions were ended.");
          });
        }

        // MARK: The page

        function show(isChosen) {
          const names = [...document.querySelectorAll("main > section")].map((section) => section.id);
          const wanted = location.hash.slice(1) || names[0];
          // A link to something else, such as the content, leaves the part as it is.
          const name = names.includes(wanted) ? wanted : names.find((id) => !$(id).hidden);
          for (const id of names) $(id).hidden = id != name;
          for (const link of document.querySelectorAll("nav a")) {
            if (link.hash == "#" + name) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
          }
          // Whoever was at something that is hidden now goes on at the top.
          if (name == wanted) scrollTo(0, 0);
          if (isChosen && (document.activeElement.closest("[hidden]") || document.activeElement == document.body)) $("main").focus({ preventScroll: true });
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
        $("tag-filter").addEventListener("input", () => drawTags(fill));
        $("confirm-no").addEventListener("click", () => $("confirm").close());
        $("pause").addEventListener("click", () => pause(!isPaused));
        for (const event of ["pointerdown", "keydown", "pointermove"]) {
          addEventListener(event, ({ pointerType }) => {
            touched = Date.now();
            if (pointerType) hasMouse = pointerType == "mouse";
          }, { passive: true });
        }

        // Where a browser keeps nothing, the choice lasts as long as the page.
        const kept = (work) => { try { return work(localStorage); } catch { return null; } };
        const themes = ["system", "light", "dark"];
        function paint(theme) {
          document.documentElement.dataset.theme = theme;
          $("theme").textContent = "Theme: " + theme;
        }
        paint(themes.find((theme) => theme == kept((storage) => storage.getItem("larder-console-theme"))) ?? "system");
        $("theme").addEventListener("click", () => {
          const theme = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
          kept((storage) => storage.setItem("larder-console-theme", theme));
          paint(theme);
        });
        addEventListener("hashchange", () => show(true));
        document.addEventListener("visibilitychange", () => { touched = Date.now(); refresh(); });
        for (const event of ["focusout", "pointerout"]) $("main").addEventListener(event, () => setTimeout(catchUp));
        show(false);
        refresh().then(look);
        setInterval(look, 1000);

        """#
}
#endif
