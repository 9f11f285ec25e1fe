"use strict";
const $ = id => document.getElementById(id);
const STAGES = ["shortlister", "domain", "intent", "slots", "reranker", "hyprank"];
const TIMED = { shortlister: "Shortlister", domain: "Domain models", hyprank: "HypRank" };
const known = new Set();
let asking = null;

/** An element; its children are elements or text, never HTML. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  element.append(...children.filter(child => child != null).map(child => child instanceof Node ? child : String(child)));
  return element;
}

const score = value => value == null ? "–" : value.toFixed(2);
const percent = value => value == null ? "–" : `${(100 * value).toFixed(value > 0.1 ? 1 : 2)}\u00a0%`;
const milliseconds = seconds => `${(1000 * seconds).toFixed(2)} ms`;

function bar(share, against = false) {
  const filled = make("span", against ? { class: "against" } : null);
  filled.style.width = `${100 * Math.min(Math.max(share, 0), 1)}%`;
  return make("div", { class: "bar", "aria-hidden": "true" }, filled);
}

/** A table that scrolls by itself; `numbers` are the columns of numbers. */
function table(caption, heads, rows, numbers) {
  const kind = column => numbers.includes(column) ? { class: "number" } : {};
  const cell = (value, column) =>
    column ? make("td", kind(column), value) : make("th", { scope: "row" }, value);
  return make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption }, make("table", null,
    make("caption", null, caption),
    make("thead", null, make("tr", null,
      ...heads.map((head, column) => make("th", { scope: "col", ...kind(column) }, head)))),
    make("tbody", null, ...rows.map(row => make("tr", null, ...row.map(cell))))));
}

/** The text with its slots marked. The API counts code points, JavaScript's strings do not. */
function marked(text, slots) {
  const points = Array.from(text);
  const line = make("p", { class: "text" });
  let end = 0;
  [...slots].sort((a, b) => a.start - b.start).forEach((slot, number) => {
    if (slot.start < end || slot.end > points.length) return;
    line.append(points.slice(end, slot.start).join(""));
    line.append(make("mark", { class: `mark-${number % 4}` },
      points.slice(slot.start, slot.end).join(""), make("small", null, slot.name)));
    end = slot.end;
  });
  line.append(points.slice(end).join(""));
  return line;
}

const frame = reading => [reading.intent, ...(reading.slots ?? []).map(slot => `${slot.name}=“${slot.value}”`)]
  .filter(Boolean).join(" ") || "–";

function hypothesis(found, number, answer, text) {
  const scores = STAGES.filter(stage => found.scores?.[stage] != null)
    .map(stage => make("div", null, make("dt", null, stage), make("dd", null, score(found.scores[stage]))));
  return make("li", number === 0 && answer.accepted ? { class: "chosen" } : null,
    make("div", { class: "top" }, make("strong", null, found.skill_id), make("span", { class: "soft" }, found.domain),
      found.intent == null ? null : make("span", null, found.intent),
      make("span", { class: "number" }, percent(found.confidence))),
    bar(found.confidence), marked(text, found.slots ?? []), make("dl", { class: "scores" }, ...scores));
}

function why(answer, explained) {
  const [best, second] = answer.hypotheses;
  const said = [];
  if (explained.named != null) said.push(`The request names ${explained.named}, which decides. The models read “${explained.read}”.`);
  if (best && second) said.push(
    `${best.skill_id} has ${percent(best.confidence)}, the next one, ${second.skill_id}, ${percent(second.confidence)}.`);
  if (answer.none != null) said.push(`That none of them is right: ${percent(answer.none)}.`);
  if (explained.reject != null) said.push(`Shortlister's score that no skill serves this: ${score(explained.reject)}`
    + (explained.refused_from == null ? "." : `; it refuses from ${score(explained.refused_from)}.`));
  if (answer.unknown_skills?.length) said.push(`The models do not know ${answer.unknown_skills.join(", ")}.`);
  if (answer.arm != null) said.push(`A canary is open; ${answer.arm === "canary" ? "its candidates" : "the models in service"} answered.`);
  if (answer.explored) said.push(`The first skill was drawn to explore (propensity ${score(answer.propensity)}).`);
  const effects = explained.effects ?? [];
  const most = Math.max(...effects.map(each => Math.abs(each.effect)));
  return [...said.map(each => make("p", null, each)), effects.length === 0 ? null :
    table(`What moved ${explained.prediction.hypotheses?.[0]?.skill_id} in its domain's re-ranker, in log-odds`,
      ["Feature", "Value", "Weight", "Effect", ""],
      effects.map(each => [each.words, score(each.value), score(each.weight), score(each.effect),
        bar(Math.abs(each.effect) / most, each.effect < 0)]), [1, 2, 3])].filter(Boolean);
}

