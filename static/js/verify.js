// Counts the digest of a chosen PDF inside the browser and sends that alone: the file goes nowhere.
// Without JavaScript, or on a page without cryptography, the same form sends the file instead.
(() => {
  const form = document.getElementById("verify");
  if (!form || !window.crypto || !crypto.subtle) return;
  const file = form.elements.pdf;

  const isPdf = async (chosen) => (await chosen.slice(0, 5).text()) === "%PDF-";

  form.addEventListener("submit", async (event) => {
    const chosen = file.files[0];
    if (!chosen) return;
    event.preventDefault();
    try {
      // A photo or an empty file goes as it is: the server says what is wrong with it.
      if (!(await isPdf(chosen))) return form.submit();
      const digest = await crypto.subtle.digest("SHA-256", await chosen.arrayBuffer());
      form.elements.sha256.value = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
      file.disabled = true;
    } catch {
      // Too large to be read here: the server says what is wrong with it.
    }
    form.submit();
  });
  // Whoever comes back to this page chooses again.
  window.addEventListener("pageshow", () => {
    file.disabled = false;
    form.elements.sha256.value = "";
  });
})();
