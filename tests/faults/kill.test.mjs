// The office is killed at any moment, thirty times, on SQLite, or on PostgreSQL where TEST_POSTGRES_URL names a server, while eight clients work and the platform talks to it. Whatever was
// acknowledged must still be there, with the same answer; nothing may have happened twice.
//
// Clients write every acknowledged command to a log of their own before they go on; an unknown outcome is tried again with
// the same key. In the end every acknowledged command is sent once more: it must get the answer that it got then.
import assert from "node:assert/strict";
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Person, Running, freePort, freshDatabase, inDays, killAll, postgres, report, wait } from "./processes.mjs";

const ROUNDS = Number(process.env.TONGBAN_ROUNDS ?? 30);
const [KILL_MS_MIN, KILL_MS_MAX] = [50, 1500];
const DRAIN_MS_MAX = 120_000;

const folder = mkdtempSync(join(tmpdir(), "tongban-faults-"));
const data = join(folder, "data");
after(() => {
  killAll();
  rmSync(folder, { recursive: true, force: true });
});

const [officePort, platformPort] = [await freePort(), await freePort()];
const [office, platform] = [`http://127.0.0.1:${officePort}`, `http://127.0.0.1:${platformPort}`];
const store = postgres ? ["--store", freshDatabase()] : [];
const serve = () =>
  new Running(["serve", "--demo", "--data", data, "--listen", `127.0.0.1:${officePort}`, "--one-net", platform, ...store]).answers(`${office}/healthz`);

/** What was acknowledged, on disk outside the office's folder before the client goes on. */
class AckLog {
  constructor() {
    this.path = join(folder, "acknowledged.jsonl");
    this.file = openSync(this.path, "a");
    this.count = 0;
  }

  add(entry) {
    writeSync(this.file, `${JSON.stringify(entry)}\n`);
    fsyncSync(this.file);
    this.count += 1;
  }

