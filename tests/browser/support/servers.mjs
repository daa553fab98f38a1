// Starts what a user would start: the office with its demonstration data, and the simulator of One-Net, each a process of its own.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const binary = process.env.TONGBAN_BIN ?? join(root, "target/debug/tongban");
// A Monday in a week without holidays; everything that the walk fills in is dated from here.
export const NOW = "2026-09-28T10:00+08:00";
const TICK_MS = 300;
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 10_000;

export async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Whatever ends this process takes its children along.
const children = new Set();
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

/** A child process whose output is kept, and told when it fails. */
export class Running {
  constructor(name, args, program = binary) {
    this.name = name;
    this.output = "";
    this.child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    children.add(this.child);
    this.ended = new Promise((resolve) => {
      this.child.once("error", (error) => resolve(error.message));
      this.child.once("exit", (code, signal) => resolve(`ended with ${signal ?? code}`));
    });
    this.ended.then(() => children.delete(this.child));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.output += text));
    }
  }

  async answers(url) {
    let ended;
    this.ended.then((why) => (ended = why));
    const until = Date.now() + START_MS_MAX;
    while (!ended && Date.now() < until) {
      const found = await fetch(url, { redirect: "manual" }).catch(() => undefined);
      if (found && found.status < 500) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${this.name} does not answer at ${url}: ${ended ?? "time is up"}\n${this.output}`);
  }

  async stop() {
    this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), STOP_MS_MAX);
    await this.ended;
    clearTimeout(late);
  }
}

/** Lets everything that is due happen: where the clock is driven, nothing happens by itself. The clock stays where it is. */
function tick(office) {
  const body = JSON.stringify({ set: NOW });
  const headers = { "content-type": "application/json" };
  return setInterval(() => fetch(`${office}/test/clock`, { method: "POST", headers, body }).catch(() => undefined), TICK_MS);
}

/** Office and simulator on free ports over an empty folder; `stop()` ends both and removes the folder. `more(office, data)`
 * gives the office more arguments. */
export async function startServers(more = async () => []) {
  const data = await mkdtemp(join(tmpdir(), "tongban-browser-"));
  const [officePort, platformPort] = [await freePort(), await freePort()];
  const [office, platform] = [`http://127.0.0.1:${officePort}`, `http://127.0.0.1:${platformPort}`];
  const keys = join(data, "one-net.keys");
  const running = [];
  let ticking;
  const stop = async () => {
    clearInterval(ticking);
    await Promise.all(running.map((one) => one.stop()));
    await rm(data, { recursive: true, force: true });
  };
  const begin = async (name, url, args) => {
    const one = new Running(name, args);
    running.push(one);
    await one.answers(url);
    return one;
  };
  try {
    const oneNet = ["one-net", "--now", NOW, "--data", join(data, "one-net"), "--listen", `127.0.0.1:${platformPort}`, "--office", office, "--keys", keys];
    const simulator = await begin("the simulator", platform, oneNet);
    const serve = ["serve", "--demo", "--now", NOW, "--data", data, "--listen", `127.0.0.1:${officePort}`, "--one-net", platform, ...(await more(office, data))];
    const desk = await begin("the office", `${office}/login`, serve);
    ticking = tick(office);
    return { office, platform, data, stop, accounts: accounts(desk.output), output: () => `${desk.output}\n${simulator.output}` };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The first passwords that the office prints at its first start: login → password. */
function accounts(output) {
  const found = new Map();
  for (const [, login, password] of output.matchAll(/^\s*([a-z][a-z0-9-]*)\s+(\S{8,})(?:\s.*)?$/gm)) {
    found.set(login, password);
  }
  return found;
}
