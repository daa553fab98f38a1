// An administrator's first hour: the organisation from a spreadsheet, rights, a substitute, a leaver's work in other hands, and
// who looked at a person's file last week.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { organisation, spreadsheet, withFaults } from "./support/organisation.mjs";
import { fill, logIn, openTask, report } from "./support/people.mjs";
import { startServers } from "./support/servers.mjs";
import { Faults, Visitor, startBrowser } from "./support/watch.mjs";

const SEED = 20261123;
// A hundred passwords are hashed one after the other.
const PASSWORDS_MS_MAX = 180_000;

let servers, browser, keeper, granter;
const faults = new Faults();
const good = organisation(SEED);
const bad = withFaults(good);

async function arrive(login) {
  const visitor = await Visitor.arrive(browser, login, servers.office, faults);
  await logIn(visitor, login, servers.accounts);
  return visitor;
}

async function upload(visitor, name, content) {
  await visitor.open("/admin/import");
  await visitor.page.getByLabel("表格文件").setInputFiles(await spreadsheet(name, content));
  await visitor.page.getByRole("button", { name: "上传并预览" }).click();
}

/** What is said of each cell. */
async function assertTold(visitor, expected) {
  const rows = visitor.page.getByRole("table").first().getByRole("row");
  assert.equal(await rows.count(), Object.keys(expected).length + 1, await visitor.page.locator("main").innerText());
  for (const [cell, message] of Object.entries(expected)) {
    await rows.filter({ has: visitor.page.getByText(cell, { exact: true }) }).filter({ hasText: message }).waitFor();
  }
}

async function confirm(visitor) {
  await visitor.page.getByLabel(/我已核对/).check();
  await visitor.page.getByRole("button", { name: "确认导入" }).click();
  await visitor.page.getByRole("status").filter({ hasText: "已导入" }).waitFor();
}

/** Gives a post; one with duties needs a reason, and waits for the other administrator. */
async function givePost(person, role, unit, reason) {
  await granter.open(`/admin/people/${person}`);
  await granter.page.getByText("授予岗位", { exact: true }).first().click();
  const form = granter.page.getByRole("region", { name: "岗位" });
  await form.getByLabel("角色").selectOption({ label: role });
  await form.getByLabel("机构").selectOption(unit);
  if (reason) await form.getByLabel(/^理由/).last().fill(reason);
  await form.getByRole("button", { name: "授予岗位" }).click();
  await granter.page.getByRole("status").filter({ hasText: reason ? "等待另一位管理员" : "已保存" }).waitFor();
}

before(async () => {
  servers = await startServers();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await servers?.stop();
});

