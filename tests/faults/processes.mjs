// Processes of the built binary, started and killed by tests and benchmarks, and people at its API.
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const binary = process.env.TONGBAN_BIN ?? join(root, "target/debug/tongban");
const START_MS_MAX = 60_000;
const children = new Set();

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The PostgreSQL server that tests are given, if any (tests/postgres/with). */
export const postgres = process.env.TEST_POSTGRES_URL || undefined;
let databases = 0;

/** The address of a fresh database on that server. */
export function freshDatabase() {
  const name = `j${process.pid}_${(databases += 1)}`;
  const sql = `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`;
  const { status, stderr, error } = spawnSync("psql", [postgres, "-q", "-c", sql], { encoding: "utf8" });
  if (status !== 0) throw new Error(`psql: ${error ?? stderr}`);
  const address = new URL(postgres);
  address.pathname = `/${name}`;
  return address.href;
}

/** Kills whatever still runs. */
export function killAll() {
  for (const child of children) child.kill("SIGKILL");
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A process of the binary. */
export class Running {
  constructor(args) {
    this.output = "";
    this.child = spawn(binary, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    children.add(this.child);
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
    for (const stream of [this.child.stdout, this.child.stderr]) stream.setEncoding("utf8").on("data", (text) => (this.output += text));
  }

  /** Itself, once `url` answers. */
  async answers(url) {
    for (const until = Date.now() + START_MS_MAX; Date.now() < until; await wait(10)) {
      const found = await fetch(url, { redirect: "manual" }).catch(() => undefined);
      if (found && found.status < 500) return this;
      if (this.child.exitCode !== null) break;
    }
    throw new Error(`${url} does not answer\n${this.output}`);
  }

  /** The first passwords that the office printed: login → password. */
  passwords() {
    return new Map([...this.output.matchAll(/^\s*([a-z][a-z0-9-]*)\s+(\S{8,})(?:\s.*)?$/gm)].map(([, login, password]) => [login, password]));
  }

  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
    children.delete(this.child);
  }
}

/** A person at the API of `office`; logs in again whenever the office has forgotten her. */
export class Person {
  constructor(office, login, password) {
    Object.assign(this, { office, login, password, token: undefined });
  }

  async call(method, path, body, key, answerMsMax = 15_000) {
    const headers = { "content-type": "application/json", ...(key && { "idempotency-key": key }) };
    if (path !== "/session") headers.authorization = `Bearer ${this.token ?? (await this.logIn())}`;
    const signal = AbortSignal.timeout(answerMsMax);
    const response = await fetch(`${this.office}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body), signal });
    if (response.status === 401 && path !== "/session") this.token = undefined;
    return { status: response.status, body: await response.json().catch(() => undefined) };
  }

  async logIn() {
    const { status, body } = await this.call("POST", "/session", { login: this.login, password: this.password });
    if (status !== 200) throw new Error(`log-in: ${status}`);
    return (this.token = body.token);
  }
}

/** A date so many days from today, as forms want it. */
export const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** What a venue of the demonstration office reports. */
export const report = {
  reporting_venue: { name: "示范寺", social_credit_code: "71310101MB9900515J" },
  activity_title: "周末讲经", activity_kind: "lecture", activity_date: inDays(20), start_time: "09:00", end_time: "11:00",
  activity_place: "讲经堂", activity_host: "弘法组", headcount: 120, safety_contact: { name: "冯九", contact_mobile: "13800000009" },
};
