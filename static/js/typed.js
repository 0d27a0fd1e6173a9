// Puts what is offered again back into its form. Without this script it can be read and copied.
{
  const box = (field) => ["checkbox", "radio"].includes(field.type);
  // What the page itself fills in stays as the page has it.
  const typedInto = (field) => !["hidden", "file", "password", "submit", "button"].includes(field.type);

  // As it was kept: without what differs from visit to visit of the same page (accounts/typed.py).
  const address = (written) => {
    const url = new URL(written, location.href);
    for (const name of ["_changelist_filters", "_popup", "queue"]) url.searchParams.delete(name);
    return decodeURIComponent(url.pathname + url.search);
  };

  for (const offer of document.querySelectorAll(".typed-again")) {
    const values = JSON.parse(offer.querySelector("script").textContent);
    const button = offer.querySelector("[data-put-back]");
    const fieldsOf = (form, name) => [...form.elements].filter((field) => field.name === name);
    const ours = (form) => {
      return form.method === "post" && address(form.getAttribute("action") || "") === address(offer.dataset.action);
    };
    const say = (what) => {
      for (const line of offer.querySelectorAll("[data-said]")) line.hidden = line.dataset.said !== what;
    };

    const holds = (form) => Object.keys(values).some((name) => fieldsOf(form, name).some(typedInto));
    const form = [...document.forms].find((each) => ours(each) && holds(each));
    if (!form) {
      say("nowhere");
      const texts = offer.querySelector("details");
      if (texts) texts.open = true;
      continue;
    }

    button.hidden = false;
    button.addEventListener("click", () => {
      let missing = false;
      for (const [name, wanted] of Object.entries(values)) {
        const all = fieldsOf(form, name);
        const fields = all.filter(typedInto);
        if (!all.length) missing = true;
        fields.forEach((field, at) => {
          if (box(field)) field.checked = wanted.includes(field.value);
          else if (field.multiple) for (const each of field.options) each.selected = wanted.includes(each.value);
          else if (wanted[at] !== undefined) field.value = wanted[at];
          field.dispatchEvent(new Event("input", { bubbles: true }));
          field.dispatchEvent(new Event("change", { bubbles: true }));
        });
      }
      say(missing ? "partly" : "back");
      button.hidden = true;
    });
  }
}
