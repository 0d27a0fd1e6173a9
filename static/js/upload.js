// Sends the files of the page's form with a line that says how far it is; where the connection is lost, the choice of files
// stays. While the scanner is at a file, the list of files is asked for again. Without this script the form is sent as any
// other, and the list is as old as the page.
(() => {
  const texts = document.currentScript.dataset;
  const WAIT = 3000;
  const TIMES = 20;
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

  const take = (answer, selector) => {
    const [old, fresh] = [document.querySelector(selector), answer.querySelector(selector)];
    if (old && fresh) old.replaceWith(document.importNode(fresh, true));
    return Boolean(old && fresh);
  };

  // The line is for the eye; what is read out is said once at each end of it.
  const linesOf = (form) => {
    const [shown, spoken] = ["upload-line", "visually-hidden"].map((name) => {
      const line = form.querySelector(`p.${name}`) || form.appendChild(document.createElement("p"));
      line.className = name;
      return line;
    });
    spoken.setAttribute("role", "status");
    shown.setAttribute("aria-hidden", "true");
    return (text, aloud) => {
      shown.textContent = text;
      if (aloud) spoken.textContent = text;
    };
  };

  const send = (form, chosen) => {
    const say = linesOf(form);
    const all = chosen.files.length;
    const request = new XMLHttpRequest();
    const lost = () => {
      form.removeAttribute("aria-busy");
      say(texts.lost, true);
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      let [at, before] = [0, chosen.files[0].size];
      while (at < all - 1 && before < loaded) before += chosen.files[++at].size;
      say(fill(texts.sending, { at: at + 1, all, percent: Math.floor((100 * loaded) / total) }));
    });
    request.upload.addEventListener("load", () => say(fill(texts.checking, { all }), true));
    request.addEventListener("error", lost);
    request.addEventListener("abort", lost);
    request.addEventListener("load", () => {
      const answer = parsed(request.responseText);
      if (!answer.getElementById("uploaded") && request.responseURL !== location.href) {
        location.assign(request.responseURL);
        return;
      }
      take(answer, "main");
      document.title = answer.title;
      const summary = document.querySelector(".error-summary");
      if (summary) summary.focus();
      else if (document.getElementById("uploaded")) linesOf(formOf())(fill(texts.done, { all }), true);
      watch(TIMES);
    });
    form.setAttribute("aria-busy", "true");
    say(fill(texts.sending, { at: 1, all, percent: 0 }), true);
    request.open("POST", location.href);
    request.send(new FormData(form));
  };

  const formOf = () => document.querySelector("form[enctype='multipart/form-data']");
  document.addEventListener("submit", (event) => {
    const chosen = event.target.querySelector("input[type=file]");
    if (!chosen?.files.length) return;
    event.preventDefault();
    if (!event.target.hasAttribute("aria-busy")) send(event.target, chosen);
  });

  const watch = (times) => {
    if (!times || !document.querySelector("#uploaded [data-waiting]")) return;
    setTimeout(async () => {
      try {
        const answer = await fetch(location.href);
        if (answer.ok) take(parsed(await answer.text()), "#uploaded");
      } finally {
        watch(times - 1);
      }
    }, WAIT);
  };
  watch(TIMES);
})();
