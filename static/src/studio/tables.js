/* The side panel: tables and their columns; a click puts a name into the editor. */
import { make } from "../kit/dom.js";

export function showTables(place, tables, { insert }) {
  const list = make("ul", { class: "sql-tables" });
  for (const table of tables) list.append(entry(table, insert));
  place.replaceChildren(tables.length ? list : make("p", { class: "muted sql-note" }, "No tables yet."));
}

function entry(table, insert) {
  const name = table.schema === "public" ? quoted(table.name) : `${quoted(table.schema)}.${quoted(table.name)}`;
  const rows = table.row_estimate === null ? "" : `~${table.row_estimate.toLocaleString()}`;
  const pick = make("button", { type: "button", class: "sql-pick", title: `Insert ${name}` }, "Insert");
  pick.addEventListener("click", () => insert(name));
  const columns = table.columns.map((column) => {
    const button = make("button", { type: "button", class: "sql-column", title: `Insert ${column.name}` }, column.name);
    button.addEventListener("click", () => insert(quoted(column.name)));
    const key = table.primary_key.includes(column.name) ? make("span", { class: "sql-key", title: "Primary key" }, "key") : null;
    return make("li", {}, button, key, make("span", { class: "sql-type" }, column.type));
  });
  return make(
    "li", { "data-name": `${table.schema}.${table.name}`.toLowerCase() },
    make("details", {},
      make("summary", {}, make("span", { class: "sql-name" }, table.schema === "public" ? table.name : `${table.schema}.${table.name}`),
        table.kind === "table" ? null : make("span", { class: "sql-type" }, table.kind.replaceAll("_", " ")),
        make("span", { class: "sql-count" }, rows)),
      pick,
      make("ul", {}, ...columns)),
  );
}

function quoted(name) {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

export function filterTables(place, text) {
  const wanted = text.trim().toLowerCase();
  for (const item of place.querySelectorAll("[data-name]")) item.hidden = !item.textContent.toLowerCase().includes(wanted);
}

export function schemaOf(tables) {
  const schema = {};
  for (const table of tables) {
    (schema[table.schema] ??= {})[table.name] = table.columns.map((column) => column.name);
  }
  return schema;
}
