// What the desk adds where scripts run: drafts saved while typing, focus on the first mistake.
// Every page works without it.

const SAVE_AFTER_MS = 1500;

/** Form fields as pairs, without files and without our own hidden fields. */
function typed(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && (!name.startsWith("_") || name === "_action"));
}

function keepDraft(form) {
  const state = form.querySelector("#save-state");
  let timer = 0;
  let dirty = false;
  let leaving = false;

  async function save() {
    clearTimeout(timer);
    timer = 0;
    if (!dirty || leaving) return;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "PUT",
        headers: { "content-type": "application/json", "x-csrf-token": form.dataset.csrf },
        body: JSON.stringify({ fields: typed(form) }),
        keepalive: true,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const at = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      if (state) state.textContent = `${form.dataset.saved} ${at}`;
    } catch {
      dirty = true;
      if (state) state.textContent = form.dataset.failed;
    }
  }

  form.addEventListener("input", () => {
    dirty = true;
    timer ||= setTimeout(save, SAVE_AFTER_MS);
  });
  form.addEventListener("focusout", save);
  form.addEventListener("submit", () => {
    leaving = true;
  });
  document.addEventListener("visibilitychange", save);
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !leaving) event.preventDefault();
  });
}

/** Digits choose a verdict, Ctrl+Enter submits; never while typing or composing. */
function keys(form) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input:not([type=radio]),textarea,select")) return;
    const radio = form.querySelectorAll("input[type=radio][name=_action]")[Number(event.key) - 1];
    if (radio) {
      radio.click();
      radio.focus();
    }
  });
}

/** Shows the part of a diagram where the case stands, or else where it begins. */
function showHere(frame) {
  const here = frame.querySelector(".node.is-active:not(.sub-process)") ?? frame.querySelector(".node.start-event");
  if (!here) return;
  const [box, window] = [here.getBoundingClientRect(), frame.getBoundingClientRect()];
  frame.scrollLeft += box.left - window.left - (window.width - box.width) / 2;
  frame.scrollTop += box.top - window.top - (window.height - box.height) / 2;
}

for (const frame of document.querySelectorAll(".diagram-frame")) showHere(frame);
for (const form of document.querySelectorAll("form[data-draft]")) keepDraft(form);
const act = document.querySelector("form#act");
if (act) keys(act);
document.querySelector("#problem")?.focus();
