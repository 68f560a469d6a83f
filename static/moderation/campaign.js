// Comments like each other: the buttons say how many they would decide, and one box ticks all.
const form = document.querySelector("[data-campaign]");
const all = form?.querySelector("[data-campaign-all]");

if (all) {
  const boxes = [...form.querySelectorAll("[name=_selected_action]")];
  const across = form.querySelector("[data-campaign-across]");
  const buttons = [...form.querySelectorAll("[data-campaign-move]")].map((button) => ({
    button,
    text: button.textContent,
    statuses: button.dataset.campaignMove.split(" "),
  }));

  const tell = () => {
    const ticked = boxes.filter((box) => box.checked);
    all.checked = ticked.length === boxes.length;
    all.indeterminate = ticked.length > 0 && !all.checked;
    for (const { button, text, statuses } of buttons) {
      const count = across?.checked
        ? button.dataset.ofAll
        : ticked.filter((box) => statuses.includes(box.dataset.status)).length;
      button.textContent = all.checked && !across?.checked ? text : `${button.dataset.label}: ${count}`;
      button.disabled = Number(count) === 0;
    }
  };

  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  form.addEventListener("change", tell);
  // After going back the boxes may be as they were left.
  addEventListener("pageshow", tell);
}