function shortlist(proposals) {
  const odds = proposals.map(each => each.score);
  const [low, high] = [Math.min(...odds), Math.max(...odds)];
  return table("What Shortlister proposes, by its log-odds", ["Skill", "Domain", "Score", ""],
    proposals.map(each => [each.skill_id, each.domain, score(each.score),
      bar(high > low ? 0.05 + 0.95 * (each.score - low) / (high - low) : 1)]), [2]);
}

function readings(found) {
  return table("As the domains' models read the request, by falling re-ranker score",
    ["Skill", "Domain", "Reading", ...STAGES, "Confidence"],
    found.map(each => [each.skill_id, each.domain, frame(each),
      ...STAGES.map(stage => score(each.scores?.[stage])), percent(each.confidence)]),
    [3, 4, 5, 6, 7, 8, 9]);
}

function time(seconds, around) {
  const whole = seconds.request ?? 0;
  const stages = Object.entries(TIMED).filter(([stage]) => stage in seconds).map(([stage, name]) => [name, seconds[stage]]);
  const rest = stages.reduce((left, [, spent]) => left - spent, whole);
  const rows = [...stages, ["Router's own work", Math.max(rest, 0)], ["Whole decision", whole], ["Seen from here", around]];
  return table("Where the time went", ["Stage", "Time", "Share of the decision"],
    rows.map(([name, spent], row) => [name, milliseconds(spent), row < rows.length - 1 && whole > 0 ? bar(spent / whole) : ""]), [1]);
}

function remember(skills) {
  for (const skill of skills) {
    if (known.has(skill)) continue;
    known.add(skill);
    $("known").append(make("option", { value: skill }));
  }
}

function show(answer, around) {
  const explained = answer.explanation;
  const best = answer.hypotheses[0];
  const lacking = answer.degraded?.length ? ` Without ${answer.degraded.join(", ")}.` : "";
  $("status").className = `status ${answer.accepted ? "good" : "bad"}`;
  $("status").textContent = (answer.accepted ? `Accepted: ${best.skill_id}, ${percent(best.confidence)} sure.`
    : "Refused: no skill is sure enough.") + lacking;
  $("hypotheses").replaceChildren(
    ...answer.hypotheses.map((found, number) => hypothesis(found, number, answer, explained.utterance)));
  $("why").replaceChildren(...why(answer, explained));
  $("shortlist").replaceChildren(shortlist(explained.shortlist));
  $("readings").replaceChildren(readings(explained.readings ?? []));
  $("time").replaceChildren(time(explained.seconds ?? {}, around));
  $("models").replaceChildren(
    ...(answer.models ?? []).map(each => make("li", null, `${each.model}, version ${each.version}`)));
  $("json").textContent = JSON.stringify(answer, null, 2);
  $("answer").hidden = false;
  remember(explained.shortlist.map(each => each.skill_id));
}

function fail(message) {
  $("status").textContent = "";
  $("answer").hidden = true;
  $("problem").textContent = message;
}

/** What the form says, as the API has it: an empty field is absent. */
function call() {
  const asked = { utterance: $("utterance").value, explain: true };
  const given = id => $(id).value.trim();
  if (given("device")) asked.device = given("device");
  if (given("customer")) asked.customer_id = given("customer");
  if (given("previous")) asked.context = { previous_skill: given("previous") };
  const listed = id => given(id).split(",").map(each => each.trim()).filter(Boolean);
  if (given("enabled")) asked.enabled_skills = listed("enabled");
  if (given("skills")) asked.skills = listed("skills").map(skill_id => ({ skill_id }));
  return asked;
}

/** What the router says to the form, and how long it took; nothing where a newer request was sent. */
async function ask() {
  asking?.abort();
  const mine = asking = new AbortController();
  const headers = { "content-type": "application/json" };
  if ($("key").value) headers["x-api-key"] = $("key").value;
  $("problem").textContent = "";
  $("answer").setAttribute("aria-busy", "true");
  try {
    const started = performance.now();
    const response = await fetch("v1/route", { method: "POST", headers, body: JSON.stringify(call()), signal: mine.signal });
    const said = await response.json();
    return { response, said, around: (performance.now() - started) / 1000 };
  } catch (error) {
    return { gone: error.name !== "AbortError" };
  } finally {
    if (mine === asking) $("answer").removeAttribute("aria-busy");
  }
}

async function route() {
  const { response, said, around, gone } = await ask();
  if (gone) return fail("The router does not answer.");
  if (!response) return; // a newer request took its place
  if (response.ok) return show(said, around);
  const wait = response.headers.get("retry-after-ms");
  fail(`${said.error}${wait ? ` Try again in ${wait} ms.` : ""}`);
  if (response.status === 401) {
    $("key-field").hidden = false;
    $("key").focus();
  }
}

$("ask").addEventListener("submit", event => {
  event.preventDefault();
  route();
});
$("utterance").focus(); // at once: `autofocus` waits for the page to be drawn, and loses what was typed before
