// Logging in: with a second factor from a telephone, and through an identity platform that is a real one.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { chain } from "./support/chain.mjs";
import { logIn } from "./support/people.mjs";
import { NOW, Running, freePort, root, startServers } from "./support/servers.mjs";
import { code } from "./support/telephone.mjs";
import { Faults, Visitor, startBrowser } from "./support/watch.mjs";

const SECRET = "shared-with-the-platform-of-this-test-only";
let servers, platform, address, browser, xu, wang, key;
let now = new Date(NOW).getTime();
const faults = new Faults();
const step = chain(() => [xu, wang].filter(Boolean));

/** The platform, and the office's settings of it. */
async function withPlatform(office, data) {
  const port = await freePort();
  address = `http://127.0.0.1:${port}`;
  platform = new Running("the identity platform", [join(root, "tests/browser/support/identity_platform.mjs"), String(port), office], process.execPath);
  await platform.answers(`${address}/.well-known/openid-configuration`);
  await writeFile(join(data, "platform.secret"), SECRET, { mode: 0o600 });
  const settings = `name: {zh: 统一身份认证, en: City identity}
issuer: ${address}
client_id: tongban
client_secret_file: platform.secret
redirect: ${office}/login/platform/return
after_log_out: ${office}/login
bind_by: mail
`;
  await writeFile(join(data, "platform.yaml"), settings);
  return ["--oidc", join(data, "platform.yaml")];
}

/** Turns the office's clock on. */
async function later(ms) {
  now += ms;
  const headers = { "content-type": "application/json" };
  const turned = await fetch(`${servers.office}/test/clock`, { method: "POST", headers, body: JSON.stringify({ set: new Date(now).toISOString() }) });
  assert.equal(turned.status, 200, await turned.text());
}

const heading = (visitor, name) => visitor.page.getByRole("heading", { name, exact: true }).waitFor();
const button = (visitor, name) => visitor.page.getByRole("button", { name, exact: true });

/** At the platform's own page. */
async function atPlatform(visitor, who, { otp = false, button = "Log in" } = {}) {
  await visitor.page.getByLabel("Identity").fill(who);
  if (otp) await visitor.page.getByLabel("one-time code").check();
  await visitor.page.getByRole("button", { name: button }).click();
}

before(async () => {
  servers = await startServers(withPlatform);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await platform?.stop();
  await servers?.stop();
});

describe("a second factor from a telephone", { concurrency: false }, () => {
  step("is enrolled on one's own account page", async () => {
    xu = await Visitor.arrive(browser, "xu", servers.office, faults, {}, [address]);
    await xu.open("/login");
    await xu.look("login");
    await logIn(xu, "xu", servers.accounts);
    await xu.page.getByRole("link", { name: "账号", exact: true }).click();
    await heading(xu, "我的账号");
    await xu.look("account");
    await button(xu, "设置动态验证码").click();
    await heading(xu, "设置动态验证码");
    await xu.look("factor");
    key = await xu.page.locator("code.secret").innerText();
    await xu.page.getByLabel("应用中现在显示的验证码").fill(code(key, now));
    await button(xu, "确认").click();
    await heading(xu, "恢复码");
    assert.equal(await xu.page.locator(".codes code").count(), 10);
    await xu.look("recovery", { english: false });
  });

  step("is asked for at the next log-in, and a code counts once", async () => {
    await button(xu, "退出").click();
    await xu.page.getByLabel("账号").fill("xu");
    await xu.page.getByLabel("密码").fill(servers.accounts.get("xu"));
    await button(xu, "登录").click();
    await heading(xu, "第二重验证");
    await xu.look("login-factor");
    await xu.page.getByLabel("动态验证码").fill(code(key, now));
    await button(xu, "登录").click();
    await xu.page.getByRole("alert").filter({ hasText: "验证码不对" }).waitFor();
    await later(30_000);
    await xu.page.getByLabel("动态验证码").fill(code(key, now));
    await button(xu, "登录").click();
    await button(xu, "退出").waitFor();
  });

  step("is asked for again before what matters, and one goes on where one was", async () => {
    await later(6 * 60_000);
    await xu.open("/account");
    await button(xu, "换一部手机").click();
    await heading(xu, "再次确认身份");
    await xu.look("step-up", { english: false });
    await xu.page.getByLabel("动态验证码").fill(code(key, now));
    await button(xu, "确认并继续").click();
    await heading(xu, "设置动态验证码");
    assert.notEqual(await xu.page.locator("code.secret").innerText(), key, "a new key is offered");
  });

  step("accounts of others are kept by who has the duty", async () => {
    const guan = await Visitor.arrive(browser, "guan", servers.office, faults);
    await logIn(guan, "guan", servers.accounts);
    await guan.page.getByRole("link", { name: "账号管理" }).click();
    await heading(guan, "账号管理");
    await guan.look("accounts");
    await guan.open("/accounts/xu");
    await guan.look("account-of");
    await button(guan, "发给新的初始密码").click();
    await guan.page.getByRole("status").filter({ hasText: "新的初始密码" }).waitFor();
  });
});

