/* The planner's view of a statement as a tree of plain lines. */
import { make } from "../kit/dom.js";

export function showPlan(place, answer) {
  const cost = answer.total_cost.toLocaleString(undefined, { maximumFractionDigits: 0 });
  place.replaceChildren(
    make("div", { class: "sql-facts", role: "status" }, `Estimate: ${answer.rows.toLocaleString()} rows, cost ${cost}. Nothing was run.`),
    make("ul", { class: "sql-plan" }, node(answer.plan.Plan)),
  );
}

function node(plan) {
  const on = plan["Relation Name"] || plan["Index Name"];
  const words = `${plan["Node Type"]}${on ? ` on ${on}` : ""}`;
  const filter = plan["Index Cond"] || plan["Hash Cond"] || plan["Filter"];
  return make(
    "li", {},
    make("strong", {}, words),
    make("span", { class: "muted" }, ` ${plan["Plan Rows"].toLocaleString()} rows · cost ${Math.round(plan["Total Cost"]).toLocaleString()}`),
    filter ? make("div", { class: "muted sql-filter" }, filter) : null,
    plan.Plans ? make("ul", {}, ...plan.Plans.map(node)) : null,
  );
}
