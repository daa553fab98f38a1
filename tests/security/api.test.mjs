// Schemathesis asks every operation of the OpenAPI document, with what it allows and what it does not, as people of
// different rights: no answer is a 5xx, none has a status, a type or a shape that the document does not promise.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { startServers } from "../browser/support/servers.mjs";

const SCHEMATHESIS = fileURLToPath(new URL("./.venv/bin/schemathesis", import.meta.url));
const CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"];
const EXAMPLES = process.env.TONGBAN_EXAMPLES ?? "12";
// A clerk of two posts, a religious body, and those who run the system.
const PEOPLE = ["qin", "zhao", "yun"];
// Ends the very session that asks.
const ENDS_ITSELF = "/session";

let servers;

before(async () => {
  servers = await startServers();
});

after(async () => servers?.stop());

async function token(login) {
  const body = JSON.stringify({ login, password: servers.accounts.get(login) });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${servers.office}/api/v1/session`, { method: "POST", headers, body });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).token;
}

/** Runs Schemathesis; gives its exit status and what it said. */
async function ask(options) {
  const child = spawn(SCHEMATHESIS, ["run", `${servers.office}/api/v1/openapi.json`, ...options], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
  const status = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  return { status, said };
}

const HOW = ["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", "1", "--generation-database", "none"];
const ALWAYS = ["--checks", CHECKS.join(","), ...HOW, "--continue-on-failure", "--warnings", "off", "--no-color"];

describe("whatever it is asked", { concurrency: false }, () => {
  for (const login of PEOPLE) {
    it(`by ${login}`, async () => {
      const bearer = `Authorization: Bearer ${await token(login)}`;
      const { status, said } = await ask([...ALWAYS, "--header", bearer, "--exclude-path", ENDS_ITSELF]);
      assert.equal(status, 0, said);
    });
  }

  it("by nobody", async () => {
    const { status, said } = await ask(ALWAYS);
    assert.equal(status, 0, said);
  });
});
