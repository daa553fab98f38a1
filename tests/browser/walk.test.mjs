// The first thing that must be true: an application travels from One-Net to the clerks and back, and the citizen holds the decision.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { chain } from "./support/chain.mjs";
import { decide, eventually, fillAll, logIn, logInAtPlatform, openTask, pdf, untilItSays } from "./support/people.mjs";
import { startServers } from "./support/servers.mjs";
import { Faults, Visitor, startBrowser } from "./support/watch.mjs";

const EVENT = "示范秋季祈福法会";
const ACTIVITY = "示范周日共修";
const MISSING = ["场地管理人同意使用的证明", "安全承诺书须加盖公章"];
const ITEM = /在线办理.*大型宗教活动许可.*甲区/;

// The synthetic identity number of the field standard's own tests.
const RESIDENT_ID = "310101199001010012";

let servers, browser, citizen;
const faults = new Faults();
const people = new Map();

/** The person's browser; she logs in the first time she is needed. */
async function person(login) {
  if (!people.has(login)) {
    const visitor = await Visitor.arrive(browser, login, servers.office, faults);
    await logIn(visitor, login, servers.accounts);
    people.set(login, visitor);
  }
  return people.get(login);
}

const everybody = () => [citizen, ...people.values()].filter(Boolean);
const step = chain(everybody);
const filing = chain(everybody);
const reporting = chain(everybody);

before(async () => {
  servers = await startServers();
  browser = await startBrowser();
  citizen = await Visitor.arrive(browser, "citizen", servers.platform, faults);
});

after(async () => {
  await browser?.close();
  await servers?.stop();
});

describe("1 a citizen applies on the platform", { concurrency: false }, () => {
  step("finds the item that the office published, and its guide", async () => {
    await citizen.open("/login");
    await citizen.look("platform-login");
    await logInAtPlatform(citizen, "示范寺");
    await eventually("the item is published", async () => {
      await citizen.open("/");
      return citizen.page.getByRole("link", { name: ITEM }).isVisible();
    });
    await citizen.look("platform-home");
    await citizen.page.getByRole("link", { name: /办事指南.*大型宗教活动许可.*甲区/ }).click();
    await citizen.page.getByRole("heading", { name: "申请材料" }).waitFor();
    await citizen.look("platform-guide");
  });

  step("is told what is wrong, and keeps what was typed", async () => {
    await citizen.open("/");
    await citizen.page.getByRole("link", { name: ITEM }).click();
    await citizen.look("platform-form");
    const page = citizen.page;
    await fillAll(page, { 活动名称: EVENT, 预计参加人数: "很多人" });
    await page.getByRole("button", { name: "提交申请" }).click();
    await page.getByText(/有 \d+ 处需要修改/).waitFor();
    assert.equal(await page.getByLabel("活动名称").inputValue(), EVENT);
    assert.equal(await page.getByLabel("预计参加人数").inputValue(), "很多人");
    await citizen.look("platform-form-mistakes", { english: false });
  });

  step("fills in the form, attaches files and gets an application number", async () => {
    const page = citizen.page;
    await fillAll(page, {
      活动名称: EVENT,
      在宗教活动场所外举行: true,
      活动目的: "传统节日祈福",
      活动内容与日程: "上午诵经，下午讲经，傍晚结束",
      活动开始日期: "2026-10-20",
      活动结束日期: "2026-11-08",
      每日开始时间: "09:00",
      每日结束时间: "17:00",
      活动地点: "示范市甲区示范广场",
      活动所在区: "黄浦区",
      场地核定容纳人数: "4000",
      预计参加人数: "5200",
      是否有露天环节: true,
      风险预测与安全措施: "分三个入口疏导，设医疗点两处，与消防站联动",
    });
    const steward = page.getByRole("group", { name: "第 1 行" });
    await fillAll(steward, { 姓名: "孙甲", 手机: "13800000011", 岗位职责: "总负责" });
    await fillAll(page, {
      活动安全工作方案: pdf("safety-plan.pdf", "Safety plan"),
      活动符合宗教仪轨的说明: pdf("rites.pdf", "Statement on the rites"),
      责任单位安全承诺书: pdf("promise.pdf", "Promise"),
    });
    await page.getByRole("button", { name: "提交申请" }).click();
    // a rule across fields, told where it is typed and not by the office afterwards; what was typed and attached stays
    const tooSoon = page.getByLabel("活动开始日期");
    await page.getByText("有 1 处需要修改").waitFor();
    assert.equal(await tooSoon.inputValue(), "2026-10-20");
    assert.equal(await tooSoon.getAttribute("aria-invalid"), "true");
    assert.equal(await steward.getByLabel("姓名").inputValue(), "孙甲");
    await citizen.look("platform-form-rule", { english: false });
    for (const file of ["safety-plan.pdf", "rites.pdf", "promise.pdf"]) await page.getByText(file).waitFor();
    await fillAll(page, { 活动开始日期: "2026-11-08" });
    await page.getByRole("button", { name: "提交申请" }).click();
    await page.locator("#application-no").waitFor();
    citizen.application = new URL(page.url()).pathname;
    citizen.number = (await page.locator("#application-no").innerText()).trim();
    assert.match(citizen.number, /\S{6,}/);
    await untilItSays(citizen, citizen.application, "已收件");
    await citizen.look("platform-application");
    await citizen.open("/applications");
    await citizen.page.getByText(citizen.number).first().waitFor();
    await citizen.look("platform-mine");
  });
});

