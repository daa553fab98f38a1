// A real SMTP server for tests: takes every mail on a free loopback port and keeps it as a file, one a mail.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";

const SIZE_MAX = 10 * 1024 * 1024;

/** Starts the server; `folder` receives `1.eml`, `2.eml`, …, the envelope's recipients in the first line. */
export async function startMailServer() {
  const folder = await mkdtemp(join(tmpdir(), "tongban-mail-"));
  let received = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    size: SIZE_MAX,
    onData(stream, session, done) {
      const parts = [];
      stream.on("data", (part) => parts.push(part));
      stream.on("error", done);
      stream.on("end", async () => {
        const to = session.envelope.rcptTo.map((recipient) => recipient.address).join(", ");
        try {
          await writeFile(join(folder, `${++received}.eml`), Buffer.concat([Buffer.from(`X-Envelope-To: ${to}\r\n`), ...parts]));
          done();
        } catch (error) {
          done(error);
        }
      });
    },
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  };
  return { address: `127.0.0.1:${server.server.address().port}`, folder, stop };
}
