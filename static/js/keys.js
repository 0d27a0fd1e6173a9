// The keys of the officers' desk: what each does stands in the help that "?" opens. They are off while one types, and
// whoever does not want them switches them off there, for this browser.
(() => {
  const help = document.getElementById("keys-help");
  if (!help) return;

  const OFF = "keys-off";
  const stored = {
    get off() { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } },
    set off(value) { try { localStorage.setItem(OFF, value ? "1" : "0"); } catch { /* for this page alone */ } },
  };
  const toggle = help.querySelector("input[type=checkbox]");
  let off = stored.off;
  toggle.checked = !off;
  toggle.addEventListener("change", () => { off = stored.off = !toggle.checked; });
  for (const opener of document.querySelectorAll("[data-keys-help]")) {
    opener.hidden = false;
    opener.addEventListener("click", () => help.showModal());
  }

  const typing = (element) =>
    element.isContentEditable || element.closest("input, textarea, select, [role=textbox], [role=combobox]");
  const links = () => [...document.querySelectorAll("#result_list tbody th a, #result_list tbody tr > td:first-child a")];
  const move = (by) => {
    const rows = links();
    if (!rows.length) return;
    const at = rows.findIndex((link) => link.closest("tr") === document.activeElement.closest("tr"));
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
    rows[next].focus();
    rows[next].closest("tr").scrollIntoView({ block: "nearest" });
  };
  const go = (selector) => document.querySelector(selector)?.click();
  const acts = {
    j: () => move(1),
    k: () => move(-1),
    n: () => go("a.next-case"),
    u: () => go(".breadcrumbs a:last-of-type"),
    "/": () => document.getElementById("searchbar")?.focus(),
    "?": () => help.showModal(),
    "g i": () => go("#keys-help a[data-key='g i']"),
    "g h": () => go("#keys-help a[data-key='g h']"),
  };

  let waiting = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || help.open) return;
    if (typing(event.target) || (off && event.key !== "?")) return;
    const key = waiting ? `${waiting} ${event.key}` : event.key;
    waiting = "";
    if (key === "g") {
      waiting = key;
    } else if (acts[key]) {
      event.preventDefault();
      acts[key]();
    }
  });
})();
