// What a page gains when JavaScript runs: keys, a panel beside the list, questions asked in place, drafts that survive.
// Everything here is an addition; each page does its work without it. Words come from the page (the template "words").
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  // Storage may be forbidden by the browser's settings; then nothing is remembered, and nothing breaks.
  const keep = (which) => (key, value) => {
    try {
      if (value === undefined) return window[which].getItem(key);
      return value === null ? window[which].removeItem(key) : window[which].setItem(key, value);
    } catch (refused) {
      if (refused instanceof DOMException) return null;
      throw refused;
    }
  };
  const local = keep("localStorage");
  const session = keep("sessionStorage");
  if (local("folded")) root.classList.add("folded");

  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const one = (selector, from = document) => from.querySelector(selector);
  const word = (name) => one("#words").dataset[name];
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const panel = () => one("#panel");

  // messages
  function say(text) {
    const note = one("#alert").content.cloneNode(true);
    if (text) one("p", note).textContent = text;
    one("#toasts").append(note);
  }

  // A message goes by itself, but not while somebody points at it or has tabbed into it.
  function fade() {
    for (const note of all("[data-fades]")) {
      note.removeAttribute("data-fades");
      const leave = () => (note.matches(":hover, :focus-within") ? setTimeout(leave, 3000) : note.remove());
      setTimeout(leave, one("form", note) ? 15000 : 7000);
    }
  }

  // rows: walking, opening, choosing
  const rows = () => all("[data-keys] > tbody > tr:not(.group), [data-keys] > li").filter((row) => row.offsetParent);
  const rowOf = (target) => target.closest("[data-keys] > tbody > tr, [data-keys] > li");
  const hereRow = () => one(".here");

  function walk(step) {
    const list = rows();
    const at = list.indexOf(hereRow());
    const next = at < 0 ? list.at(step > 0 ? 0 : -1) : list[at + step];
    if (!next) return;
    (one(".row-link", next) || one("a, button, input", next))?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  function countChosen() {
    const boxes = all(".row-select");
    const chosen = boxes.filter((box) => box.checked).length;
    for (const figure of all("[data-bulk-count]")) figure.textContent = chosen;
    for (const head of all("[data-select-all]")) {
      head.checked = chosen > 0 && chosen === boxes.length;
      head.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  }

  let lastBox = null;
  function chooseRange(box) {
    const boxes = all(".row-select");
    const from = boxes.indexOf(lastBox);
    const to = boxes.indexOf(box);
    if (from >= 0) for (const each of boxes.slice(Math.min(from, to), Math.max(from, to) + 1)) each.checked = box.checked;
  }

  // the panel
  let cameFrom = null;
  function closePanel() {
    const open = panel();
    if (!open || !open.firstElementChild) return false;
    if (!mayLeave(open)) return true;
    const back = one("[data-panel-close]", open);
    open.replaceChildren();
    if (back) history.replaceState(history.state, "", back.href);
    if (cameFrom && cameFrom.isConnected) cameFrom.focus();
    cameFrom = null;
    return true;
  }

  // forms: unsaved changes, drafts, questions
  const changed = new WeakSet();
  const sending = new WeakSet();
  const guarded = (from) => all("form[data-guard]", from).filter((form) => changed.has(form));
  const mayLeave = (from) => !guarded(from).length || window.confirm(word("unsaved"));
  const draftKey = (area) => `draft:${location.pathname}:${area.name}`;

  function offerDrafts(from) {
    for (const area of all("textarea[data-draft]", from)) {
      const draft = session(draftKey(area));
      if (!draft || draft === area.value || area.dataset.offered) continue;
      area.dataset.offered = "1";
      const line = one("#draft").content.firstElementChild.cloneNode(true);
      line.addEventListener("click", (event) => {
        if (!event.target.value) return;
        if (event.target.value === "restore") area.value = draft;
        else session(draftKey(area), null);
        line.remove();
        area.focus();
      });
      // Never inside a label: it would become the name of the first button.
      (area.closest("label") || area).before(line);
    }
  }

  function forgetSent() {
    for (const key of (session("sent") || "").split("\n")) session(key, null);
    session("sent", null);
  }

  function ask(form, submitter) {
    const dialog = one("#confirm");
    const { confirm, confirmTitle, confirmVerb, confirmDanger } = form.dataset;
    one("h2", dialog).textContent = confirmTitle;
    one("p", dialog).textContent = confirm;
    const yes = one("[value=yes]", dialog);
    yes.textContent = confirmVerb;
    yes.className = confirmDanger === undefined ? "btn btn-primary" : "btn btn-danger";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") { (submitter || form).focus?.(); return; }
      const answer = Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "1" });
      form.append(answer);
      form.requestSubmit(submitter);
      answer.remove();
    }, { once: true });
    dialog.showModal();
  }

  function setTheme(form, value) {
    if (value === "auto") delete root.dataset.bsTheme;
    else root.dataset.bsTheme = value;
    for (const button of all("button", form)) button.setAttribute("aria-pressed", String(button.value === value));
    const body = new FormData(form);
    body.set("theme", value);
    fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => say(word("failed")));
  }

  function showKeys() {
    const dialog = one("#keys");
    if (!dialog) return;
    const list = one("dl", dialog);
    if (!one("[data-place]", list)) {
      for (const link of all(".rail [data-go]")) {
        const line = list.firstElementChild.cloneNode(true);
        line.dataset.place = "";
        const letter = one("kbd", line).cloneNode();
        one("kbd", line).textContent = "g";
        letter.textContent = link.dataset.go;
        one("dt", line).append(letter);
        one("dd", line).textContent = link.title;
        list.append(line);
      }
    }
    dialog.showModal();
  }

  // what people do
  let goPending = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = one("details[name=menu][open]");
      if (menu) { menu.open = false; one("summary", menu).focus(); return; }
      if (event.target.matches("[data-search]")) { event.target.blur(); return; }
      if (!one("dialog[open]") && !typing(event.target) && closePanel()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one("dialog[open]")) return;
    const key = event.key;
    if (Date.now() - goPending < 1500) {
      goPending = 0;
      const link = all("[data-go]").find((each) => each.dataset.go === key);
      if (link) { event.preventDefault(); location.assign(link.href); return; }
    }
    const act = {
      "/": () => one("[data-search]")?.focus(),
      "?": showKeys,
      g: () => { goPending = Date.now(); },
      j: () => walk(1),
      k: () => walk(-1),
      x: () => hereRow()?.querySelector(".row-select")?.click(),
      e: () => (one("[data-edit]", panel()) || hereRow()?.querySelector("[data-edit]") || one("main [data-edit]"))?.click(),
    }[key];
    if (act) { event.preventDefault(); act(); }
  });

  document.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    if (!row) return;
    hereRow()?.classList.remove("here");
    row.classList.add("here");
  });

  document.addEventListener("click", (event) => {
    const target = event.target;
    for (const menu of all("details[name=menu][open]")) if (!menu.contains(target)) menu.open = false;
    if (target.closest("[data-dismiss]")) return target.closest(".toast-note").remove();
    if (target.closest("[data-help]")) return showKeys();
    const copy = target.closest("[data-copy]");
    if (copy) return navigator.clipboard?.writeText(copy.dataset.copy).then(() => { one("span", copy).textContent = copy.dataset.copied; });
    if (target.closest("[data-fold]")) {
      const folded = root.classList.toggle("folded");
      target.closest("[data-fold]").setAttribute("aria-pressed", String(folded));
      return local("folded", folded ? "1" : null);
    }
    if (target.closest("[data-bulk-clear]")) {
      for (const box of all(".row-select")) box.checked = false;
      return countChosen();
    }
    if (target.closest("[data-panel-close]") && panel().contains(target)) {
      event.preventDefault();
      return closePanel();
    }
    if (target.matches(".row-select")) {
      if (event.shiftKey) chooseRange(target);
      lastBox = target;
      return countChosen();
    }
    const themed = target.closest("[data-theme-form] button");
    if (themed) { event.preventDefault(); return setTheme(themed.form, themed.value); }
    // A click anywhere in a row opens it, unless it was meant for something in the row or ended a selection of text.
    const row = rowOf(target);
    if (!row || event.defaultPrevented || target.closest("a, button, input, select, textarea, label, summary, details")) return undefined;
    if (String(window.getSelection())) return undefined;
    const link = one(".row-link", row);
    if (!link) return undefined;
    if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
    else link.click();
    return undefined;
  });

  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.matches("[data-select-all]")) {
      for (const box of all(".row-select")) box.checked = target.checked;
      countChosen();
    }
    if (target.matches("select") && target.form?.matches("[data-autosubmit]")) target.form.requestSubmit();
  });

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-guard]")) changed.add(form);
    if (event.target.matches("textarea[data-draft]")) session(draftKey(event.target), event.target.value || null);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !one("input[name=confirmed]", form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return ask(form, event.submitter);
    }
    // A second click while the first is on its way would do the thing twice.
    if (form.method === "post" && sending.has(form)) {
      event.preventDefault();
      return event.stopImmediatePropagation();
    }
    sending.add(form);
    setTimeout(() => sending.delete(form), 2000);
    changed.delete(form);
    session("sent", all("textarea[data-draft]", form).map(draftKey).join("\n") || null);
    // Empty filters would only make the address longer.
    if (form.matches("[data-autosubmit]")) for (const field of form.elements) if (!field.value) field.disabled = true;
    return undefined;
  }, true);

  window.addEventListener("beforeunload", (event) => { if (guarded(document).length) event.preventDefault(); });
  window.addEventListener("pageshow", () => {
    countChosen();
    for (const field of all("[data-autosubmit] :disabled")) field.disabled = false;
  });

  // htmx
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = one("meta[name=csrf-token]").content;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    // A whole page where a piece was asked for is the sign-in page, or one that has moved: go there.
    const { xhr, requestConfig } = event.detail;
    if (requestConfig.verb !== "get" || !/^\s*<!doctype/i.test(xhr.responseText)) return;
    // Unless it was asked for whole, for a piece that it has.
    const piece = requestConfig.elt.getAttribute("hx-select");
    if (piece && xhr.responseText.includes(`id="${piece.slice(1)}"`)) return;
    event.preventDefault();
    location.assign(xhr.responseURL);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target !== panel()) return;
    if (!panel().contains(event.detail.elt)) {
      if (!mayLeave(panel())) { event.preventDefault(); return; }
      cameFrom = event.detail.elt;
    }
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig } = event.detail;
    // Keys go on where they were, though what had the focus is gone: in the new row, or the panel.
    const lost = document.activeElement === document.body;
    if (target === panel() && (lost || requestConfig.verb === "get")) one("#panel-title")?.focus();
    else if (lost && target.matches("tr")) one(`#${target.id} :is(.row-form select, .row-link)`)?.focus();
    settle(target.isConnected ? target : document);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    sending.delete(event.detail.elt);
    if (event.detail.successful && event.detail.requestConfig.verb !== "get") forgetSent();
  });
  document.addEventListener("htmx:oobAfterSwap", fade);
  document.addEventListener("htmx:sendError", () => say(word("failed")));
  document.addEventListener("htmx:responseError", () => say());

  function settle(from) {
    fade();
    offerDrafts(from);
    countChosen();
    one("[data-focus]", from)?.focus();
  }

  // Tabs in one line: the present one is brought into view, and an end that fades says that there are more.
  function showTabs() {
    for (const tabs of all(".tabs")) {
      const present = one("[aria-current]", tabs);
      if (present) tabs.scrollLeft = present.offsetLeft - (tabs.clientWidth - present.offsetWidth) / 2;
      const mark = () => {
        const before = tabs.scrollLeft > 1;
        const after = tabs.scrollLeft < tabs.scrollWidth - tabs.clientWidth - 1;
        tabs.classList.toggle("tabs-start", after && !before);
        tabs.classList.toggle("tabs-middle", after && before);
        tabs.classList.toggle("tabs-end", before && !after);
      };
      tabs.addEventListener("scroll", mark, { passive: true });
      new ResizeObserver(mark).observe(tabs);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    // A page that comes without errors after a form was sent has taken its text: the drafts have done their work.
    const answer = performance.getEntriesByType("navigation")[0]?.responseStatus || 200;
    if (answer < 400 && !one(".error-summary")) forgetSent();
    one("[data-fold]")?.setAttribute("aria-pressed", String(root.classList.contains("folded")));
    settle(document);
    showTabs();
    if (panel()?.firstElementChild) one("#panel-title")?.focus();
  });
})();
