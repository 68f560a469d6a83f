// The queue from the keyboard. The dialog that "?" opens lists the keys, and switches them off.
const desk = document.querySelector("[data-desk]");

if (desk) {
  const dialog = document.querySelector("[data-desk-keys]");
  const button = desk.querySelector("[data-desk-open]");
  const toggle = dialog.querySelector("[data-desk-switch]");
  const messages = document.querySelector("[data-desk-messages]");
  const form = document.querySelector("#changelist-form");
  const rows = [...form.querySelectorAll("#result_list tbody tr")];
  const address = location.pathname + location.search;
  const moves = { a: "approve", s: "mark_spam", d: "trash", u: "hold", p: "keep" };
  let at = -1;
  let isSent = false;

  // No storage: the keys are on, and the place in the list is lost.
  const recall = (storage, name) => {
    try {
      return window[storage].getItem(name);
    } catch {}
  };
  const keep = (storage, name, value) => {
    try {
      window[storage].setItem(name, value);
    } catch {}
  };
  const boxOf = (row) => row.querySelector(".action-select");

  const mark = (index) => {
    rows[at]?.removeAttribute("aria-current");
    at = index;
    rows[at].setAttribute("aria-current", "true");
  };
  const goTo = (index) => {
    const row = rows[Math.max(0, Math.min(index, rows.length - 1))];
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  };
  const comeBackTo = (index) => keep("sessionStorage", "desk", JSON.stringify([address, index]));

  const open = (selector) => {
    const link = rows[at]?.querySelector(selector);
    if (link) comeBackTo(at);
    link?.click();
  };
  const decide = (move) => {
    const menu = form.querySelector("select[name=action]");
    // Not every list has every move.
    const option = menu?.querySelector(`option[value=${move}_selected]`);
    if (!option || isSent) return;
    let chosen = rows.filter((row) => boxOf(row)?.checked);
    if (!chosen.length && rows[at]) {
      boxOf(rows[at])?.click();
      chosen = [rows[at]];
    }
    if (!chosen.length) return;
    isSent = true;
    menu.value = option.value;
    // Where the first of them stood, the next one will stand.
    comeBackTo(rows.indexOf(chosen[0]));
    form.requestSubmit(form.querySelector("button[name=index]"));
  };

  const keys = {
    j: () => goTo(at + 1),
    k: () => goTo(at - 1),
    x: () => rows[at] && boxOf(rows[at])?.click(),
    o: () => open("[data-article]"),
    r: () => open("[data-reply]"),
    e: () => open("[data-edit]"),
    z: () => messages.querySelector("[data-undo]")?.click(),
    "/": () => document.querySelector("#searchbar")?.select(),
    "?": () => dialog.showModal(),
  };
  for (const [key, move] of Object.entries(moves)) keys[key] = () => decide(move);

  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || dialog.open || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { target, key } = event;
    if (target.isContentEditable || target.matches("select, textarea, input:not([type=checkbox])")) return;
    // On a link or a button Enter means that one.
    if (key === "Enter" && target === rows[at]) {
      event.preventDefault();
      return open(".field-excerpt a");
    }
    if (!Object.hasOwn(keys, key)) return;
    event.preventDefault();
    // A key held down moves on; it decides nothing twice.
    if (!event.repeat || key === "j" || key === "k") keys[key]();
  });

  rows.forEach((row, index) => {
    row.tabIndex = -1;
    row.addEventListener("focusin", () => mark(index));
  });

  button.hidden = false;
  button.addEventListener("click", () => dialog.showModal());
  toggle.checked = recall("localStorage", "desk-keys") !== "off";
  toggle.addEventListener("change", () => keep("localStorage", "desk-keys", toggle.checked ? "on" : "off"));

  // After going back the page may be as it was left.
  window.addEventListener("pageshow", () => {
    isSent = false;
  });

  const [place, index] = JSON.parse(recall("sessionStorage", "desk") || "[]");
  keep("sessionStorage", "desk", "[]");
  if (place === address) goTo(index);

  // What was there from the start is not announced; what comes is.
  if (messages.textContent.trim()) setTimeout(() => messages.replaceChildren(...messages.childNodes), 200);
}
