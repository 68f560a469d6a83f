"""Going through a page by keyboard, and what one sees while doing so."""

# What has the focus: where in the page it is, what it is called, and whether one sees it.
FOCUSED = """() => {
  const element = document.activeElement;
  const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(element);
  const {width, top, bottom, left, right} = element.getBoundingClientRect();
  const regions = ["main form", ".comment-list", ".article", ".site-header", ".site-footer", "main"];
  return {
    region: regions.find((each) => element.closest(each)),
    name: element.name || element.textContent.trim(),
    isMarked: (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none",
    isOnScreen: width > 0 && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
  };
}"""


def press_tab(page):
    page.keyboard.press("Tab")
    return page.evaluate(FOCUSED)
