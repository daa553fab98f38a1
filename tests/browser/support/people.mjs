// What people do on the pages, said as they would say it: by label, role and text.
import assert from "node:assert/strict";
import { Visitor } from "./watch.mjs";

/** A small PDF that is one. */
export function pdf(name, words) {
  const text = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>/Contents 4 0 R>>endobj
4 0 obj<</Length ${words.length + 32}>>stream
BT /F1 18 Tf 72 760 Td (${words}) Tj ET
endstream endobj
trailer<</Root 1 0 R>>
%%EOF
`;
  return { name, mimeType: "application/pdf", buffer: Buffer.from(text) };
}

/** The input with this label; else the first whose label begins so (“（必填）” may follow), else the first that has it in its label. */
async function labelled(within, label) {
  const begins = new RegExp(`^${label.replace(/[()（）.]/g, "\\$&")}`);
  for (const found of [within.getByLabel(label, { exact: true }), within.getByLabel(begins)]) {
    if (await found.count()) return found.first();
  }
  return within.getByLabel(label).first();
}

/** Fills in one labelled input of whatever kind. */
export async function fill(within, label, value) {
  const field = await labelled(within, label);
  const tag = await field.evaluate((element) => `${element.tagName} ${element.type}`);
  if (tag === "INPUT checkbox" || tag === "INPUT radio") return field.setChecked(Boolean(value));
  if (tag.startsWith("FIELDSET")) return field.getByLabel(value, { exact: true }).check();
  if (tag === "INPUT file") return field.setInputFiles(value);
  if (tag.startsWith("SELECT")) return field.selectOption({ label: value });
  return field.fill(value);
}

export async function fillAll(within, values) {
  for (const [label, value] of Object.entries(values)) await fill(within, label, value);
}

const NEW_PASSWORD = "一句只有自己知道的话 2026";

/** Logs in to the office for the first time: the printed password is changed at once. */
export async function logIn(visitor, login, accounts) {
  const { page } = visitor;
  await visitor.open("/login");
  await page.getByLabel("账号").fill(login);
  await page.getByLabel("密码").fill(accounts.get(login) ?? assert.fail(`no first password was printed for ${login}`));
  await page.getByRole("button", { name: "登录" }).click();
  if (new URL(page.url()).pathname === "/password") {
    await page.getByLabel("现在的密码").fill(accounts.get(login));
    await page.getByLabel("新密码", { exact: true }).fill(NEW_PASSWORD);
    await page.getByLabel("再次输入新密码").fill(NEW_PASSWORD);
    await page.getByRole("button", { name: "保存新密码" }).click();
    accounts.set(login, NEW_PASSWORD);
  }
  await page.getByRole("button", { name: "退出" }).waitFor();
}

/** Takes one of the identities that the simulator offers. */
export async function logInAtPlatform(visitor, name) {
  await visitor.open("/login");
  await visitor.page.getByRole("button", { name: `以此身份登录：${name}` }).click();
  await visitor.page.getByText("当前身份").waitFor();
}

/** Opens the task whose row speaks of `title`; the task may still be on its way from the platform. */
export async function openTask(visitor, title) {
  await eventually(`${visitor.name} finds ${title} in the inbox`, async () => {
    await visitor.open("/inbox/todo");
    return visitor.page.getByRole("row").filter({ hasText: title }).getByRole("link").first().isVisible();
  });
  const row = visitor.page.getByRole("row").filter({ hasText: title });
  const light = await row.innerText();
  await row.getByRole("link").first().click();
  await visitor.page.getByRole("heading", { name: "处理", exact: true }).waitFor();
  return light;
}

/** Chooses a verdict, fills in what it asks for, and submits. */
export async function decide(visitor, verdict, values = {}) {
  const form = visitor.page.getByRole("region", { name: "处理", exact: true });
  await form.getByRole("radio", { name: new RegExp(`^${verdict}(\\s|（|$)`) }).check();
  await fillAll(form, values);
  await form.getByRole("button", { name: "提交", exact: true }).click();
  await visitor.page.getByRole("status").filter({ hasText: "已提交" }).waitFor();
}

/** Asks again until it is so: messages travel between two processes. */
export async function eventually(what, ask, ms = 20_000) {
  const until = Date.now() + ms;
  while (!(await ask())) {
    assert.ok(Date.now() < until, `${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Opens a page again until it says `text`. */
export async function untilItSays(visitor, path, text) {
  await eventually(`${visitor.name} reads “${text}” at ${path}`, async () => {
    await visitor.open(path);
    return (await visitor.page.locator("main").innerText()).includes(text);
  });
}

/** A venue reports, so that the handler has a task with this title. */
export async function report(browser, servers, faults, title) {
  const feng = await Visitor.arrive(browser, "feng", servers.office, faults);
  await logIn(feng, "feng", servers.accounts);
  await feng.open("/start");
  await feng.page.getByRole("link", { name: /开始填写.*日常活动报告/ }).first().click();
  await fillAll(feng.page, {
    场所名称: "示范寺",
    统一社会信用代码: "71310101MB9900515J",
    活动名称: title,
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
  await feng.page.getByRole("button", { name: "提交", exact: true }).click();
  await feng.page.getByText(/已提交/).first().waitFor();
  await feng.page.context().close();
}
