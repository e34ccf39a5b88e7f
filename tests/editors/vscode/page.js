// What the tests read in VS Code's page; it is there before VS Code is.
globalThis.midfillPage = {
  // What the item in the status bar has said, each once it changed.
  statuses: [],

  // VS Code renders blanks as no-break spaces.
  text(nodes) {
    return [...nodes].map((node) => node.textContent).join("").replaceAll("\u00a0", " ");
  },

  // The lines of the editor from top to bottom; ghost text within a line is part of it.
  lines() {
    const lines = [...document.querySelectorAll(".editor-instance .view-lines > .view-line")];
    const top = (line) => Number.parseFloat(line.style.top);
    return lines.sort((a, b) => top(a) - top(b)).map((line) => this.text([line]));
  },

  ghostText() {
    const first = this.text(document.querySelectorAll(".editor-instance .ghost-text-decoration"));
    const others = document.querySelectorAll(".editor-instance .suggest-preview-text .view-line");
    return [first, ...[...others].map((line) => this.text([line]))].join("\n");
  },

  // Notes, at each frame that is painted, what `look` returns where it is new.
  record(look) {
    const seen = [];
    const frame = () => {
      const value = look();
      if (value !== seen.at(-1)) seen.push(value);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return seen;
  },
};

new MutationObserver(() => {
  const item = document.getElementById("midfill.midfill.status")?.querySelector("a");
  const status = item?.getAttribute("aria-label");
  const statuses = globalThis.midfillPage.statuses;
  if (status && status !== statuses.at(-1)) statuses.push(status);
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label"] });
