// Steps that rest on each other: after one has failed, the rest is skipped, and what everybody saw is kept as pictures.
import { it } from "node:test";

/** `step(name, walk)` declares a test; `visitors()` gives everybody whose page is worth a picture when it fails. */
export function chain(visitors) {
  let broken;
  return (name, walk) =>
    it(name, async (test) => {
      if (broken) return test.skip(`“${broken}” has failed`);
      try {
        await walk();
      } catch (error) {
        broken = name;
        for (const visitor of visitors()) error.message += `\n  ${await visitor.witness()}`;
        throw error;
      }
    });
}