describe("through the identity platform", { concurrency: false }, () => {
  step("somebody with a verified mail address comes in as who she is here", async () => {
    wang = await Visitor.arrive(browser, "wang", servers.office, faults, {}, [address]);
    await wang.open("/start");
    await wang.page.getByRole("link", { name: "通过统一身份认证登录" }).click();
    await atPlatform(wang, "uid-1001");
    await wang.page.waitForURL(`${servers.office}/start`);
    assert.match(await wang.page.locator(".bar-person").innerText(), /王/);
    await wang.open("/account");
    assert.match(await wang.page.locator("main").innerText(), /uid-1001/);
    assert.equal(await wang.page.getByRole("link", { name: "修改密码" }).count(), 0, "she has no password here");
  });

  step("shows there anew who she is", async () => {
    await later(6 * 60_000);
    await wang.open("/account");
    await button(wang, "设置动态验证码").click();
    await heading(wang, "再次确认身份");
    await wang.look("step-up-platform", { english: false });
    await wang.page.getByRole("link", { name: "到身份认证平台确认" }).click();
    await atPlatform(wang, "uid-1001", { otp: true });
    await wang.page.waitForURL(`${servers.office}/account/factor`);
    await button(wang, "设置动态验证码").click();
    await wang.page.locator("code.secret").waitFor();
  });

  step("logs out here, and there if she wants", async () => {
    await button(wang, "退出").click();
    await heading(wang, "已退出");
    await wang.look("logged-out", { english: false });
    await wang.page.getByRole("link", { name: "同时退出统一身份认证" }).click();
    await wang.page.getByRole("button", { name: "Log out" }).click();
    await wang.page.waitForURL(`${servers.office}/login`);
    await wang.page.getByRole("link", { name: "通过统一身份认证登录" }).click();
    await wang.page.getByLabel("Identity").waitFor();
  });

  step("who turns back there, or is nobody here, is told so", async () => {
    await atPlatform(wang, "uid-1001", { button: "Not now" });
    await wang.page.getByRole("alert").filter({ hasText: "没有完成认证" }).waitFor();
    await wang.page.getByRole("link", { name: "通过统一身份认证登录" }).click();
    // her address is not verified: anybody could have written it there
    await atPlatform(wang, "uid-1002");
    await wang.page.getByRole("alert").filter({ hasText: "尚未与本系统的人员绑定" }).waitFor();
    await wang.look("login-refused", { english: false });
  });

  step("what comes back to another browser is not taken", async () => {
    const other = await Visitor.arrive(browser, "other", servers.office, faults, {}, [address]);
    await other.open("/login/platform/return?code=stolen&state=stolen");
    await other.page.getByRole("alert").filter({ hasText: "不是从本浏览器发起的" }).waitFor();
  });
});

it("no page broke a rule", () => faults.assertNone());
