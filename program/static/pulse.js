// A long list of boxes can be narrowed by typing: those with the words stay, in lists that open for it.
"use strict";
for (const field of document.querySelectorAll("[data-narrows]")) {
  field.closest("label").hidden = false;
  field.addEventListener("input", () => {
    const words = field.value.trim().toLowerCase();
    for (const list of field.closest("fieldset").querySelectorAll("details")) {
      const boxes = [...list.querySelectorAll("[data-name]")];
      for (const box of boxes) box.hidden = !box.dataset.name.includes(words);
      if (words) list.open = boxes.some((box) => !box.hidden);
    }
  });
}
