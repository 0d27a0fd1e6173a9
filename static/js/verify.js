// Compares a PDF with the issued document inside the browser, so that the file is not sent anywhere.
// Without JavaScript, or on a page without cryptography, the same form sends it to the server instead.
(() => {
  const form = document.getElementById("compare");
  const answer = document.getElementById("comparison");
  if (!form || !answer || !window.crypto || !crypto.subtle) return;

  const say = (text, good) => {
    const line = document.createElement("p");
    const tag = document.createElement("span");
    line.className = "panel";
    tag.className = good ? "tag tag-good" : "tag tag-bad";
    tag.textContent = text;
    line.append(tag);
    answer.replaceChildren(line);
  };

  form.addEventListener("submit", async (event) => {
    const file = form.querySelector("input[type=file]").files[0];
    event.preventDefault();
    if (!file) return say(answer.dataset.empty, false);
    try {
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      const text = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
      const same = text === form.dataset.sha256;
      say(same ? answer.dataset.same : answer.dataset.different, same);
    } catch {
      form.submit();
    }
  });
})();