describe("2 the window clerk asks for a correction", { concurrency: false }, () => {
  step("logs in for the first time", async () => {
    const visitor = await Visitor.arrive(browser, "wang", servers.office, faults);
    await visitor.open("/login");
    await visitor.look("login");
    await logIn(visitor, "wang", servers.accounts);
    people.set("wang", visitor);
    await visitor.open("/password");
    await visitor.look("password");
  });

  step("sees the task with its light, the data and the materials", async () => {
    const wang = await person("wang");
    await openTask(wang, EVENT);
    await wang.open("/inbox/todo");
    await wang.look("inbox");
    const row = await openTask(wang, EVENT);
    for (const light of ["●", "正常", "剩 5 个工作日"]) assert.ok(row.includes(light), `${light} in ${row}`);
    const main = wang.page.locator("main");
    for (const text of ["示范寺", "示范市甲区示范广场", "safety-plan.pdf", "promise.pdf", "受理审查"]) {
      await main.getByText(text).first().waitFor();
    }
    await wang.look("task");
  });

  step("gets the file that was attached, as it was", async () => {
    const { page } = await person("wang");
    const href = await page.getByRole("link", { name: "safety-plan.pdf" }).first().getAttribute("href");
    const file = await page.request.get(new URL(href, page.url()).href);
    assert.equal(file.status(), 200);
    assert.deepEqual(await file.body(), pdf("safety-plan.pdf", "Safety plan").buffer);
  });

  step("is refused without a list, and what was typed stays", async () => {
    const { page } = await person("wang");
    const form = page.getByRole("region", { name: "处理", exact: true });
    await form.getByRole("radio", { name: "一次性告知补正" }).check();
    await fillAll(form, { 受理意见: "材料尚不齐全" });
    await form.getByRole("button", { name: "提交", exact: true }).click();
    await page.getByRole("alert").first().waitFor();
    assert.equal(await page.getByLabel("受理意见", { exact: true }).inputValue(), "材料尚不齐全");
    assert.ok(await page.getByRole("radio", { name: "一次性告知补正" }).isChecked());
    await (await person("wang")).look("task-mistakes", { english: false });
  });

  step("tells everything that is missing at once", async () => {
    const wang = await person("wang");
    await decide(wang, "一次性告知补正", { 需要补正的全部内容: MISSING.join("\n") });
    await wang.look("inbox-after", { english: false });
  });
});

