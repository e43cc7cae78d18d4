// Below this width the page keeps a readable table beside the chat only without its list of pages.
const roomForAll = 1400;

/** Makes room beside the page: marks the body, and folds the list of pages where all three do not fit; returns what undoes it. */
export function makeRoom(): () => void {
  document.body.classList.add("asking");
  const toggle = document.querySelector<HTMLInputElement>("#observablehq-sidebar-toggle");
  const {checked, indeterminate} = toggle ?? {};
  const isFolded = toggle !== null && innerWidth < roomForAll && (checked || indeterminate);
  if (isFolded) Object.assign(toggle, {checked: false, indeterminate: false});
  return () => {
    document.body.classList.remove("asking");
    if (isFolded) Object.assign(toggle, {checked, indeterminate});
  };
}
