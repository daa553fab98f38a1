// Answering for every click: who looked, who did what, and changes that take two administrators.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe } from "node:test";
import { chain } from "./support/chain.mjs";
import { fillAll, logIn } from "./support/people.mjs";
import { startServers } from "./support/servers.mjs";
import { Faults, Visitor, startBrowser } from "./support/watch.mjs";

let servers, browser;
const faults = new Faults();
const here = {};

async function arrive(login) {
  here[login] = await Visitor.arrive(browser, login, servers.office, faults);
  await logIn(here[login], login, servers.accounts);
  return here[login];
}

/** A call of the API with the session that the page has. */
function call({ page }, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const token = document.querySelector("input[name=_csrf]").value;
      const headers = { "content-type": "application/json", "x-csrf-token": token, "idempotency-key": `${path} ${performance.now()}` };
      const answer = await fetch(`/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
      return { status: answer.status, body: await answer.json() };
    },
    [method, path, body],
  );
}

before(async () => {
  servers = await startServers();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await servers?.stop();
});

describe("an auditor", { concurrency: false }, () => {
  const step = chain(() => Object.values(here));

  step("a venue reports, and its handler opens the case", async () => {
    const feng = await arrive("feng");
    const data = {
      reporting_venue: { name: "示范寺", social_credit_code: "71310101MB9900515J" },
      ...{ activity_title: "周末讲经", activity_kind: "lecture", activity_date: "2026-10-11", start_time: "09:00", end_time: "11:00" },
      ...{ activity_place: "讲经堂", activity_host: "知客处", headcount: 60, safety_contact: { name: "冯九", contact_mobile: "13900000001" } },
    };
    const begun = await call(feng, "POST", "/start/activity-report", { data });
    assert.equal(begun.status, 200, JSON.stringify(begun.body));
    const lin = await arrive("lin");
    await lin.open(`/cases/${begun.body.case}`);
    await lin.page.getByText("显示最近的查看记录").click();
    assert.match(await lin.page.getByRole("region", { name: "谁看过" }).innerText(), /林二/);
    await lin.look("audit-case");
  });

  step("finds in one question who looked at a person's material, and what that one did", async () => {
    const shen = await arrive("shen");
    await shen.page.getByRole("button", { name: "立即核验" }).click();
    await shen.page.getByText(/已核验至第 \d+ 条/).waitFor();
    await shen.look("audit-list");
    await shen.page.getByRole("searchbox", { name: "谁看过" }).fill("冯九");
    await shen.page.getByRole("button", { name: "查", exact: true }).first().click();
    const rows = shen.page.getByRole("row");
    await rows.filter({ hasText: "林二" }).filter({ hasText: "查看办件" }).waitFor();
    await shen.look("audit-looked");
    await rows.getByRole("link", { name: "林二" }).first().click();
    await shen.page.getByRole("heading", { name: "“林二”做过什么" }).waitFor();
    await shen.page.getByRole("link", { name: /^第 \d+ 条$/ }).first().click();
    await shen.look("audit-row");
  });

  step("exports for a stated purpose, which is noted", async () => {
    const { shen } = here;
    await shen.open("/admin/audit?kind=case");
    await shen.page.getByText("导出", { exact: true }).first().click();
    await shen.page.getByLabel("导出目的").fill("季度检查");
    const coming = shen.page.waitForEvent("download");
    await shen.page.getByRole("button", { name: "导出", exact: true }).click();
    const text = await readFile(await (await coming).path(), "utf8");
    assert.match(text, /^\ufeff编号,时间,谁/);
    await shen.open("/admin/audit");
    await shen.page.getByRole("row").filter({ hasText: "导出审计" }).filter({ hasText: "季度检查" }).waitFor();
  });

  step("sees no business", async () => {
    await here.shen.open("/inbox/unit");
    assert.doesNotMatch(await here.shen.page.locator("main").innerText(), /周末讲经/);
  });
});

describe("two administrators", { concurrency: false }, () => {
  const step = chain(() => Object.values(here));

  step("one proposes that Lin becomes director", async () => {
    const guan = await arrive("guan");
    await guan.open("/admin/proposals");
    await guan.look("proposals-none");
    const { body } = await call(guan, "GET", "/people/lin");
    const changes = [{ change: "give_post", person: "lin", role: "director", unit: "jia" }];
    const proposal = { kind: "register", body: { version: body.version, changes }, reason: "徐五退休，由林二接任" };
    const made = await call(guan, "POST", "/proposals", proposal);
    assert.equal(made.status, 200, JSON.stringify(made.body));
    await guan.open("/admin/proposals");
    await guan.page.getByRole("row").getByRole("link").first().click();
    await guan.page.getByRole("button", { name: "撤回" }).waitFor();
    assert.equal(await guan.page.getByRole("button", { name: "同意", exact: true }).count(), 0);
  });

  step("the other sees old and new, and approves", async () => {
    const bao = await arrive("bao");
    await bao.open("/admin/proposals");
    await bao.look("proposals-waiting");
    await bao.page.getByRole("row").getByRole("link").first().click();
    await bao.page.getByText("主要领导").waitFor();
    await bao.look("proposal");
    await bao.page.getByRole("button", { name: "不同意" }).click();
    await bao.page.getByRole("alert").filter({ hasText: "请写明理由" }).waitFor();
    await bao.page.getByRole("button", { name: "同意", exact: true }).click();
    await bao.page.getByRole("status").filter({ hasText: "变更已生效" }).waitFor();
    await bao.look("proposals-decided");
  });

  step("two of the three give the third one's duty to somebody for an hour, and all are told", async () => {
    const { guan } = here;
    await guan.open("/admin/proposals");
    await guan.page.getByText("应急授权", { exact: true }).click();
    await fillAll(guan.page, { 代行的职责: "安全保密管理员", 被授权人: "林二", 理由: "鲍丁联系不上" });
    await guan.page.getByRole("button", { name: "提出应急授权" }).click();
    await guan.page.getByRole("status").filter({ hasText: "等待另一位管理员" }).waitFor();
    const { shen } = here;
    await shen.open("/admin/proposals");
    await shen.page.getByRole("row").filter({ hasText: "鲍丁联系不上" }).getByRole("link").first().click();
    await shen.page.getByRole("button", { name: "同意", exact: true }).click();
    await shen.page.getByText(/林二 代行“安全保密管理员”/).waitFor();
    await here.bao.open("/admin/people");
    await here.bao.page.getByText(/林二 代行“安全保密管理员”/).waitFor();
    await here.bao.look("emergency");
  });

  step("no page broke a rule", () => faults.assertNone());
});
