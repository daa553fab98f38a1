// The desk under hard conditions: by keyboard alone, without scripts.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { decide, fillAll, logIn, openTask, report } from "./support/people.mjs";
import { startServers } from "./support/servers.mjs";
import { Faults, Visitor, startBrowser } from "./support/watch.mjs";

const TABS_MAX = 400;

let servers, browser;
const faults = new Faults();

before(async () => {
  servers = await startServers();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await servers?.stop();
});

describe("without scripts", { concurrency: false }, () => {
  it("log in, open a task, see what would happen, complete it", async () => {
    await report(browser, servers, faults, "无脚本也能办");
    const lin = await Visitor.arrive(browser, "lin", servers.office, faults, { javaScriptEnabled: false });
    await logIn(lin, "lin", servers.accounts);
    await openTask(lin, "无脚本也能办");
    const form = lin.page.getByRole("region", { name: "处理", exact: true });
    await form.getByRole("radio", { name: "收悉" }).check();
    await fillAll(form, { 提示: "注意用火安全" });
    await form.getByRole("button", { name: "看看会怎样" }).click();
    await lin.page.getByText("出具文书").first().waitFor();
    assert.equal(await lin.page.getByLabel("提示").inputValue(), "注意用火安全");
    await decide(lin, "收悉");
    await lin.open("/inbox/done");
    await lin.page.getByRole("row").filter({ hasText: "无脚本也能办" }).waitFor();
    await lin.page.context().close();
  });
});

describe("by keyboard", { concurrency: false }, () => {
  it("every control of the task page is reached, is in sight and shows its focus", async () => {
    await report(browser, servers, faults, "只用键盘");
    const lin = await Visitor.arrive(browser, "lin", servers.office, faults);
    await logIn(lin, "lin", servers.accounts);
    await openTask(lin, "只用键盘");
    const { page } = lin;
    await page.evaluate(() => {
      const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
      let id = 0;
      for (const control of document.querySelectorAll(controls)) {
        if (!control.disabled && control.checkVisibility({ visibilityProperty: true })) control.dataset.seen = String(++id);
      }
    });
    const reached = new Set();
    for (let tab = 0; tab < TABS_MAX; tab += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === document.body || element === document.documentElement) return { end: true };
        const box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        const top = document.elementFromPoint(Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1), box.top + box.height / 2);
        return {
          seen: element.dataset.seen,
          name: `${element.tagName.toLowerCase()} ${element.name || element.textContent.trim().slice(0, 30)}`,
          inSight: box.bottom > 0 && box.top < innerHeight && box.width > 0,
          uncovered: !top || element.contains(top) || top.contains(element) || Boolean(element.labels?.length && [...element.labels].some((label) => label.contains(top))),
          ring: style.outlineStyle !== "none" && style.outlineWidth !== "0px",
        };
      });
      if (at.end || (at.seen && reached.has(at.seen))) break;
      assert.ok(at.inSight, `${at.name} has the focus and is out of sight`);
      assert.ok(at.uncovered, `${at.name} has the focus and is covered`);
      assert.ok(at.ring, `${at.name} has the focus and does not show it`);
      if (at.seen) reached.add(at.seen);
    }
    const missed = await page.evaluate((reached) => {
      const radioReached = (element) => element.type === "radio" && [...document.getElementsByName(element.name)].some((other) => reached.includes(other.dataset.seen));
      return [...document.querySelectorAll("[data-seen]")]
        .filter((element) => !reached.includes(element.dataset.seen) && !radioReached(element))
        .map((element) => `${element.tagName.toLowerCase()} ${element.name || element.textContent.trim().slice(0, 30)}`);
    }, [...reached]);
    assert.deepEqual(missed, [], "controls that the keyboard does not reach");
    await page.context().close();
  });

  it("a simple task takes three strokes: open, 1, Ctrl+Enter", async () => {
    const lin = await Visitor.arrive(browser, "lin", servers.office, faults);
    await logIn(lin, "lin", servers.accounts);
    await openTask(lin, "只用键盘");
    await lin.page.locator("main").focus();
    await lin.page.keyboard.press("1");
    await lin.page.keyboard.press("Control+Enter");
    await lin.page.getByRole("status").filter({ hasText: "已提交" }).waitFor();
    await lin.page.context().close();
  });
});

describe("off the walk", { concurrency: false }, () => {
  it("mistakes at the gate, pages that are not there, and what operators see", async () => {
    const yun = await Visitor.arrive(browser, "yun", servers.office, faults);
    const { page } = yun;
    await yun.open("/login");
    await page.getByLabel("账号").fill("yun");
    await page.getByLabel("密码").fill("not the password");
    await page.getByRole("button", { name: "登录" }).click();
    await page.getByRole("alert").waitFor();
    assert.equal(await page.getByLabel("账号").inputValue(), "yun");
    await yun.look("login-failed", { english: false });
    await logIn(yun, "yun", servers.accounts);
    for (const [path, name] of [["/inbox/todo", "inbox-empty"], ["/intake", "intake"], ["/outbox", "outbox"]]) {
      await yun.open(path);
      await yun.look(name);
    }
    yun.mayMiss = true;
    await yun.open("/no/such/page");
    await page.getByText("没有找到").first().waitFor();
    await yun.look("not-found", { english: false });
    yun.mayMiss = false;
    await page.context().close();
  });

  it("large text changes the size and breaks nothing", async () => {
    await report(browser, servers, faults, "大字也看得清");
    const lin = await Visitor.arrive(browser, "lin", servers.office, faults);
    await logIn(lin, "lin", servers.accounts);
    const size = () => lin.page.locator("h1").first().evaluate((title) => parseFloat(getComputedStyle(title).fontSize));
    await lin.open("/inbox/todo");
    const normal = await size();
    await lin.page.getByRole("link", { name: "大字", exact: true }).click();
    assert.ok((await size()) >= normal * 1.2, "the title grows by a fifth at least");
    await lin.look("inbox-large");
    await openTask(lin, "大字也看得清");
    await lin.look("task-large");
    await lin.page.context().close();
  });

  it("the platform's own demonstration pages", async () => {
    const citizen = await Visitor.arrive(browser, "citizen", servers.platform, faults);
    await citizen.open("/operator");
    await citizen.look("platform-operator");
    citizen.mayMiss = true;
    await citizen.open("/no/such/page");
    await citizen.look("platform-not-found", { english: false });
    await citizen.page.context().close();
  });
});

describe("on every page that was visited", { concurrency: false }, () => {
  it("nothing breaks the CSP, nothing is asked of other hosts", () => faults.assertNone());
});
