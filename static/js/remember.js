// By consent, the writer's name, email and website stay in this browser and fill the next form.
// No cookie: nothing of it travels with a page.
const form = document.querySelector("[data-remember]");
const key = "comment-writer";

if (form) {
  const fields = [...form.querySelectorAll("[name=author], [name=email], [name=url]")];
  const consent = form.elements.remember;

  try {
    const kept = JSON.parse(localStorage.getItem(key));
    if (kept) {
      for (const field of fields) field.value ||= kept[field.name] || "";
      consent.checked = true;
    }
  } catch {} // No storage, or not ours: the form stays as it is.

  form.addEventListener("submit", () => {
    try {
      if (consent.checked) {
        localStorage.setItem(key, JSON.stringify(Object.fromEntries(fields.map((f) => [f.name, f.value]))));
      } else {
        localStorage.removeItem(key);
      }
    } catch {}
  });
}