  all() {
    closeSync(this.file);
    return readFileSync(this.path, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  }
}

const log = new AckLog();
let working = true;
let killedAt = 0;
let afterLastKill = 0;

/** A person who sends each command until its outcome is known. */
class Client extends Person {
  /** A command until its outcome is known; an acknowledgement is logged. */
  async command(path, body, key) {
    for (;;) {
      const answer = await this.call("POST", path, body, key).catch(() => undefined);
      if (answer?.status === 200) {
        log.add({ login: this.login, path, body, key, answer: answer.body });
        if (killedAt === ROUNDS) afterLastKill += 1;
        return answer;
      }
      // A refusal is an outcome; a cut connection, a restart or a lost session is not.
      if (answer && answer.status >= 400 && answer.status < 500 && answer.status !== 401 && answer.status !== 429) return answer;
      if (!working && killedAt === ROUNDS && !answer) return undefined;
      await wait(20);
    }
  }
}

const application = {
  "organizer.name": "甲区佛教协会", "organizer.social_credit_code": "51310101MB99003120", "organizer.organizer_kind": "body",
  "organizer.responsible_person": "赵六", "organizer.contact_mobile": "13800000006", "organizer.contact_mail": "zhao@jiafo.example.test",
  "organizer.postal_address": "示范市甲区示范路6号", event_name: "示范祈福法会", event_ground: "outside-venue", event_purpose: "传统节日祈福",
  event_content: "上午诵经，下午讲经", event_date: inDays(90), event_end_date: inDays(90), start_time: "09:00", end_time: "17:00",
  event_place: "示范广场", event_district: "310101", place_capacity: "1200", expected_people: "800", safety_measures: "分三个入口疏导",
  "stewards.0.person_name": "孙甲", "stewards.0.mobile": "13800000011", "stewards.0.post": "总负责",
  "stewards.1.person_name": "孙乙", "stewards.1.mobile": "13800000012", "stewards.1.post": "疏导",
};
const materials = ["safety_plan", "rites_statement", "promise", "site_consent"];
const applied = [];
const started = new Set();

/** A venue reports, again and again; now and then the same report twice at once, as a double click does. */
async function venue(person, name) {
  for (let number = 0; working; number += 1) {
    const key = `${name}-${number}`;
    started.add(key);
    const send = () => person.command("/start/activity-report", { data: report }, key);
    await (number % 5 === 0 ? Promise.all([send(), send()]) : send());
  }
}

/** A clerk works her inbox off: every task of one process by one action. */
async function clerk(person, process, node, action, body) {
  while (working) {
    const list = await person.call("GET", `/inbox/todo?process=${process}`).catch(() => undefined);
    const tasks = (list?.body?.tasks ?? []).filter((task) => task.node === node).slice(0, 5);
    if (tasks.length === 0) await wait(20);
    for (const { case: id, task } of tasks) {
      if (!working) return;
      await person.command(`/cases/${id}/tasks/${task}/complete`, { action, data: body }, `${action}-${id}-${task}`);
    }
  }
}

/** A citizen applies on the platform, which carries the application to the office whenever that is there. */
async function citizen(item) {
  while (working) {
    const form = new FormData();
    for (const [name, value] of Object.entries(application)) form.append(name, value);
    for (const material of materials) form.append(`materials.${material}`, new Blob(["%PDF-1.7\n%%EOF\n"], { type: "application/pdf" }), `${material}.pdf`);
    const response = await fetch(`${platform}/items/${item}/apply`, { method: "POST", body: form, redirect: "manual", headers: { cookie: "citizen=jia-buddhist" } });
    const place = response.headers.get("location");
    assert.equal(response.status, 303, await response.text());
    applied.push(decodeURIComponent(place.split("/").pop()));
    await wait(150);
  }
}

async function until(what, holds) {
  let last;
  for (const end = Date.now() + DRAIN_MS_MAX; Date.now() < end; await wait(200)) {
    last = await holds().catch((error) => error);
    if (last === true) return;
  }
  assert.fail(`${what}: ${last}`);
}

test(`nothing is lost and nothing happens twice in ${ROUNDS} kills on ${postgres ? "PostgreSQL" : "SQLite"}`, { timeout: (300 + 20 * ROUNDS) * 1000 }, async () => {
  const simulator = await new Running([
    "one-net", "--data", join(folder, "one-net"), "--listen", `127.0.0.1:${platformPort}`, "--office", office, "--keys", join(data, "one-net.keys"),
  ]).answers(platform);
  let desk = await serve();
  const passwords = desk.passwords();
  const person = (login) => new Client(office, login, passwords.get(login));
  let item;
  await until("the items are published", async () => {
    const home = await (await fetch(platform)).text();
    for (const [, task] of home.matchAll(/\/items\/([^"/]+)/g)) {
      const guide = await (await fetch(`${platform}/items/${task}`)).text();
      if (guide.includes("大型宗教活动") && guide.includes("甲区民族宗教事务办公室")) item = task;
    }
    return item !== undefined;
  });
  const clients = [
    venue(person("feng"), "a"), venue(person("feng"), "b"), venue(person("feng"), "c"),
    clerk(person("lin"), "activity-report", "take_note", "acknowledge", {}),
    clerk(person("lin"), "activity-report", "take_note", "acknowledge", {}),
    clerk(person("wang"), "large-event-permit", "accept_check", "accept", {}),
    citizen(item), citizen(item),
  ];
  for (let round = 1; round <= ROUNDS; round += 1) {
    await wait(KILL_MS_MIN + Math.random() * (KILL_MS_MAX - KILL_MS_MIN));
    await desk.kill();
    killedAt = round;
    desk = await serve();
  }
  const enough = () => afterLastKill >= 5 && log.count >= Math.min(1_000, 34 * ROUNDS);
  await until("work goes on after the last kill", async () => enough());
  working = false;
  await Promise.all(clients);

  const operator = person("yun");
  await until("every application becomes a case", async () => {
    const { body } = await person("wang").call("GET", "/inbox/unit?process=large-event-permit");
    return body.total === new Set(applied).size || `${body.total} of ${applied.length}`;
  });
  await until("the outbox drains", async () => {
    const { body } = await operator.call("GET", "/outbox?state=pending");
    return body.total === 0 || `${body.total} pending`;
  });
  const dead = await operator.call("GET", "/outbox?state=dead");
  assert.equal(dead.body.total, 0, "no delivery is given up");
  const refused = await operator.call("GET", "/intake?state=refused");
  assert.equal(refused.body.total, 0, "no application is refused");

  const reports = await person("lin").call("GET", "/inbox/unit?process=activity-report");
  assert.equal(reports.body.total, started.size, "one case for each report, whatever happened to its connection");

  const people = new Map();
  const acknowledged = log.all();
  for (const { login, path, body, key, answer } of acknowledged) {
    if (!people.has(login)) people.set(login, person(login));
    const again = await people.get(login).call("POST", path, body, key);
    assert.equal(again.status, 200, `${key} was acknowledged and is lost: ${JSON.stringify(again.body)}`);
    assert.deepEqual({ ...again.body, replayed: undefined }, { ...answer, replayed: undefined }, `${key} is answered otherwise than then`);
    assert.equal(again.body.replayed, true, `${key} happened again`);
  }

  const ledger = await (await fetch(`${platform}/ledger`)).json();
  const entries = Array.isArray(ledger) ? ledger : ledger.entries;
  const hashes = new Map();
  const order = new Map();
  for (const entry of entries) {
    if (entry.entry === "received") {
      assert.ok(!hashes.has(entry.message_id), `${entry.message_id} counts twice`);
      hashes.set(entry.message_id, entry.body_hash);
      if (entry.seq === null || entry.seq === undefined) continue;
      assert.ok(entry.seq > (order.get(entry.application_no) ?? -1), `${entry.message_id} came out of order`);
      order.set(entry.application_no, entry.seq);
    }
    if (entry.entry === "repeated") assert.equal(entry.body_hash, hashes.get(entry.message_id), `${entry.message_id} says something else`);
  }
  assert.deepEqual([...order.keys()].sort(), [...new Set(applied)].sort(), "every applicant was answered");
  const repeated = entries.filter((entry) => entry.entry === "repeated").length;
  console.log(
    `${ROUNDS} kills: ${acknowledged.length} commands acknowledged, 0 lost, 0 double; ${applied.length} applications, ` +
      `${hashes.size} messages to the platform in order, ${repeated} repeats recognised; ${afterLastKill} commands after the last kill`,
  );
  await desk.kill();
  await simulator.kill();
});
