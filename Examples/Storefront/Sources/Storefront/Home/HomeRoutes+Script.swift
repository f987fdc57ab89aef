// SPDX-License-Identifier: Apache-2.0

extension HomeRoutes {
    static let script = """
        const text = (id, value) => { document.getElementById(id).textContent = value; };

        async function refresh() {
          if (document.hidden) return;
          try {
            const { regions, store } = await (await fetch("/stats")).json();
            const all = Object.values(regions);
            const sum = (name) => all.reduce((total, region) => total + (region[name] ?? 0), 0);
            const requests = sum("requests");
            text("ratio", requests ? (100 * sum("hits") / requests).toFixed(1) + " %" : "–");
            text("requests", requests);
            text("loads", sum("loads"));
            text("store", store.kind + ", " + store.state);
          } catch {
            text("store", "the service does not answer");
          }
        }

        async function ask(button) {
          const { get, put } = button.dataset;
          const start = performance.now();
          try {
            const response = await fetch(get ?? put, put && {
              method: "PUT",
              headers: { "Content-Type": "application/json" },
              body: JSON.stringify({ price: 100 + Math.floor(Math.random() * 9900) }),
            });
            const body = await response.text();
            const told = ["X-Cache", "X-Invalidation", "Cache-Status", "Age"]
              .filter((name) => response.headers.has(name)).map((name) => `${name}: ${response.headers.get(name)}\\n`);
            const time = (performance.now() - start).toFixed(1);
            text("answer", `${response.status} in ${time} ms\\n${told.join("")}\\n${body.slice(0, 2000)}`);
          } catch (error) {
            text("answer", `no answer: ${error}`);
          }
          refresh();
        }

        for (const button of document.querySelectorAll("button")) button.addEventListener("click", () => ask(button));
        refresh();
        setInterval(refresh, 1000);

        """
}
