// What is written as BPMN XML is valid by the OMG's own schema, and opens in bpmn-js without a word of complaint.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { root } from "./support/servers.mjs";
import { startBrowser } from "./support/watch.mjs";

const run = promisify(execFile);
const MODELS = [process.env.TONGBAN_CONFORMANCE, join(root, "../shared/conformance"), join(root, "../../shared/conformance")];
const OUTPUT_BYTES_MAX = 1 << 26;

let folder, files, browser;

/** The schema, where `make` has installed it. */
async function schema() {
  const lib = join(root, "tests/browser/bpmn/.venv/lib");
  const [python] = existsSync(lib) ? await readdir(lib) : [];
  const found = join(lib, python ?? "python3", "site-packages/SpiffWorkflow/bpmn/parser/schema/BPMN20.xsd");
  assert.ok(existsSync(found), `no schema at ${found}: run make test`);
  return found;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tongban-bpmn-"));
  const models = MODELS.filter(Boolean).map((beside) => join(beside, "bpmn_open.jsonl")).find(existsSync);
  if (!models) console.log("models of others are not at hand: only the office's processes and our own are written");
  const example = ["run", "--locked", "--quiet", "-p", "tongban-tests", "--example", "exported", "--", folder];
  await run("cargo", models ? [...example, models] : example, { cwd: root });
  files = (await readdir(folder)).sort();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  if (folder) await rm(folder, { recursive: true });
});

describe("exported BPMN", { concurrency: false }, () => {
  it("comes from every process of the office, and from one with every element", () => {
    assert.ok(files.filter((name) => name.startsWith("office-")).length >= 3, files.join(" "));
    assert.ok(files.includes("own-0.bpmn"));
  });

  it("is valid by BPMN20.xsd", async () => {
    const arguments_ = ["--noout", "--nonet", "--schema", await schema(), ...files.map((name) => join(folder, name))];
    const wrong = await run("xmllint", arguments_, { maxBuffer: OUTPUT_BYTES_MAX }).catch((error) => error);
    assert.ok(!(wrong instanceof Error), String(wrong.stderr).split("\n").filter((line) => !line.endsWith(" validates")).slice(0, 20).join("\n"));
  });

  it("is refused by BPMN20.xsd if an element stands in the wrong place", async () => {
    const text = await readFile(join(folder, "own-0.bpmn"), "utf8");
    const broken = run("xmllint", ["--noout", "--nonet", "--schema", await schema(), "-"]);
    broken.child.stdin.end(text.replace(/(<bpmn:incoming>.*<\/bpmn:incoming>\s*)(<bpmn:outgoing>.*<\/bpmn:outgoing>\s*)/, "$2$1"));
    await assert.rejects(broken, /fails to validate/);
  });

  it("opens in bpmn-js without a warning, and everything is drawn", async () => {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.setContent("<!doctype html><title>bpmn-js</title><link rel='icon' href='data:,'><div id='canvas' style='width:1200px;height:800px'></div>");
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve("bpmn-js/dist/bpmn-viewer.production.min.js") });
    const wrong = [];
    for (const name of files) {
      const xml = await readFile(join(folder, name), "utf8");
      const found = await page.evaluate(open, xml);
      if (found.length) wrong.push(`${name}: ${found.slice(0, 5).join("; ")}`);
    }
    await page.close();
    assert.deepEqual([...wrong, ...errors], []);
  });
});

/** In the page: opens the XML; what bpmn-js warns of, and what it did not draw. */
async function open(xml) {
  const viewer = new window.BpmnJS({ container: "#canvas" });
  try {
    const { warnings } = await viewer.importXML(xml);
    const registry = viewer.get("elementRegistry");
    const drawn = new Set(registry.getAll().map((element) => element.id));
    const document_ = new DOMParser().parseFromString(xml, "text/xml");
    const named = [...document_.getElementsByTagName("*")].map((element) => element.getAttribute("bpmnElement")).filter(Boolean);
    const process_ = document_.getElementsByTagName("bpmn:process")[0].getAttribute("id");
    const ids = (word) => [...document_.getElementsByTagName(`bpmn:${word}`)].map((element) => element.getAttribute("id"));
    const undrawn = [...named, ...ids("sequenceFlow"), ...ids("association"), ...ids("lane")].filter((id) => id !== process_ && !drawn.has(id));
    const flat = registry.filter((element) => "width" in element && !(element.width > 0 && element.height > 0)).map(({ id }) => id);
    return [...warnings.map(({ message }) => message), ...undrawn.map((id) => `${id} is not drawn`), ...flat.map((id) => `${id} has no size`)];
  } catch (error) {
    return [String(error)];
  } finally {
    viewer.destroy();
  }
}
