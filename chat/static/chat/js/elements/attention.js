/** Whether somebody looks: the tab is visible and has the focus. */
export function isAttentive() {
  return document.visibilityState === "visible" && document.hasFocus();
}

/** The newest message of which the reader has seen the end; 0 where there is none. */
export function seenSeq(scroller, rows) {
  const edge = scroller.getBoundingClientRect();
  for (let row = rows.lastElementChild; row; row = row.previousElementSibling) {
    const box = row.dataset.seq ? row.getBoundingClientRect() : null;
    if (box === null || box.top > edge.bottom - 16) continue;
    const isWhole = box.bottom <= edge.bottom + 8;
    const fillsTheView = box.top <= edge.top && box.bottom >= edge.bottom;
    if (isWhole || fillsTheView) return Number(row.dataset.seq);
  }
  return 0;
}
