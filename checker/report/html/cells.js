// All cells of a state, made when they are first looked at.
const cells = make("details", "cells");
const filter = make("input");
const onlyChanged = make("input");
const found = make("span", "count");
let lines = null;
cells.append(make("summary", "", make("span", "", "All cells"), make("span", "count", String(data.cells.length))));
filter.type = "search";
filter.placeholder = "words of names and values";
filter.setAttribute("aria-label", "Filter the cells");
onlyChanged.type = "checkbox";
found.setAttribute("role", "status");
const body = make("tbody");
const table = make("table", "", make("caption", "sr", "All cells of the state"), body);
const scroll = make("div", "scroll", table);
scroll.tabIndex = 0;
scroll.setAttribute("role", "region");
scroll.setAttribute("aria-label", "Cells");
cells.append(make("div", "tools", filter, make("label", "", onlyChanged, " changed by the step"), found), scroll);

function fillCells() {
  if (!cells.open) return;
  if (lines === null) {
    lines = data.cells.map(([path, , ghost, read]) => {
      const name = make("th", "", path, read ? make("span", "reads", make("span", "sr", " read by the clause")) : null);
      name.scope = "row";
      const line = make("tr", ghost && !read ? "ghost" : "", name, make("td"));
      body.append(line);
      return line;
    });
  }
  const values = stateAt(now);
  const before = stateAt(Math.max(now - 1, 0));
  const words = filter.value.toLowerCase().split(/\s+/).filter((word) => word);
  const ghosts = byId("ghosts").checked;
  let count = 0;
  lines.forEach((line, cell) => {
    const [path, , ghost, read] = data.cells[cell];
    const changed = values[cell] !== before[cell];
    const text = (path + " " + values[cell]).toLowerCase();
    const shown = words.every((word) => text.includes(word)) && (changed || !onlyChanged.checked);
    line.classList.toggle("changed", changed);
    line.hidden = !shown;
    if (shown && (ghosts || read || !ghost)) count += 1;
    line.lastChild.replaceChildren(...(changed ? [make("s", "", before[cell]), " → ", values[cell]] : [values[cell]]));
  });
  found.textContent = count + " shown";
}

function showCells(name) {
  filter.value = name;
  onlyChanged.checked = false;
  cells.open = true;
  fillCells();
  cells.scrollIntoView({ block: "nearest" });
  filter.focus({ preventScroll: true });
}
