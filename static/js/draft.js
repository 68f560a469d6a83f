// A comment being written survives a lost tab or a failed request, until it has arrived.
const place = document.querySelector("[data-draft]");

if (place) {
  const key = `draft:${place.dataset.draft}`;
  const sent = `${key}:sent`;
  const field = place.querySelector("textarea");

  try {
    // It has arrived on the receipt, which has no field, or at its place in the thread, where it wasn't sent from.
    const from = sessionStorage[sent];
    if (!field || (from && from !== location.href && location.hash.startsWith("#comment-"))) {
      sessionStorage.removeItem(key);
      sessionStorage.removeItem(sent);
    } else {
      sessionStorage.removeItem(sent); // Still here, so it has not arrived.
      field.value ||= sessionStorage.getItem(key) || "";
    }
  } catch {} // No storage: the field works as ever.

  const keep = (name, value) => {
    try {
      sessionStorage.setItem(name, value);
    } catch {}
  };
  field?.addEventListener("input", () => keep(key, field.value));
  field?.form.addEventListener("submit", (event) => {
    if (event.submitter?.name !== "preview") keep(sent, location.href);
  });
}
