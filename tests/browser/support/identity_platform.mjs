// An identity platform: the certified oidc-provider as a process of its own. `node identity_platform.mjs PORT OFFICE`.
import { Provider } from "oidc-provider";

const [port, office] = process.argv.slice(2);
const SECRET = "shared-with-the-platform-of-this-test-only";

/** Everybody whom it knows: what they are called there is not what they are called in the office. */
const PEOPLE = {
  "uid-1001": { email: "wang@jia.example.test", email_verified: true, preferred_username: "wang.er" },
  "uid-1002": { email: "lin@jia.example.test", email_verified: false, preferred_username: "lin" },
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "tongban",
      client_secret: SECRET,
      redirect_uris: [`${office}/login/platform/return`],
      post_logout_redirect_uris: [`${office}/login`],
    },
  ],
  claims: { openid: ["sub", "amr", "auth_time"], email: ["email", "email_verified"], profile: ["preferred_username"] },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => {
        ctx.body = `<!doctype html><title>Identity platform</title>${form}<button form="op.logoutForm" name="logout" value="yes">Log out</button>`;
      },
    },
  },
  cookies: { keys: ["of this test only"] },
  findAccount: (_, id) => PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  /** Nobody is asked for consent: the office's own platform. */
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid profile email");
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  if (ctx.method === "GET") {
    ctx.type = "html";
    ctx.body = `<!doctype html><title>Identity platform</title><form method="post"><label>Identity <input name="who"></label>
      <label><input type="checkbox" name="otp"> one-time code</label><button>Log in</button><button name="no" value="1">Not now</button></form>`;
    return;
  }
  const chunks = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  const form = new URLSearchParams(Buffer.concat(chunks).toString());
  const login = { accountId: form.get("who"), amr: form.has("otp") ? ["pwd", "otp", "mfa"] : ["pwd"] };
  const result = form.has("no") ? { error: "access_denied" } : { login };
  ctx.respond = false;
  await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
});

provider.listen(Number(port), "127.0.0.1");
