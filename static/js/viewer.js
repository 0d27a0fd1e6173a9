// Papers beside a form: n and p open the next and the last one, and what was opened is marked as opened at once.
// Without this script the links open them all the same, and the marks come with the next page.
const frame = document.querySelector("iframe[name=viewer]");
const links = [...document.querySelectorAll("a[data-paper]")];
const papers = links.filter((link, at) => links.findIndex((other) => other.dataset.paper === link.dataset.paper) === at);
let current = -1;

function open(at) {
  if (papers[at]) {
    frame.src = papers[at].href;
  }
}

function onKey(event) {
  const typing = event.target.closest?.("textarea, select, input:not([type=radio], [type=checkbox])");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (event.key === "n") {
    open(current + 1);
  } else if (event.key === "p") {
    open(current - 1);
  }
}

document.addEventListener("keydown", onKey);
frame.addEventListener("load", () => {
  const shown = frame.contentDocument;
  // A page that may not stand in a frame, as when the session has ended, shows nothing.
  if (!shown?.querySelector(".sheet")) {
    return;
  }
  shown.addEventListener("keydown", onKey);
  current = papers.findIndex((link) => link.pathname === shown.location.pathname);
  for (const link of links) {
    const here = link.pathname === shown.location.pathname;
    link.toggleAttribute("aria-current", here);
    if (here) {
      const mark = link.nextElementSibling;
      mark.textContent = mark.dataset.opened;
      mark.classList.replace("tag-warn", "tag-good");
    }
  }
});
