// Copies what the pages take from npm into assets/vendor, from where rust-embed takes it into the binary.
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const files = [["htmx.org/dist/htmx.min.js", "htmx.min.js"]];

await mkdir(join(here, "assets/vendor"), { recursive: true });
for (const [from, to] of files) {
  await copyFile(join(here, "node_modules", from), join(here, "assets/vendor", to));
  console.log(`assets/vendor/${to}`);
}
