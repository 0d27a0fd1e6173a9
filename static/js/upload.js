// Sends the files of the page's form one by one, with a line that says how far it is. Where the connection is lost, the choice
// of files stays and a button goes on with the file that was not confirmed; the server keeps none twice. While the scanner is at a
// file, the list of files is asked for again. A form that is more than its files goes as one: until there is an answer, what was
// typed and chosen stays on the page, and the button sends it again. Without this script a form is sent as any other, and the list
// is as old as the page.
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

  const offerAgain = (form, said, act) => {
    form.removeAttribute("aria-busy");
    linesOf(form)(said, true);
    const again = form.appendChild(document.createElement("button"));
    Object.assign(again, { type: "button", className: "btn btn-outline-primary mt-2 upload-again", textContent: texts.again });
    again.addEventListener("click", act);
    again.focus();
  };
  const begin = (form) => {
    form.querySelector(".upload-again")?.remove();
    form.setAttribute("aria-busy", "true");
    return linesOf(form);
  };

  const sendWhole = (form, button) => {
    const say = begin(form);
    const request = new XMLHttpRequest();
    const body = new FormData(form);
    if (button?.name) body.append(button.name, button.value);
    const lost = () => offerAgain(form, texts.unanswered, () => form.requestSubmit(button));
    say(fill(texts.whole, { percent: 0 }), true);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      say(fill(texts.whole, { percent: Math.floor((100 * loaded) / total) }));
    });
    request.upload.addEventListener("load", () => say(texts.looking, true));
    request.addEventListener("error", lost);
    request.addEventListener("abort", lost);
    request.addEventListener("load", () => {
      if (request.status >= 500) return lost();
      // As the browser would have shown it: what the page says once is not asked for twice.
      history.replaceState(null, "", request.responseURL);
      document.open();
      document.write(request.responseText);
      document.close();
      document.querySelector(".error-summary")?.focus();
    });
    request.open("POST", form.getAttribute("action") || location.href);
    request.send(body);
  };

  const send = (form, chosen) => {
    const files = [...chosen.files];
    const all = files.length;
    const refused = [];
    let done = 0;

    const lost = () => offerAgain(form, fill(texts.lost, { all, done }), next);

    const finish = (answer) => {
      take(answer, "main");
      document.title = answer.title;
      const list = document.querySelector(".error-summary ul");
      if (list) list.replaceChildren(...refused);
      if (list) list.closest(".error-summary").focus();
      else if (document.getElementById("uploaded")) linesOf(formOf())(fill(texts.done, { all }), true);
      watch(TIMES);
    };

    function next() {
      const say = begin(form);
      const request = new XMLHttpRequest();
      const body = new FormData(form);
      body.delete(chosen.name);
      body.append(chosen.name, files[done]);
      say(fill(texts.sending, { at: done + 1, all, percent: 0 }), done === 0);
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        say(fill(texts.sending, { at: done + 1, all, percent: Math.floor((100 * loaded) / total) }));
      });
      request.upload.addEventListener("load", () => done + 1 === all && say(fill(texts.checking, { all }), true));
      request.addEventListener("error", lost);
      request.addEventListener("abort", lost);
      request.addEventListener("load", () => {
        if (request.status >= 500) return lost();
        const answer = parsed(request.responseText);
        if (!answer.getElementById("uploaded")) {
          // Signed out, moved on, or refused as a whole: that page says what happened.
          if (request.responseURL !== location.href) location.assign(request.responseURL);
          else finish(answer);
          return;
        }
        refused.push(...answer.querySelectorAll(".error-summary li"));
        done += 1;
        if (done < all) return next();
        finish(refused.length && !answer.querySelector(".error-summary") ? withErrors(answer) : answer);
      });
      request.open("POST", location.href);
      request.send(body);
    }

    // The last file was taken and one before it was not: the page is shown with what was wrong.
    const withErrors = (answer) => {
      const summary = refused[0].closest(".error-summary");
      answer.querySelector("h1").before(summary);
      return answer;
    };

    next();
  };

  const formOf = () => document.querySelector("form[enctype='multipart/form-data']");
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const chosen = [...form.querySelectorAll("input[type=file]")].find((each) => each.files.length);
    if (!chosen) return;
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    if (document.getElementById("uploaded")) send(form, chosen);
    else sendWhole(form, event.submitter);
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
