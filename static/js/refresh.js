// While something is under way, the page asks anew by itself; without this script there is a link for it.
if (document.querySelector("[data-refresh]")) {
  setTimeout(() => location.reload(), 3000);
}