describe("3 the case goes its way", { concurrency: false }, () => {
  step("the citizen sees 补正 with the list and the notice, and supplies it", async () => {
    await untilItSays(citizen, citizen.application, "需要补正");
    const { page } = citizen;
    for (const missing of MISSING) await page.getByText(missing).first().waitFor();
    await citizen.look("platform-correction");
    await page.getByRole("link", { name: /补正通知书/ }).first().click();
    await page.getByText(MISSING[0]).first().waitFor();
    await citizen.look("platform-correction-notice", { english: false });
    await citizen.open(citizen.application);
    await page.getByRole("link", { name: "提交补正材料" }).click();
    await citizen.look("platform-supplement");
    await fillAll(page, {
      场地所有人或者管理人同意使用的证明: pdf("consent.pdf", "Consent of the owner"),
      责任单位安全承诺书: pdf("promise-sealed.pdf", "Promise with seal"),
    });
    await page.getByRole("button", { name: "提交补正", exact: true }).click();
    await page.locator("#application-no").waitFor();
  });

  step("the clerk sees the supplement and accepts", async () => {
    const wang = await person("wang");
    await openTask(wang, EVENT);
    for (const file of ["consent.pdf", "promise-sealed.pdf"]) await wang.page.getByText(file).first().waitFor();
    await decide(wang, "受理", { 受理意见: "材料齐全，符合法定形式" });
    await untilItSays(citizen, citizen.application, "已受理");
  });

  step("the handler consults public security", async () => {
    const lin = await person("lin");
    await openTask(lin, EVENT);
    await lin.look("task-review", { english: false });
    await decide(lin, "送公安等单位征求意见", { 示范市公安局甲区分局: true, 承办意见: "活动内容符合规定，请公安机关提出意见" });
  });

  step("public security gives its opinion", async () => {
    const gao = await person("gao");
    await openTask(gao, EVENT);
    assert.ok(!(await gao.page.locator("main").innerText()).includes("13800000011"), "a consulted unit sees no telephone numbers");
    await gao.look("task-opinion");
    await decide(gao, "提交意见", { "同意": true, 具体意见: "同意，届时派员维持秩序" });
  });

  step("experts review the event, as it is a large one", async () => {
    const lin = await person("lin");
    await openTask(lin, EVENT);
    await decide(lin, "登记评审结论", { 安全方案可行: true, 专家评审意见: "措施可行" });
  });

  step("the deputy director sees whose opinions there are, and decides", async () => {
    const zhou = await person("zhou");
    await openTask(zhou, EVENT);
    await zhou.page.getByText("同意，届时派员维持秩序").first().waitFor();
    const permit = zhou.page.locator(".verdict").filter({ hasText: "准予许可" }).first();
    assert.match(await permit.innerText(), /之后：再由主要领导（须是另一人）办理“主要领导审批”/, "a second decision is foretold");
    await zhou.look("task-decide");
    await decide(zhou, "准予许可", { 审批意见: "同意", 安全要求: "按安全工作方案执行\n人数不超过五千二百人" });
  });

  step("a second person decides where four eyes are demanded", async () => {
    const zhou = await person("zhou");
    await zhou.open("/inbox/todo");
    assert.equal(await zhou.page.getByRole("row").filter({ hasText: EVENT }).count(), 0, "the deputy director has no second say");
    await zhou.open("/inbox/doing");
    await zhou.page.getByRole("row").filter({ hasText: EVENT }).waitFor();
    await zhou.look("inbox-doing", { english: false });
    const xu = await person("xu");
    await openTask(xu, EVENT);
    await xu.look("task-director", { english: false });
    await decide(xu, "同意准予许可", { 主要领导意见: "同意" });
  });

  step("the city takes note of the district's decision", async () => {
    const chen = await person("chen");
    await openTask(chen, EVENT);
    await decide(chen, "收讫备案");
  });

  step("the whole case can be read: diagram, timeline, clocks", async () => {
    const zhou = await person("zhou");
    await zhou.open("/inbox/done");
    await zhou.look("inbox-done", { english: false });
    await zhou.page.getByRole("row").filter({ hasText: EVENT }).getByRole("link").first().click();
    for (const name of ["流程图", "时间线", "时限台账"]) await zhou.page.getByRole("heading", { name }).first().waitFor();
    await zhou.look("case");
    await zhou.page.getByRole("link", { name: /批准通知书|许可决定书/ }).first().click();
    await zhou.page.getByText(EVENT).first().waitFor();
    await zhou.look("document", { english: false });
  });
});

describe("4 the citizen holds the decision", { concurrency: false }, () => {
  step("sees 办结 and opens the document", async () => {
    await untilItSays(citizen, citizen.application, "办理结果");
    const { page } = citizen;
    await citizen.look("platform-closed");
    await page.getByRole("link", { name: /批准通知书|许可决定书/ }).first().click();
    const text = await page.locator("main").innerText();
    assert.match(text, new RegExp(EVENT));
    assert.match(text, /人数不超过五千二百人/);
    await citizen.look("platform-permit", { english: false });
  });

  step("rates the service", async () => {
    await citizen.open(citizen.application);
    const { page } = citizen;
    await page.getByRole("radio", { name: "非常满意", exact: true }).check();
    await page.getByLabel(/意见/).fill("很快，一次说清");
    await page.getByRole("button", { name: "提交评价" }).click();
    await page.getByRole("heading", { name: "您的评价" }).waitFor();
    await citizen.look("platform-rated", { english: false });
    const zhou = await person("zhou");
    await zhou.open("/inbox/done");
    await zhou.page.getByRole("row").filter({ hasText: EVENT }).getByRole("link").first().click();
    const at = zhou.page.url();
    await eventually("the office shows the rating", async () => {
      await zhou.page.goto(at);
      return (await zhou.page.locator("main").innerText()).includes("很快，一次说清");
    });
  });
});

