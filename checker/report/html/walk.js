// Walking through the steps.
const rows = Array.from(document.querySelectorAll(".film .row"));
const details = Array.from(byId("details").children);
const film = document.querySelector(".film");
let now = -1;
let callsOpen = true;

function mark(step, here) {
  const link = rows[step].querySelector(".box");
  rows[step].classList.toggle("at", here);
  link.tabIndex = here ? 0 : -1;
  if (here) link.setAttribute("aria-current", "step");
  else link.removeAttribute("aria-current");
  details[step].hidden = !here && !byId("every").checked;
}

function show(step, tell) {
  step = Math.min(Math.max(step, 0), last);
  if (step === now) return;
  const left = now < 0 ? null : details[now].querySelector(".calls");
  if (left !== null) callsOpen = left.open;
  if (now >= 0) {
    details[now].querySelector(".drawn").remove();
    mark(now, false);
  }
  now = step;
  mark(step, true);
  details[step].querySelector(".slot").append(picture(step));
  const calls = details[step].querySelector(".calls");
  if (calls) calls.open = callsOpen;
  byId("slider").value = String(step);
  byId("slider").setAttribute("aria-valuetext", step ? "step " + step + " of " + last : "initial state");
  byId("count").textContent = step + " of " + last;
  for (const [id, off] of [["first", step === 0], ["back", step === 0], ["on", step === last], ["last-step", step === last]]) {
    byId(id).setAttribute("aria-disabled", String(off));
  }
  fillCells();
  if (tell) {
    tellAll(step);
    keep(step);
  }
  reveal(rows[step]);
  requestAnimationFrame(() => reveal(rows[now])); // the heights of rows that were never seen are guesses until then
}

function tellAll(step) {
  const alarm = details[step].querySelector(".alarm");
  const count = step ? data.changes[step - 1].length : 0;
  const said = details[step].querySelector("h3").textContent + (alarm ? ". " + alarm.textContent : "");
  byId("live").textContent = said + (step ? ". " + count + (count === 1 ? " cell" : " cells") + " changed." : ".");
}

function keep(step) {
  try {
    history.replaceState(null, "", "#step=" + step);
  } catch {
    // Some viewers of local files forbid it; the page works without.
  }
}

function reveal(row) {
  const head = film.querySelector(".lanenames").offsetHeight;
  const top = row.offsetTop - head;
  const bottom = row.offsetTop + row.offsetHeight;
  if (top < film.scrollTop || bottom > film.scrollTop + film.clientHeight) film.scrollTop = (top + bottom - film.clientHeight) / 2;
}

function asked() {
  const match = /^#step=(\d{1,9})$/.exec(location.hash);
  return match ? Number(match[1]) : null;
}

const moves = {
  ArrowLeft: () => now - 1, k: () => now - 1, ArrowRight: () => now + 1, j: () => now + 1, Home: () => 0, End: () => last,
};

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || !byId("keys").checked) return;
  const at = event.target;
  const typing = at instanceof HTMLInputElement && (at.type === "search" || at.type === "range");
  if (typing && (at.type === "search" || event.key.length > 1)) return;
  if (!Object.hasOwn(moves, event.key)) return;
  event.preventDefault();
  show(moves[event.key](), true);
}

document.addEventListener("keydown", pressed);
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#step="]') : null;
  const row = event.target instanceof Element ? event.target.closest(".film .row") : null;
  if (link) {
    event.preventDefault();
    show(Number(link.hash.slice("#step=".length)), true);
    if (!link.closest(".film")) byId("run").scrollIntoView({ block: "start" });
  } else if (row) {
    show(rows.indexOf(row), true);
  }
});
byId("slider").addEventListener("input", () => show(Number(byId("slider").value), true));
for (const [id, key] of [["first", "Home"], ["back", "k"], ["on", "j"], ["last-step", "End"]]) {
  byId(id).addEventListener("click", () => show(moves[key](), true));
}
byId("every").addEventListener("change", () => {
  details.forEach((detail, at) => { detail.hidden = !byId("every").checked && at !== now; });
});
cells.addEventListener("toggle", fillCells);
for (const input of [filter, onlyChanged]) input.addEventListener("input", fillCells);
byId("ghosts").addEventListener("change", fillCells);
addEventListener("hashchange", () => {
  const step = asked();
  if (step !== null) show(step, true);
});

document.querySelector(".stepper").hidden = false;
document.querySelector(".right").append(cells);
rows.forEach((row, step) => mark(step, false));
for (const row of rows) row.removeAttribute("id");  // anchors for readers without the script, which would move the page now
const step = asked();
show(step === null ? data.start : step, false);
if (step !== null) addEventListener("load", () => byId("run").scrollIntoView());
