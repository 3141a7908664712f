// Tables of figures: Enter and the arrows go up and down, as in a spreadsheet.
"use strict";
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest("[data-grid] td");
  const step = { ArrowUp: -1, ArrowDown: 1, Enter: event.shiftKey ? -1 : 1 }[event.key];
  if (!cell || !step || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  const lines = [...cell.closest("[data-grid]").rows];
  let at = lines.indexOf(cell.parentElement);
  while (lines[(at += step)]) {
    const next = lines[at].cells[cell.cellIndex]?.querySelector("input:enabled");
    if (next) {
      next.select();
      return;
    }
  }
});
