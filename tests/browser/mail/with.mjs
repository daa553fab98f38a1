// node mail/with.mjs COMMAND…: runs the command with a real SMTP server, named by TEST_SMTP; its mails lie in TEST_MAIL_DIR.
import { spawn } from "node:child_process";
import { startMailServer } from "./server.mjs";

const mail = await startMailServer();
const [command, ...rest] = process.argv.slice(2);
const child = spawn(command, rest, { stdio: "inherit", env: { ...process.env, TEST_SMTP: mail.address, TEST_MAIL_DIR: mail.folder } });
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", async (error) => {
  console.error(`${command}: ${error.message}`);
  await mail.stop();
  process.exit(127);
});
child.on("exit", async (code, signal) => {
  await mail.stop();
  process.exit(signal ? 130 : (code ?? 1));
});
