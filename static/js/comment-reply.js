// Reply in place: the form moves below the comment it answers, and back.
// Without this script the link loads the page with the form addressed to that comment.
const respond = document.querySelector("[data-respond]");

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
    (link || respond.querySelector("textarea")).focus();
  };

  document.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest("[data-reply]");
    if (link) {
      event.preventDefault();
      address(link.dataset.reply, respond.dataset.titleReply.replace("{name}", () => link.dataset.replyName));
      link.parentElement.after(respond);
      respond.querySelector("textarea").focus();
    } else if (event.target.closest("[data-reply-cancel]")) {
      event.preventDefault();
      goHome();
    }
  });

  respond.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing && parent.value) goHome();
  });
}