describe("5 organisations work from accounts of their own", { concurrency: false }, () => {
  filing("a religious body files a member of the clergy and follows the filing", async () => {
    const zhao = await person("zhao");
    const { page } = zhao;
    await zhao.open("/start");
    await zhao.look("catalogue");
    await page.getByRole("link", { name: /开始填写.*宗教教职人员备案/ }).first().click();
    await zhao.look("start");
    await fillAll(page, {
      团体名称: "甲区佛教协会",
      统一社会信用代码: "51310101MB99003120",
      经办人姓名: "赵六",
      联系手机: "13900000002",
      教职人员姓名: "示某",
      性别: "男",
      公民身份号码: RESIDENT_ID,
      教职身份: "佛教·比丘",
      认定日期: "2026-10-01",
      宗教团体认定教职人员的证明材料: pdf("recognition.pdf", "Recognition"),
    });
    await page.getByRole("button", { name: "提交", exact: true }).click();
    await page.getByText(/有 \d+ 处需要修改/).waitFor();
    await page.getByText("recognition.pdf").waitFor();
    await zhao.look("start-mistake", { english: false });
    await fillAll(page, { 认定日期: "2026-09-01" });
    await page.getByRole("button", { name: "提交", exact: true }).click();
    await page.getByText(/已提交/).first().waitFor();
    await zhao.open("/portal");
    await zhao.look("portal");
    await page.getByRole("link", { name: /宗教教职人员备案/ }).first().click();
    await page.getByText("示某").first().waitFor();
    await zhao.look("portal-case");
    zhao.filing = new URL(page.url()).pathname;
  });

  filing("the district records it, and the body reads so", async () => {
    const wang = await person("wang");
    await openTask(wang, "宗教教职人员备案");
    assert.ok(!(await wang.page.locator("main").innerText()).includes(RESIDENT_ID), "the identity number is masked");
    await decide(wang, "材料齐全，送承办");
    const lin = await person("lin");
    await openTask(lin, "宗教教职人员备案");
    await decide(lin, "予以备案", { 核实意见: "认定属实，材料属实" });
    const zhao = await person("zhao");
    await untilItSays(zhao, zhao.filing, "已备案");
    await zhao.look("portal-case-recorded", { english: false });
  });

  reporting("a venue reports an activity, and it is taken note of", async () => {
    const feng = await person("feng");
    const { page } = feng;
    await feng.open("/start");
    await page.getByRole("link", { name: /开始填写.*日常活动报告/ }).first().click();
    await feng.look("start-report", { english: false });
    await fillAll(page, {
      场所名称: "示范寺",
      统一社会信用代码: "71310101MB9900515J",
      活动名称: ACTIVITY,
      活动类别: "讲经讲道",
      活动日期: "2026-10-11",
      每日开始时间: "09:00",
      每日结束时间: "11:00",
      场所内具体位置: "讲经堂",
      主办部门或者主持人: "知客处",
      预计人数: "60",
      姓名: "冯九",
      联系手机: "13900000001",
    });
    await page.getByRole("button", { name: "提交", exact: true }).click();
    await page.getByText(/已提交/).first().waitFor();
    const lin = await person("lin");
    await openTask(lin, ACTIVITY);
    await decide(lin, "收悉");
    await feng.open("/portal");
    await page.getByRole("link", { name: new RegExp(ACTIVITY) }).first().click();
    await untilItSays(feng, new URL(page.url()).pathname, "已收悉");
  });
});

describe("on every page that was visited", { concurrency: false }, () => {
  step("there were enough of them", () => assert.ok(faults.pages > 50, `only ${faults.pages} pages were looked at`));

  it("axe finds nothing, nothing breaks the CSP, nothing is asked of other hosts, nothing overflows", () => {
    faults.assertNone();
  });
});
