// Schemathesis asks every operation of the OpenAPI document, with what it allows and what it does not, as people of
// different rights: no answer is a 5xx, none has a status, a type or a shape that the document does not promise.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { startServers } from "../browser/support/servers.mjs";
import { Person, report } from "../faults/processes.mjs";

const SCHEMATHESIS = fileURLToPath(new URL("./.venv/bin/schemathesis", import.meta.url));
const CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"];
const EXAMPLES = process.env.TONGBAN_EXAMPLES ?? "8";
// A clerk of two posts, a religious body, those who run the system, and the three administrators.
const PEOPLE = ["qin", "zhao", "yun", "guan", "bao", "shen"];
// Ends the very session that asks.
const ENDS_ITSELF = "/session";

let servers, work;
const people = new Map();

before(async () => {
  work = await mkdtemp(join(tmpdir(), "tongban-asked-"));
  servers = await startServers();
  // before anybody guesses: an address has so many failed log-ins a minute, and this office's clock stands still
  for (const login of [...PEOPLE, "feng", "lin"]) {
    const one = new Person(servers.office, login, servers.accounts.get(login));
    await one.logIn();
    people.set(login, one);
  }
});

after(async () => {
  await servers?.stop();
  await rm(work, { recursive: true, force: true });
});

/** Settings by which every operation is asked about a case that there is, and a task of it. */
async function aboutACase() {
  const started = await people.get("feng").call("POST", "/start/activity-report", { data: report }, "asked");
  assert.equal(started.status, 200, JSON.stringify(started.body));
  const handler = people.get("lin");
  const { task } = (await handler.call("GET", "/inbox/todo")).body.tasks[0];
  const known = { case: started.body.case, task, process: "activity-report", box: "todo" };
  const lines = Object.entries(known).map(([name, value]) => `"path.${name}" = ${JSON.stringify(value)}`);
  const path = join(work, "schemathesis.toml");
  await writeFile(path, `[parameters]\n${lines.join("\n")}\n`);
  return { handler, settings: ["--config-file", path] };
}

/** Runs Schemathesis, which must find nothing. */
async function ask(options, settings = []) {
  const args = [...settings, "run", `${servers.office}/api/v1/openapi.json`, ...ALWAYS, ...options];
  const child = spawn(SCHEMATHESIS, args, { cwd: work, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const status = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  assert.equal(status, 0, said);
  assert.match(said, /\d{3,} generated/, "it asked hardly anything");
}

const HOW = ["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", "1", "--generation-database", "none"];
const ALWAYS = ["--checks", CHECKS.join(","), ...HOW, "--continue-on-failure", "--warnings", "off", "--no-color"];

const as = ({ token }) => ["--header", `Authorization: Bearer ${token}`, "--exclude-path", ENDS_ITSELF];

describe("whatever it is asked", { concurrency: false }, () => {
  for (const login of PEOPLE) {
    it(`by ${login}`, async () => ask(as(people.get(login))));
  }

  it("about a case that there is, by its handler", async () => {
    const { handler, settings } = await aboutACase();
    await ask(as(handler), settings);
  });

  it("by nobody", async () => ask([]));
});
