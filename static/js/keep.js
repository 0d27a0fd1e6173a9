// Sends what is typed into a form to the server before the form is sent, some seconds after the last key and when the page
// is hidden (applications/accounts/typed.py says what is kept there, for whom and for how long). A line under the form
// says whether it lies there. Without this script what is typed is kept when the form is sent and not taken.
(() => {
  const page = document.getElementById("keep-typed");
  const QUIET = 4000;
  const APART = 15000;
  const AGAIN = 60000;
  // More is not sent by a page that goes.
  const MOST_OF_A_GOING_PAGE = 60000;

  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
  const before = page.dataset.sittings.split(" ").filter(Boolean);
  const offered = [...document.querySelectorAll(".typed-again")].map((offer) => offer.dataset.action.split("#")[1]);
  const sittings = [...(before.length ? before : [random()]), ...offered.filter(Boolean)];

  const FREE = ["text", "textarea", "date", "number", "email", "tel", "url"];
  const secret = (field) => field.type === "password" || field.autocomplete === "one-time-code";
  const isKept = (form) => form.method === "post" && [...form.elements].some((field) => FREE.includes(field.type) && !secret(field));

  const watch = (form) => {
    for (const sitting of sittings) {
      const mark = document.createElement("input");
      mark.type = "hidden";
      mark.name = "_sitting";
      mark.value = sitting;
      form.append(mark);
    }
    const line = document.createElement("p");
    line.className = "kept-line";
    line.setAttribute("role", "status");
    line.setAttribute("aria-live", "polite");
    form.append(line);

    let timer = 0;
    let last = -APART;
    let changed = false;
    let sending = null;

    const later = (pause) => {
      clearTimeout(timer);
      timer = setTimeout(send, Math.max(pause, last + APART - performance.now()));
    };
    const send = async (going = false) => {
      clearTimeout(timer);
      if (!changed) return;
      changed = false;
      last = performance.now();
      const left = new Set([...form.elements].filter(secret).map((field) => field.name));
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && !left.has(name)) body.append(name, value);
      }
      const action = new URL(form.getAttribute("action") || "", location.href);
      body.append("_action", action.pathname + action.search);
      const keepalive = going && body.toString().length < MOST_OF_A_GOING_PAGE;
      const ours = new AbortController();
      sending?.abort();
      sending = ours;
      let said = "";
      let again = true;
      try {
        const answer = await fetch(page.dataset.address, { method: "POST", body, keepalive, signal: ours.signal });
        said = (await answer.json()).line;
        again = answer.status === 429;
      } catch {
        said = page.dataset.away;
      }
      // Another is under way, or the form itself is.
      if (sending !== ours) return;
      sending = null;
      line.textContent = said;
      if (again) {
        changed = true;
        if (!going) later(AGAIN);
      }
    };

    for (const kind of ["input", "change"]) {
      form.addEventListener(kind, () => {
        changed = true;
        later(QUIET);
      });
    }
    form.addEventListener("submit", (event) => {
      const elsewhere = (event.submitter?.formTarget || form.target || "_self") !== "_self";
      if (event.defaultPrevented || elsewhere) return;
      clearTimeout(timer);
      changed = false;
      sending?.abort();
      sending = null;
    });
    const hidden = () => {
      if (document.visibilityState === "hidden") send(true);
    };
    document.addEventListener("visibilitychange", hidden);
    addEventListener("pagehide", () => send(true));
  };

  for (const form of document.forms) if (isKept(form)) watch(form);
})();
