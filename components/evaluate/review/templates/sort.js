"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  table.querySelectorAll("thead th").forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") === "descending";
      for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const key = row => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const number = text => (text.trim() === "" ? NaN : Number(text));
      const compare = (a, b) => {
        const [x, y] = [number(key(a)), number(key(b))];
        if (Number.isNaN(x) && Number.isNaN(y)) return key(a).localeCompare(key(b));
        if (Number.isNaN(x)) return rising ? 1 : -1;
        if (Number.isNaN(y)) return rising ? -1 : 1;
        return x - y;
      };
      const body = table.tBodies[0];
      const rows = [...body.rows].sort(compare);
      if (!rising) rows.reverse();
      body.append(...rows);
    });
  });
}
