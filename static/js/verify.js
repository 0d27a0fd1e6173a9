// Compares a PDF with the issued document inside the browser, so that the file is not sent anywhere.
// Without JavaScript, or on a page without cryptography, the same form sends it to the server instead.
(() => {
  const form = document.getElementById("compare");
  if (!form || !window.crypto || !crypto.subtle) return;

  const sentence = document.querySelector(".lead-sentence");
  const { textContent: words, className: look } = sentence;

  const say = (answer) => {
    // The page's one sentence must not call valid what the visitor holds, if that is something else.
    const different = answer === "different";
    sentence.textContent = different ? sentence.dataset.different : words;
    sentence.className = different ? "lead-sentence late" : look;
    for (const line of document.querySelectorAll("#comparison [data-answer]")) {
      line.hidden = line.dataset.answer !== answer;
    }
  };

  form.addEventListener("submit", async (event) => {
    const file = form.querySelector("input[type=file]").files[0];
    event.preventDefault();
    if (!file) return say("none");
    try {
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      const text = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
      say(text === form.dataset.sha256 ? "same" : "different");
    } catch {
      form.submit();
    }
  });
})();