describe("an administrator's first hour", { concurrency: false }, () => {
  it("a spreadsheet with faults is told cell by cell, and changes nothing", async () => {
    keeper = await arrive("guan");
    await upload(keeper, "机构.xlsx", bad);
    await assertTold(keeper, bad.keeper);
    await keeper.look("import-faults", { english: false });
    await keeper.open("/admin/units");
    assert.equal(await keeper.page.getByText("虚构第1区办公室").count(), 0);
  });

  it("once mended it is imported: 16 districts and 300 people", async () => {
    await upload(keeper, "机构.xlsx", good);
    const row = (name) => keeper.page.getByRole("row").filter({ hasText: name }).first().innerText();
    assert.match(await row("机构"), /机构\s+16\s+0\s+0/);
    assert.match(await row("人员"), /人员\s+300\s+0\s+0/);
    await keeper.look("import-preview", { english: false });
    await confirm(keeper);
    await keeper.look("import-done");
    await keeper.open("/admin/units");
    await keeper.page.getByRole("link", { name: "虚构第16区办公室", exact: true }).waitFor();
    await keeper.look("units");
  });

  it("the security officer gives the posts, from the same spreadsheet and by hand", async () => {
    granter = await arrive("bao");
    await upload(granter, "机构.xlsx", { ...good, posts: bad.posts });
    await assertTold(granter, bad.granter);
    await upload(granter, "机构.xlsx", good);
    assert.match(await granter.page.getByRole("row").filter({ hasText: "岗位" }).first().innerText(), /岗位\s+300\s+0\s+0/);
    await confirm(granter);
    await givePost("p003", "分管领导", "d01");
    await granter.look("person-granter");
    await keeper.open("/admin/people/p003");
    await keeper.page.getByRole("row").filter({ hasText: "分管领导" }).waitFor();
    await keeper.look("person-keeper");
    await keeper.open("/admin/people?unit=d03");
    await keeper.look("people");
  });

  it("a post with duties waits until the system administrator agrees", async () => {
    await givePost("p005", "运行维护员", "d01", "新任运行维护");
    await keeper.open("/admin/people/p005");
    assert.equal(await keeper.page.getByRole("row").filter({ hasText: "运行维护员" }).count(), 0);
    await keeper.page.getByRole("link", { name: /待确认变更/ }).click();
    await keeper.page.getByRole("row").filter({ hasText: "新任运行维护" }).getByRole("link").first().click();
    await keeper.page.getByRole("button", { name: "同意", exact: true }).click();
    await keeper.page.getByRole("status").filter({ hasText: "变更已生效" }).waitFor();
    await keeper.open("/admin/people/p005");
    await keeper.page.getByRole("row").filter({ hasText: "运行维护员" }).waitFor();
  });

  it("first passwords are made for everybody, and shown once", async () => {
    for (const last of ["p100", "p200", "p300"]) {
      await keeper.open("/admin/import");
      await keeper.page.getByRole("button", { name: "生成并显示打印页" }).click({ noWaitAfter: true });
      await keeper.page.getByRole("row").filter({ hasText: last }).waitFor({ timeout: PASSWORDS_MS_MAX });
      for (const row of await keeper.page.getByRole("row").all()) {
        const [login, password] = (await row.getByRole("cell").allInnerTexts()).slice(-2);
        if (login) servers.accounts.set(login.trim(), password.trim());
      }
    }
    await keeper.open("/admin/import");
    assert.equal(await keeper.page.getByRole("button", { name: "生成并显示打印页" }).count(), 0);
  });

  it("a clerk names her substitute", async () => {
    const clerk = await arrive("p001");
    await clerk.page.getByRole("link", { name: "我的代理" }).click();
    await fill(clerk.page, "代理人", "虚构员2");
    await fill(clerk.page, "至（含当日）", "2026-10-10");
    await clerk.page.getByRole("button", { name: "指定代理人" }).click();
    await clerk.page.getByText("虚构员2 代理 虚构员1").waitFor();
    await clerk.look("my-substitute");
    await clerk.page.context().close();
  });

  it("a leaver's work is handed over before she leaves", async () => {
    await report(browser, servers, faults, "移交前的报告");
    const leaver = await arrive("lin");
    await openTask(leaver, "移交前的报告");
    await leaver.page.getByRole("button", { name: "领取", exact: true }).click();
    await leaver.page.getByRole("status").filter({ hasText: "领取" }).waitFor();
    await keeper.open("/admin/people/lin");
    await keeper.page.getByRole("link", { name: "移交工作" }).click();
    await keeper.page.getByText("没有其他人担任这个岗位").first().waitFor();
    assert.equal(await keeper.page.getByText("移交前的报告").count(), 0, "what is in a case is not for who keeps people");
    await givePost("p004", "承办人", "jia");
    await keeper.open("/admin/people/lin/hand-over");
    await keeper.page.getByText("● 虚构员4").first().waitFor();
    await keeper.look("hand-over");
    await fill(keeper.page, "原因", "调离本单位");
    await keeper.page.getByLabel(/我已核对/).check();
    await keeper.page.getByRole("button", { name: "执行移交" }).click();
    await keeper.page.getByRole("status").filter({ hasText: "并办理离任" }).waitFor();
    await keeper.look("person-left");
    const receiver = await arrive("p004");
    await receiver.open("/inbox/todo");
    await receiver.page.getByRole("row").filter({ hasText: "移交前的报告" }).waitFor();
    await receiver.page.context().close();
  });

  it("the auditor finds who looked at a person's file last week", async () => {
    const headers = { "content-type": "application/json" };
    await fetch(`${servers.office}/test/clock`, { method: "POST", headers, body: JSON.stringify({ set: "2026-10-08T09:00" }) });
    const auditor = await arrive("shen");
    await auditor.page.getByRole("searchbox", { name: "谁看过" }).fill("冯九");
    await auditor.page.getByRole("button", { name: "查", exact: true }).first().click();
    await auditor.page.getByText("按条件查", { exact: true }).click();
    const filter = auditor.page.getByRole("search");
    await fill(filter, "自", "2026-09-28");
    await fill(filter, "至", "2026-10-04");
    await filter.getByRole("button").click();
    const row = auditor.page.getByRole("row").filter({ hasText: "林二" }).filter({ hasText: "查看办件" });
    await row.first().waitFor();
    await auditor.look("audit-last-week");
    await row.first().getByRole("link", { name: "林二" }).click();
    await auditor.page.getByRole("heading", { name: "“林二”做过什么" }).waitFor();
    await auditor.page.context().close();
  });

  it("no page breaks a rule on the way", () => faults.assertNone());
});
