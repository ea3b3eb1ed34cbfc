"use strict";
// One search box for all tables, columns that sort, and #q=WORDS in the address as a search.
const box = document.getElementById("search");
const tables = [...document.querySelectorAll("table.searchable")].map((table) => ({
  count: document.getElementById(`${table.id}-count`),
  rows: [...table.tBodies[0].rows].map((row) => ({
    row,
    text: [...row.cells].map((cell) => cell.textContent).join(" "),
  })),
}));

// "topic_1" is not meant to find "topic_10"
function pattern(word) {
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(/\d$/.test(word) ? literal + "(?!\\d)" : literal, "i");
}

function search() {
  const words = box.value.split(/[\s,]+/).filter(Boolean).map(pattern);
  for (const { count, rows } of tables) {
    let shown = 0;
    for (const { row, text } of rows) {
      row.hidden = !words.every((word) => word.test(text));
      shown += row.hidden ? 0 : 1;
    }
    count.textContent = words.length ? `${shown} of ${rows.length} rows found.` : "";
  }
}

function fromAddress() {
  const query = new URLSearchParams(location.hash.slice(1)).get("q");
  if (query === null) return;
  box.value = query;
  search();
  document.getElementById("topics").scrollIntoView();
}

function compare(column, numeric, sign) {
  const value = (row) => {
    const text = row.cells[column].textContent.trim();
    return numeric ? parseFloat(text.replaceAll(",", "")) : text;
  };
  const absent = (entry) => entry === "" || Number.isNaN(entry);
  return (one, other) => {
    const [a, b] = [value(one), value(other)];
    if (absent(a) || absent(b)) return absent(a) - absent(b);
    return sign * (numeric ? a - b : a.localeCompare(b, "en", { numeric: true }));
  };
}

function sort(header) {
  const numeric = header.classList.contains("number");
  const first = numeric ? "descending" : "ascending";
  const second = numeric ? "ascending" : "descending";
  const direction = header.getAttribute("aria-sort") === first ? second : first;
  for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", direction);
  const body = header.closest("table").tBodies[0];
  const sign = direction === "ascending" ? 1 : -1;
  body.append(...[...body.rows].sort(compare(header.cellIndex, numeric, sign)));
}

for (const header of document.querySelectorAll("table.searchable thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...header.childNodes);
  button.addEventListener("click", () => sort(header));
  header.append(button);
}
document.querySelector(".search").hidden = false;
box.addEventListener("input", () => {
  search();
  history.replaceState(null, "", box.value ? `#q=${encodeURIComponent(box.value)}` : "#");
});
addEventListener("hashchange", fromAddress);
fromAddress();
