// Pictures of a state, drawn from the data.
// Text from the trace reaches the page through textContent and attributes alone.
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const last = data.changes.length;

function make(name, classes, ...children) {
  const element = document.createElement(name);
  if (classes) element.className = classes;
  for (const child of children) {
    if (child !== null) element.append(child);
  }
  return element;
}

// States: the initial cells with the changes of the steps applied one after the other.
function stateAt(step) {
  const values = data.cells.map((cell) => cell[1]);
  for (const changes of data.changes.slice(0, step)) {
    for (const [cell, value] of changes) values[cell] = value;
  }
  return values;
}

// Parts of a picture.
const partsOf = (step, kind) => (data.pictures[step] || []).filter((part) => part[0] === kind);

function strip(part, other, label) {
  const [, name, size, places] = part;
  const old = other ? other[3] : null;
  const row = make("span", "strip " + size);
  row.setAttribute("role", "img");
  const words = [];
  const changed = [];
  let run = null;
  places.forEach((number, place) => {
    const [classes, sign, said, owner] = data.blocks[number];
    const differs = old !== null && (place >= old.length || old[place] !== number);
    if (differs) changed.push(place);
    const key = owner || "\n" + classes.split(" ")[0];
    if (run === null || run.key !== key) {
      run = { key, cells: make("span", "pages"), owner, first: place, last: place };
      row.append(make("b", "", run.cells, make("span", "owner", owner)));
    }
    run.last = place;
    words.push(place + " " + said);
    const cell = make("i", classes + (differs ? " c" : ""), sign);
    cell.title = place + " " + said;
    cell.append(make("small", "", String(place)));
    run.cells.append(cell);
  });
  const tail = changed.length ? "; changed: " + changed.join(" ") : "";
  row.setAttribute("aria-label", label + " " + name + ": " + words.join("; ") + tail);
  return row;
}

function memory(part, other) {
  const same = other !== null && part[3].length === other[3].length && part[3].every((b, i) => b === other[3][i]);
  const scroll = make("div", "scroll");
  const figure = make("figure", "memory large", make("figcaption", "", part[1] + (same ? ", unchanged" : "")), scroll);
  if (other !== null && !same) scroll.append(make("div", "step-pair", make("span", "label", "before"), strip(other, null, "before,")));
  const label = other !== null && !same ? make("span", "label", "after") : null;
  scroll.append(make("div", "step-pair", label, strip(part, other, "")));
  return figure;
}

function node(name, kind, said) {
  const button = make("button", "node " + kind, name, said ? make("span", "sr", said) : null);
  button.type = "button";
  button.title = "cells of " + name;
  button.addEventListener("click", () => showCells(name));
  return make("li", "", button);
}

function chains(step) {
  const before = step > 0 ? partsOf(step - 1, "chain") : [];
  const list = make("ul", "chains");
  list.setAttribute("aria-label", "Lists");
  const empty = [];
  partsOf(step, "chain").forEach(([, name, members], at) => {
    const other = before[at];
    const old = step > 0 && other && other[1] === name ? other[2] : members;
    const gone = old.filter((member) => !members.includes(member));
    if (!members.length && !gone.length) {
      empty.push(name);
      return;
    }
    const changed = old.length !== members.length || old.some((member, i) => member !== members[i]);
    const boxes = make("ol", "members");
    for (const member of members) boxes.append(old.includes(member) ? node(member, "", "") : node(member, "added", " added"));
    for (const member of gone) boxes.append(node(member, "gone", " removed"));
    list.append(make("li", "chain" + (changed ? " changed" : ""), make("span", "name", name), boxes));
  });
  return [list.children.length ? list : null, empty.length ? make("p", "empty", "empty: " + empty.join(", ")) : null];
}

function picture(step) {
  const box = make("div", "drawn");
  const strips = step > 0 ? partsOf(step - 1, "strip") : [];
  const lines = step > 0 ? partsOf(step - 1, "line") : null;
  partsOf(step, "strip").forEach((part, at) => box.append(memory(part, strips[at] || null)));
  partsOf(step, "line").forEach((part, at) => {
    const changed = lines !== null && (lines[at] || [])[1] !== part[1];
    box.append(make("p", "line" + (changed ? " changed" : ""), part[1]));
  });
  box.append(...chains(step).filter((part) => part !== null));
  return box;
}
