// Tells colleagues that this comment is open here, and says who else has it open.
const note = document.querySelector("[data-presence]");

if (note) {
  const EVERY_MS = 30_000;
  const address = note.dataset.presence;
  const message = (fields = {}) => {
    const form = new FormData();
    form.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    return form;
  };

  const renew = async () => {
    if (document.hidden) return;
    try {
      // Whoever is signed out meanwhile is sent to another page, which says nothing of this.
      const answer = await fetch(address, { method: "POST", body: message(), redirect: "manual" });
      if (!answer.ok) return;
      const { said } = await answer.json();
      // Said again only where it is news.
      if (said !== note.textContent) note.textContent = said;
    } catch {}
  };

  setInterval(renew, EVERY_MS);
  document.addEventListener("visibilitychange", renew);
  window.addEventListener("pageshow", renew);
  window.addEventListener("pagehide", () => navigator.sendBeacon(address, message({ leaving: "1" })));
}
