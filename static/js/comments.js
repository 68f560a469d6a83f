// Comfort for the comment section, which is complete without it.
const section = document.querySelector("[data-comments]");
const respond = document.querySelector("[data-respond]");
const field = respond?.querySelector("textarea");
const place = document.querySelector("[data-draft]");
const { lang } = document.documentElement;

// Storage may be forbidden, full or spoilt: then nothing is kept. What is set to nothing is removed.
const storage = (name) => ({
  get(key) {
    try {
      return JSON.parse(window[name].getItem(key));
    } catch {}
  },
  set(key, value) {
    try {
      if (value) window[name].setItem(key, JSON.stringify(value));
      else window[name].removeItem(key);
    } catch {}
  },
});
const browser = storage("localStorage");
const tab = storage("sessionStorage");

// Reply in place: the form moves below the comment it answers, and back.
if (respond) {
  const home = document.createComment("");
  const parent = respond.querySelector("[name=comment_parent]");
  const title = respond.querySelector("[data-reply-heading]");
  const cancel = respond.querySelector("[data-reply-cancel]");
  respond.before(home);

  const address = (id, heading) => {
    parent.value = id;
    title.textContent = heading;
    cancel.hidden = !id;
  };

  const goHome = () => {
    const link = document.querySelector(`[data-reply="${CSS.escape(parent.value)}"]`);
    address("", respond.dataset.titleNew);
    home.after(respond);
    (link || field).focus();
  };

  // Quote what is selected of a comment, or else its beginning, without what it quotes itself.
  const quote = (content) => {
    const own = [...content.children].filter((block) => block.localName !== "blockquote");
    let text = (own.length ? own : [content]).map((block) => block.innerText.trim()).join("\n");
    const selection = getSelection();
    if (`${selection}`.trim() && content.contains(selection.getRangeAt(0).commonAncestorContainer)) {
      text = `${selection}`.trim();
    } else if (text.length > 500) {
      text = text.slice(0, 500).replace(/\s+\S{0,250}$/, "") + "…";
    }
    const typed = document.createElement("blockquote");
    typed.textContent = text;
    field.value = `${field.value.trimEnd()}\n\n${typed.outerHTML}\n\n`.trimStart();
    field.dispatchEvent(new Event("input"));
  };

  // What is selected stays so until the click.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-quote]")) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const clicked = event.target.closest(".comment-reply-link");
    const link = clicked?.parentElement.querySelector("[data-reply]");
    if (link) {
      event.preventDefault();
      if (clicked !== link) quote(link.closest("li").querySelector(".comment-content"));
      address(link.dataset.reply, respond.dataset.titleReply.replace("{name}", () => link.dataset.replyName));
      link.parentElement.after(respond);
      field.focus();
    } else if (event.target.closest("[data-reply-cancel]")) {
      event.preventDefault();
      goHome();
    }
  });

  respond.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && parent.value) goHome();
  });
}

// By consent, the writer's name, email and website stay in this browser and fill the next form.
// No cookie: nothing of it travels with a page.
const form = document.querySelector("[data-remember]");
if (form) {
  const fields = [...form.querySelectorAll("[name=author], [name=email], [name=url]")];
  const consent = form.elements.remember;
  const kept = browser.get("comment-writer");
  if (kept) {
    for (const each of fields) each.value ||= kept[each.name] || "";
    consent.checked = true;
  }
  form.addEventListener("submit", () => {
    const written = Object.fromEntries(fields.map((each) => [each.name, each.value]));
    browser.set("comment-writer", consent.checked && written);
  });
}

// A comment being written survives until it has arrived: on the receipt, which has no field, or at its place
// in the thread, where it wasn't sent from.
let ownComment;
if (place) {
  const key = `draft:${place.dataset.draft}`;
  const sent = `${key}:sent`;
  const from = tab.get(sent);
  const isPublished = from && from !== location.href && location.hash.startsWith("#comment-");
  tab.set(sent);
  if (isPublished) ownComment = location.hash.slice(9);
  if (!field || isPublished) {
    tab.set(key);
  } else {
    const draft = tab.get(key) || "";
    const quotation = location.search.includes("quote=1") ? field.value : "";
    if (draft && quotation) field.value = draft.includes(quotation.trim()) ? draft : `${draft}\n\n${quotation}`;
    else field.value ||= draft;
  }
  field?.addEventListener("input", () => tab.set(key, field.value));
  field?.form.addEventListener("submit", (event) => {
    if (event.submitter?.name !== "preview") tab.set(sent, location.href);
  });
}

// "3 hours ago", with the exact time beside it; what is older than a year keeps its date.
const times = document.querySelectorAll(".comments .comment-metadata time");
const units = { year: 525960, month: 43830, week: 10080, day: 1440, hour: 60, minute: 1 };
const relative = new Intl.RelativeTimeFormat(lang);
const tell = () => {
  for (const time of times) {
    const minutes = Math.max((Date.now() - Date.parse(time.dateTime)) / 60000, 1);
    const unit = Object.keys(units).find((each) => minutes >= units[each]);
    time.title ||= time.textContent;
    time.textContent = unit === "year" ? time.title : relative.format(-Math.floor(minutes / units[unit]), unit);
  }
};
tell();
setInterval(tell, 60000);

// What is new since the last visit: it did not stand on this page then. A visit lasts as long as its tab.
const line = section?.querySelector("[data-new]");
if (line) {
  const here = line.dataset.new;
  const key = `seen:${section.dataset.comments}`;
  const ids = [...section.querySelectorAll("li[id]")].map((item) => item.id.slice(8));
  // Addresses of pages and numbers of comments, in one list.
  const now = browser.get(key) || [];
  const then = tab.get(key) || now;
  tab.set(key, then.concat(ownComment ?? []));
  browser.set(key, [...new Set([...now, ...ids, here])].slice(-1000));

  const fresh = then.includes(here) ? ids.filter((id) => id !== ownComment && !then.includes(id)) : [];
  for (const id of fresh) {
    const mark = document.createElement("span");
    mark.className = "comment-mark comment-new";
    mark.textContent = line.dataset.newMark;
    document.querySelector(`#div-comment-${id} .comment-author`).append(" ", mark);
  }
  if (fresh.length) {
    const link = line.firstElementChild;
    link.textContent = link.textContent.replace("{count}", fresh.length.toLocaleString(lang));
    link.hash = `comment-${fresh[0]}`;
    line.hidden = false;
  }
}

// Most browsers unfold the replies that an address leads into by themselves.
addEventListener("hashchange", () => {
  const target = document.getElementById(location.hash.slice(1));
  for (let box; (box = target?.closest("details:not([open])")); target.scrollIntoView()) box.open = true;
});
