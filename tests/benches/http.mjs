// How fast tasks are completed over the JSON API, and what the desk weighs: start from an empty folder to the first page,
// memory of the idle server, bytes of a first visit. TONGBAN_BIN names a release binary; `make bench` does.
//
// Client and server share the machine, so these figures say what an office's own computer would do, not what the server
// alone could.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Person, Running, freePort, freshDatabase, killAll, postgres, report } from "../faults/processes.mjs";

const ROUNDS = 5;
const TASKS = Number(process.env.TONGBAN_BENCH_TASKS ?? 400);

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const median = (numbers) => sorted(numbers)[Math.floor(numbers.length / 2)];
const spread = (numbers, digits = 0) => `${median(numbers).toFixed(digits)} (${sorted(numbers)[0].toFixed(digits)}–${sorted(numbers).at(-1).toFixed(digits)})`;
const quantile = (numbers, share) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];

async function start(database = "SQLite") {
  const data = mkdtempSync(join(tmpdir(), "tongban-bench-"));
  const address = `127.0.0.1:${await freePort()}`;
  const begun = performance.now();
  const args = ["serve", "--demo", "--data", data, "--listen", address];
  if (database === "PostgreSQL") args.push("--store", freshDatabase());
  const desk = await new Running(args).answers(`http://${address}/login`);
  return { desk, data, office: `http://${address}`, startMs: performance.now() - begun };
}

/** Runs `work` over `items` with `count` clients at a time. */
async function clients(count, items, work) {
  const queue = [...items];
  await Promise.all(Array.from({ length: count }, async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  }));
}

async function complete({ desk, office }, count, round) {
  const passwords = desk.passwords();
  const person = (login) => new Person(office, login, passwords.get(login));
  const [venue, handler] = [person("feng"), person("lin")];
  await Promise.all([venue.logIn(), handler.logIn()]);
  const cases = [];
  const numbers = Array.from({ length: TASKS }, (_, number) => number);
  await clients(8, numbers, async (number) => {
    const { status, body } = await venue.call("POST", "/start/activity-report", { data: report }, `${round}-${count}-${number}`);
    if (status !== 200) throw new Error(`start: ${status} ${JSON.stringify(body)}`);
    cases.push(body.case);
  });
  const task = (await handler.call("GET", "/inbox/todo?process=activity-report")).body.tasks[0].task;
  const latencies = [];
  const begun = performance.now();
  await clients(count, cases, async (id) => {
    const sent = performance.now();
    const { status, body } = await handler.call("POST", `/cases/${id}/tasks/${task}/complete`, { action: "acknowledge", data: {} }, `done-${id}`);
    if (status !== 200) throw new Error(`complete: ${status} ${JSON.stringify(body)}`);
    latencies.push(performance.now() - sent);
  });
  return { rate: (TASKS * 1000) / (performance.now() - begun), p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}

/** Bytes that a first visit to a page takes, packed: the page and what it links to. */
async function weight(office, path, cookie) {
  const get = async (url) => Buffer.from(await (await fetch(url, { headers: { cookie } })).arrayBuffer());
  const page = await get(`${office}${path}`);
  const links = [...page.toString().matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, link]) => link);
  const parts = await Promise.all([...new Set(links)].map((link) => get(`${office}${link}`)));
  return [page, ...parts].reduce((sum, part) => sum + gzipSync(part).length, 0) / 1024;
}

async function measure(database) {
  for (const count of [1, 8]) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const place = await start(database);
      rounds.push(await complete(place, count, round));
      await place.desk.kill();
      rmSync(place.data, { recursive: true, force: true });
    }
    const of = (part, digits) => spread(rounds.map((round) => round[part]), digits);
    console.log(`${database}, ${count} client(s): ${of("rate")} tasks/s, p50 ${of("p50", 1)} ms, p99 ${of("p99", 1)} ms`);
  }
}

try {
  await measure("SQLite");
  if (postgres) await measure("PostgreSQL");
  else console.log("PostgreSQL: not measured, TEST_POSTGRES_URL is not set");
  const starts = [];
  let place;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (place) await place.desk.kill();
    place = await start();
    starts.push(place.startMs);
  }
  console.log(`start from an empty folder to the first page: ${spread(starts)} ms`);
  const status = readFileSync(`/proc/${place.desk.child.pid}/status`, "utf8");
  console.log(`memory of the idle server: ${(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024).toFixed(0)} MiB`);
  const passwords = place.desk.passwords();
  const [venue, handler] = ["feng", "lin"].map((login) => new Person(place.office, login, passwords.get(login)));
  const { body } = await venue.call("POST", "/start/activity-report", { data: report }, "weigh");
  await handler.logIn();
  const { task } = (await handler.call("GET", "/inbox/todo")).body.tasks[0];
  for (const [page, path] of [["inbox", "/inbox/todo"], ["task", `/cases/${body.case}/tasks/${task}`], ["case", `/cases/${body.case}`]]) {
    console.log(`first visit of the ${page} page: ${(await weight(place.office, path, `sid=${handler.token}`)).toFixed(1)} KiB gzip`);
  }
} finally {
  killAll();
}
