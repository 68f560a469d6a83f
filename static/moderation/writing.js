// On a comment's own page: r leads to the reply, e to the form that changes the comment.
const edit = document.querySelector("[data-edit]");
const reply = document.querySelector("[data-reply-text]");

if (edit) {
  const keys = { r: () => reply?.focus(), e: () => edit.click() };
  // Whoever switched the keys of the queue off has none here.
  const areOn = () => {
    try {
      return localStorage.getItem("desk-keys") !== "off";
    } catch {
      return true;
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    const { target, key } = event;
    if (target.isContentEditable || target.matches("select, textarea, input:not([type=checkbox])")) return;
    if (!Object.hasOwn(keys, key) || !areOn()) return;
    event.preventDefault();
    keys[key]();
  });

  // Whoever comes here to reply can write at once.
  if (location.hash === "#reply") reply?.focus();
}
