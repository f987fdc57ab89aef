# SPDX-License-Identifier: Apache-2.0
"""What somebody sees and does in the console of a service, in a real browser."""

import json
import os
import shutil
import signal
import struct
import time
import unittest

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service as Driver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from service import Load, Pings, Service, send

SECONDS = 20


class ConsoleTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.service = Service()
        cls.addClassCleanup(cls.service.stop)
        options = Options()
        options.binary_location = shutil.which("chromium")
        for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,1400"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        cls.browser = webdriver.Chrome(options=options, service=Driver(shutil.which("chromedriver")))
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        self.port = self.service.storefront.port
        self.service.redis_cli("FLUSHALL")

    def tearDown(self):
        # Nothing that a policy for contents forbids, and no script that failed; answers that a test provokes are said by status.
        wrong = [entry for entry in self.browser.get_log("browser") if "Failed to load resource" not in entry["message"]]
        self.assertEqual(wrong, [])

    # MARK: Helpers

    def open(self, part="", port=None):
        self.browser.get("about:blank")
        self.browser.get(f"http://127.0.0.1:{port or self.port}/console/#{part}")

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.browser.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map((found) => found.textContent).join('|')", selector)

    def until(self, check, what):
        """Waits until something holds; says what it was when it does not come."""
        end = time.monotonic() + SECONDS
        while True:
            value = check()
            if value:
                return value
            self.assertLess(time.monotonic(), end, f"{what}: not within {SECONDS} seconds")
            time.sleep(0.1)

    def until_text(self, selector, *parts):
        self.until(
            lambda: all(part in self.text(selector) for part in parts), f"{selector} has not {parts}: it has "
            f"{self.text(selector)[:200]}")

    def click(self, selector, text=None):
        found = self.browser.find_elements(By.CSS_SELECTOR, selector)
        next(element for element in found if text is None or element.text == text).click()

    def screenshot(self, name):
        self.browser.save_screenshot(os.path.join(os.environ["LARDER_SCREENSHOTS"], f"{name}.png"))

    def x_cache(self, path):
        return send(self.port, "GET", path)[1]["X-Cache"]

    def explain(self, key):
        query = send(self.port, "GET", f"/console/explain?key={key}")[2]
        return json.loads(query)["verdict"]

    # MARK: Watching

    def test_what_the_cache_does_is_drawn(self):
        self.open()
        with Load(self.port):
            self.until_text("#requests", "/s")
            self.until(lambda: "%" in self.text("#ratio") and float(self.text("#ratio").split()[0]) > 50, "a hit ratio")
            for chart in ["ratio", "requests", "loads", "answered", "loaded"]:
                self.until(
                    lambda: self.browser.execute_script(
                        "return [...document.querySelectorAll(arguments[0])].some((path) => path.getAttribute('d').includes('L'))",
                        f"#chart-{chart} path"), f"a line of {chart}")
            self.until_text("#hot", "storefront:product:i.1", "/s")
            self.browser.execute_script("surveyed = -Infinity")
            self.until_text("#chart-memory", "product", "KB", "entries")
            self.until_text("#regions", "product", "%")
            for seconds in range(6):
                time.sleep(1)
            self.screenshot("overview")
            self.browser.execute_cdp_cmd(
                "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
            self.screenshot("overview-dark")
            self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.assertIn("up", self.text("#store"))
        self.assertEqual(self.text("#processes"), "one process")
        self.assertIn("Breaker|", self.text("#store-facts dt") + "|")
        self.assertIn("storefront", self.browser.title)

    def test_an_invalidation_is_seen(self):
        self.assertEqual(self.x_cache("/products/42"), "MISS")
        self.assertEqual(self.x_cache("/products/42"), "HIT")
        self.open("explain")
        self.find("#explain-key input").send_keys("storefront:product:i.42" + Keys.ENTER)
        self.until_text("#explanation", "fresh", "product:42")
        # By somebody else.
        send(self.port, "PUT", "/products/42", {"price": 1299})
        self.find("#explain-key input").send_keys(Keys.ENTER)
        self.until_text("#explanation", "absent")

    def test_a_store_that_goes_away_is_seen_and_so_is_the_service(self):
        self.open()
        self.until_text("#store", "up")
        with self.service.redis.away():
            self.until_text("#store", "down")
            self.until(lambda: "bad" in self.find("#store").get_attribute("class"), "the mark of it")
        self.until_text("#store", "up")
        with self.service.storefront.away():
            self.until(lambda: self.find("#trouble").is_displayed(), "that nobody answers")
            self.assertIn("does not answer", self.text("#trouble"))
        self.until(lambda: not self.find("#trouble").is_displayed(), "that it answers again")
        self.until_text("#requests", "0/s")
        self.assertNotIn("-", self.text("#requests"))
        # The process before it counts no more.
        self.until_text("#processes", "one process")

    # MARK: Looking and ending

    def test_entries_and_tags_are_found(self):
        for product in [1, 2, 42]:
            self.x_cache(f"/products/{product}")
        self.open("entries")
        self.until_text("#entries-found", "storefront:product:i.42", "fresh")
        pattern = self.find("#find-entries input")
        pattern.clear()
        pattern.send_keys("product:i.4*" + Keys.ENTER)
        self.until(lambda: len(self.browser.find_elements(By.CSS_SELECTOR, "#entries-found tr")) == 1, "one entry")
        self.screenshot("entries")
        self.open("tags")
        self.until_text("#tags-found", "product:42", "category:")
        self.find("#tag-filter").send_keys("product:42")
        self.until(lambda: len(self.browser.find_elements(By.CSS_SELECTOR, "#tags-found tr")) == 1, "one tag")
        self.screenshot("tags")
        self.find("#tag-filter").send_keys("0")
        self.until_text("#tags-found", "no tags")
        self.find("#tag-filter").send_keys(Keys.BACKSPACE)
        self.click("#tags-found button.link")
        self.until_text("#entries-note", "1 entry with the tag product:42")
        self.click("#entries-found button.link", "storefront:product:i.42")
        self.until_text("#explanation", "storefront:product:i.42", "a call is a hit")
        self.screenshot("explain")

    def test_what_is_ended_is_asked_for_first(self):
        self.x_cache("/products/42")
        self.open("invalidate")
        self.until_text("#cache", "storefront")
        which = self.find("#end-entries [name=which]")
        which.send_keys("product:42" + Keys.ENTER)
        dialog = self.find("#confirm")
        self.assertTrue(dialog.is_displayed())
        self.screenshot("confirm")
        # What Enter does at once is nothing.
        self.assertEqual(self.browser.switch_to.active_element.text, "Cancel")
        self.browser.switch_to.active_element.send_keys(Keys.ENTER)
        self.until(lambda: not dialog.is_displayed(), "that Cancel closes it")
        which.send_keys(Keys.ENTER)
        self.browser.switch_to.active_element.send_keys(Keys.ESCAPE)
        self.until(lambda: not dialog.is_displayed(), "that Escape closes it")
        self.assertEqual(self.explain("storefront:product:i.42"), "fresh")
        which.send_keys(Keys.ENTER)
        self.click("#confirm-yes")
        self.until_text("#done", "Applied")
        self.assertEqual(self.explain("storefront:product:i.42"), "invalidated")

    def test_all_is_ended_by_who_types_its_name(self):
        self.x_cache("/products/42")
        self.open("invalidate")
        self.until_text("#cache", "storefront")
        self.click("#end-entries [value=all]")
        self.click("#end-entries button")
        self.assertFalse(self.find("#confirm-yes").is_enabled())
        self.find("#confirm-typed").send_keys("shop" + Keys.ENTER)
        self.assertTrue(self.find("#confirm").is_displayed())
        self.find("#confirm-typed").clear()
        self.find("#confirm-typed").send_keys("storefront" + Keys.ENTER)
        self.until_text("#done", "Applied")
        self.assertEqual(self.explain("storefront:product:i.42"), "invalidated")

    def test_an_entry_is_ended_where_it_is_explained(self):
        self.x_cache("/products/42")
        self.open("explain")
        self.find("#explain-key input").send_keys("storefront:product:i.42" + Keys.ENTER)
        self.until_text("#explanation", "fresh")
        self.click("#explanation button.danger")
        self.click("#confirm-yes")
        self.until_text("#done", "Applied: ended the entry storefront:product:i.42")
        self.assertIn("absent", self.text("#explanation"))

    def test_what_was_ended_is_shown_so_at_once(self):
        self.x_cache("/products/42")
        self.open("tags")
        self.until_text("#tags-found", "product:42")
        self.find("#tag-filter").send_keys("product:42")
        self.until(lambda: "category" not in self.text("#tags-found"), "that it is filtered")
        self.assertIn("no", self.text("#tags-found .number"))
        self.click("#tags-found button.danger")
        self.click("#confirm-yes")
        self.until_text("#done", "Applied")
        self.assertIn("yes", self.text("#tags-found .number"))

    def test_what_is_queued_is_said_so(self):
        self.open("invalidate")
        self.until_text("#cache", "storefront")
        with self.service.redis.away():
            self.find("#end-entries [name=which]").send_keys("product:42" + Keys.ENTER)
            self.click("#confirm-yes")
            self.until_text("#done", "Queued")
        self.until_text("#store", "up")

    def test_a_pattern_tells_how_many(self):
        for product in range(1, 8):
            self.x_cache(f"/products/{product}")
        self.open("invalidate")
        self.until_text("#cache", "storefront")
        self.click("#end-entries [value=pattern]")
        self.find("#end-entries [name=which]").send_keys("product:*" + Keys.ENTER)
        self.click("#confirm-yes")
        self.until_text("#done", "7 entries")

    def test_sessions_of_a_user_are_listed_and_ended(self):
        login = {"username": "user5", "password": "password5"}
        cookies = []
        for device in ["a phone", "a <b>laptop</b>"]:
            _, headers, _ = send(self.port, "POST", "/login", login, {"User-Agent": device})
            cookies.append(headers["Set-Cookie"].split(";")[0])
        self.open("sessions")
        self.find("#find-sessions [name=user]").send_keys("5" + Keys.ENTER)
        self.until_text("#sessions-found", "a phone", "a <b>laptop</b>")
        self.assertEqual(self.text("#sessions-note"), "2 sessions of the user 5")
        self.assertIn(str(time.localtime().tm_year), self.text("#sessions-found"))
        self.screenshot("sessions")
        self.click("#sessions-found button.danger", "End all…")
        self.click("#confirm-yes")
        self.until_text("#done", "2 sessions were ended")
        for cookie in cookies:
            self.assertEqual(send(self.port, "GET", "/profile", headers={"Cookie": cookie})[0], 401)

    def test_what_cannot_be_seen_is_written_out(self):
        tag = "<img src=x onerror=document.title='got'>\x1b[31m\u202eevil\n"
        now = int(time.time() * 1000)
        tag_bytes = tag.encode()
        # As the article on the wire format has it: a tag, and when it was loaded.
        metadata = struct.pack(">BI", 1, len(tag_bytes)) + tag_bytes + struct.pack(">BIQ", 2, 8, now)
        head = struct.pack(">BBBBQQQQI", 0xCA, 1, 1, 1, 0, 0, now + 600_000, (now + 60_000) * 1000, len(metadata))
        self.service.redis_cli("-x", "SET", "storefront:product:i.9", data=head + metadata + b"{}")
        self.open("tags")
        self.until_text("#tags-found", "<img src=x onerror=document.title='got'>\\u001b[31m\\u202eevil\\u000a")
        self.assertEqual(self.browser.find_elements(By.CSS_SELECTOR, "main img"), [])
        self.click("#tags-found button.danger")
        self.assertIn("\\u202e", self.text("#confirm-title"))
        self.click("#confirm button", "Cancel")
        # As it is, with its space.
        self.click("#tags-found button.link")
        self.until_text("#entries-found", "storefront:product:i.9")
        self.assertNotIn("got", self.browser.title)

    # MARK: Ways to use it

    def test_it_fits_on_a_phone(self):
        self.x_cache("/products/42")
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
        try:
            for part in ["overview", "entries", "tags", "explain", "invalidate", "sessions"]:
                self.open(part)
                self.until_text("#cache", "storefront")
                width = self.browser.execute_script("return document.scrollingElement.scrollWidth")
                self.assertLessEqual(width, 360, part)
                self.assertEqual(self.browser.execute_script("return scrollY"), 0, part)
                self.screenshot(f"phone-{part}")
        finally:
            self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def test_the_keyboard_is_enough(self):
        self.x_cache("/products/42")
        self.open()
        self.until_text("#cache", "storefront")

        def press(*keys):
            webdriver.ActionChains(self.browser).send_keys(*keys).perform()
            return self.browser.switch_to.active_element

        self.assertEqual(press(Keys.TAB).text, "Skip to content")
        seen = []
        while (link := press(Keys.TAB)).text != "Entries":
            seen.append(link.text)
            self.assertLess(len(seen), 10, seen)
        # Where the keyboard is can be seen.
        self.assertNotEqual(link.value_of_css_property("outline-style"), "none")
        press(Keys.ENTER)
        self.until_text("#entries-found", "storefront:product:i.42")
        while (button := press(Keys.TAB)).text != "storefront:product:i.42":
            self.assertNotEqual(button.text, "Skip to content")
        press(Keys.ENTER)
        self.until_text("#explanation", "fresh")
        # A part that goes on at something else begins there.
        self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "main")
        # The link to the content stays where one is.
        self.browser.execute_script("document.querySelector('.skip').focus()")
        press(Keys.ENTER)
        self.until(lambda: self.browser.switch_to.active_element.get_attribute("id") == "main", "the content")
        self.assertTrue(self.find("#explain").is_displayed())
        # What somebody is at stands still.
        self.open()
        with Load(self.port):
            self.until_text("#hot", "storefront:")
            self.browser.execute_script("document.querySelector('#hot button').focus()")
            before = self.text("#hot")
            time.sleep(5)
            self.assertEqual(self.text("#hot"), before)
            self.assertTrue(self.browser.execute_script("return document.querySelector('#hot').matches(':focus-within')"))

    def test_a_table_stands_still_under_the_pointer(self):
        self.open()
        with Load(self.port):
            self.until_text("#hot", "storefront:product")
            webdriver.ActionChains(self.browser).move_to_element(self.find("#hot tr")).perform()
            before = self.text("#hot")
            time.sleep(5)
            self.assertEqual(self.text("#hot"), before)
            webdriver.ActionChains(self.browser).move_to_element(self.find("h1")).perform()
            self.until(lambda: self.text("#hot") != before, "that it goes on")

    def test_it_pauses_when_nobody_is_there(self):
        self.open()
        self.until_text("#store", "up")
        self.browser.execute_script("touched = 0")
        self.until_text("#processes", "paused at")
        self.click("#pause")
        self.until_text("#processes", "one process")

    def test_light_and_dark_are_ones_choice(self):
        self.open()
        shades = []
        for theme in ["light", "dark", "system"]:
            self.click("#theme")
            self.assertEqual(self.text("#theme"), f"Theme: {theme}")
            shades.append(self.find("body").value_of_css_property("background-color"))
        self.assertNotEqual(shades[0], shades[1])
        self.click("#theme")
        self.open()
        self.assertEqual(self.text("#theme"), "Theme: light")
        for _ in range(2):
            self.click("#theme")

    # MARK: More than one process

    def test_operators_of_a_fleet_see_all_its_processes(self):
        port = self.service.balancer.port
        self.assertEqual(send(port, "GET", "/console/")[0], 401)
        _, headers, text = send(port, "POST", "/login", {"username": "user3", "password": "password3"})
        name, _, value = headers["Set-Cookie"].split(";")[0].partition("=")
        self.browser.get(f"http://127.0.0.1:{port}/")
        self.browser.add_cookie({"name": name, "value": value, "path": "/"})
        self.open(port=port)
        with Load(port):
            self.until_text("#processes", "2 processes")
            self.until(lambda: "%" in self.text("#ratio"), "a hit ratio")
            # With the token of the session.
            self.open("invalidate", port=port)
            self.until_text("#cache", "storefront")
            self.find("#end-entries [name=which]").send_keys("product:1" + Keys.ENTER)
            self.click("#confirm-yes")
            self.until_text("#done", "Applied")
        # Whose session is over sees so.
        send(port, "POST", "/logout-everywhere", headers={
            "Cookie": f"{name}={value}", "X-CSRF-Token": json.loads(text)["csrfToken"]})
        self.until(lambda: self.find("#trouble").is_displayed(), "that nobody is logged in")
        self.assertIn("log in", self.text("#trouble"))

    def test_a_million_entries_keep_nobody_waiting(self):
        # A small one: they take 300 MB.
        self.x_cache("/users/7")
        fill = (
            "local bytes = redis.call('GET', KEYS[1]) for i = ARGV[1], ARGV[2] do "
            "redis.call('SET', 'storefront:product:i.' .. i, bytes, 'PX', 600000) end")
        for start in range(1_000, 1_001_000, 10_000):
            self.service.redis_cli(
                "EVAL", fill, "1", "storefront:user:i.7", str(start), str(start + 9_999))
        self.open("tags")
        with Pings(self.service.redis.port) as pings:
            self.until_text("#tags-note", "1,000 entries among")
            longest = 0
            for path in ["survey", "entries", "entries?pattern=product:i.99999*", "entries?pattern=nothing*", "overview"] * 5:
                start = time.monotonic()
                status, _, body = send(self.port, "GET", f"/console/{path}")
                longest = max(longest, time.monotonic() - start)
                self.assertEqual(status, 200)
                self.assertLess(len(body), 1 << 20)
        survey = json.loads(send(self.port, "GET", "/console/survey")[2])
        self.assertAlmostEqual(survey["regions"][0]["entries"], 1_000_000, delta=10_000)
        self.screenshot("a-million")
        print(f"a million entries: an answer took {longest * 1000:.0f} ms at most, a PING meanwhile {max(pings.times):.1f} ms")
        self.assertLess(longest, 5)
        # Now and then the pinger waits for a processor, and not for the server.
        self.assertGreater(len(pings.times), 200)
        self.assertLess(sorted(pings.times)[len(pings.times) * 99 // 100], 50)

    def test_whom_nobody_watches_does_nothing(self):
        self.open()
        self.until_text("#store", "up")
        self.browser.get("about:blank")
        program = self.service.storefront
        before = program.cpu()
        time.sleep(10)
        share = (program.cpu() - before) / 10
        print(f"with nobody looking the service takes {100 * share:.2f} % of a processor")
        self.assertLess(share, 0.01)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: exit(143))
    unittest.main(verbosity=2)
