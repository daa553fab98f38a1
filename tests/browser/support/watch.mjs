// A browser that a walk is made with, and everything that must hold on every page it comes to.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { root } from "./servers.mjs";

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const ACTION_MS_MAX = 15_000;
const screenshots = join(root, "tests/browser/screenshots");
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function startBrowser() {
  const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];
  const executablePath = process.env.CHROMIUM ?? known.find(existsSync);
  assert.ok(executablePath, "no Chromium here: run .ci/install test, or set CHROMIUM to its path");
  await mkdir(screenshots, { recursive: true });
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  args.push("--disable-component-update", "--disable-sync", "--font-render-hinting=none", "--force-color-profile=srgb");
  return chromium.launch({ executablePath, args });
}

/** What broke a rule, on any page of any visitor; a test asserts that there is none. */
export class Faults {
  found = [];
  pages = 0;

  add(where, what) {
    this.found.push(`${where}: ${what}`);
  }

  assertNone() {
    if (this.found.length) assert.fail(`${this.found.length} faults on ${this.pages} pages:\n${this.found.join("\n")}`);
  }
}

/** One person at one browser, with cookies of her own. */
export class Visitor {
  /** `friends` are addresses of other hosts that she may be led to. */
  static async arrive(browser, name, home, faults, options = {}, friends = []) {
    const context = await browser.newContext({ viewport: WIDE, locale: "zh-CN", timezoneId: "Asia/Shanghai", reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(ACTION_MS_MAX);
    const page = await context.newPage();
    const visitor = new Visitor(page, name, home, faults, friends);
    await visitor.listen(context);
    return visitor;
  }

  constructor(page, name, home, faults, friends = []) {
    Object.assign(this, { page, name, home, faults, friends });
  }

  async listen(context) {
    const where = () => `${this.name} ${this.page.url()}`;
    const hosts = [this.home, ...this.friends].map((address) => new URL(address).host);
    await context.exposeFunction("tongbanCspViolation", (what) => this.faults.add(where(), `CSP violation: ${what}`));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.tongbanCspViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber}`);
      });
    });
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (["http:", "https:", "ws:", "wss:"].includes(url.protocol) && !hosts.includes(url.host)) {
        this.faults.add(where(), `request to another host: ${url}`);
      }
    });
    context.on("response", (response) => {
      if (response.status() >= 500 || (response.status() === 404 && !this.mayMiss)) {
        this.faults.add(where(), `${response.status()} for ${response.url()}`);
      }
    });
    this.page.on("pageerror", (error) => this.faults.add(where(), `script error: ${error.message}`));
    this.page.on("console", (message) => {
      if (/content.security.policy/i.test(message.text())) this.faults.add(where(), message.text());
    });
  }

  async open(path) {
    await this.page.goto(new URL(path, this.home).href);
  }

  /** What is to be seen now, for whoever looks for the cause of a failure. */
  async witness() {
    const picture = join(screenshots, `failed-${this.name}.png`);
    await this.page.screenshot({ path: picture, fullPage: true }).catch(() => undefined);
    const alerts = await this.page.getByRole("alert").allInnerTexts().catch(() => []);
    return `${this.name} at ${this.page.url()} (${picture}) ${alerts.join(" ").replaceAll(/\s+/g, " ").slice(0, 500)}`;
  }

  /** Looks at the page as it is, wide and narrow, and in English too where it can be drawn again. */
  async look(name, { english = true } = {}) {
    await this.#look(name, "zh");
    if (!english) return;
    const here = this.page.url();
    await this.page.getByRole("link", { name: "English", exact: true }).click();
    assert.match(await this.page.locator("html").getAttribute("lang"), /^en/, `${name} in English`);
    await this.#look(name, "en");
    await this.page.getByRole("link", { name: "中文", exact: true }).click();
    if (this.page.url() !== here) await this.page.goto(here);
  }

  async #look(name, language) {
    this.faults.pages += 1;
    for (const size of [NARROW, WIDE]) {
      await this.page.setViewportSize(size);
      const where = `${name} (${language}, ${size.width} px) ${new URL(this.page.url()).pathname}`;
      await this.#judge(where);
      await this.page.screenshot({ path: join(screenshots, `${name}-${language}-${size.width}.png`), fullPage: true });
    }
  }

  async #judge(where) {
    const overflow = await this.page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return [];
      const wide = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > width + 1);
      return wide.slice(0, 3).map((element) => `${element.tagName.toLowerCase()}.${element.className} reaches ${Math.round(element.getBoundingClientRect().right)} of ${width}`);
    });
    if (overflow.length) this.faults.add(where, `overflows: ${overflow.join("; ")}`);
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate((tags) => window.axe.run(document, { runOnly: { type: "tag", values: tags } }), AXE_TAGS);
    for (const { id, help, nodes } of violations) {
      this.faults.add(where, `axe ${id}: ${help}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} (${node.failureSummary?.split("\n").slice(1, 2).join("").trim()})`).join(" | ")}`);
    }
  }
}
