/* A CodeMirror editor for SQL: highlighting, completion from the live schema, an error marked at its place.
   It lives in a shadow root: there its styles are constructed sheets, which the page's strict policy allows. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { PostgreSQL, sql, StandardSQL } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const markError = StateEffect.define();
const errorField = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    if (transaction.docChanged) return Decoration.none;
    for (const effect of transaction.effects) {
      if (effect.is(markError)) return effect.value ? Decoration.set([effect.value]) : Decoration.none;
    }
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--sql-keyword)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--sql-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--sql-number)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--sql-comment)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.standard(tags.name)], color: "var(--sql-type)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "0.875rem", backgroundColor: "transparent", color: "var(--body-color)" },
  ".cm-scroller": { fontFamily: "var(--font-monospace, monospace)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--body-color)", padding: "0.5rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--body-color)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--secondary)", borderRight: "1px solid var(--atom-line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--atom-tint) 55%, transparent)" },
  ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--atom-accent) 28%, transparent) !important",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-tooltip": { backgroundColor: "var(--bg-surface)", color: "var(--body-color)", border: "1px solid var(--atom-line)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--atom-accent)", color: "white" },
  ".cm-error": { textDecoration: "underline wavy var(--atom-negative) 1.5px", textUnderlineOffset: "3px" },
});

/* Typing over a selection natively, Chromium keeps its look in an inline style, which the page's policy forbids. */
const typeOverSelection = EditorView.domEventHandlers({
  keydown(event, view) {
    const isPlain = event.key.length === 1 && !/["'`()[\]{}]/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isPlain || event.isComposing || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.key), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

export function createEditor(host, { text, label, onRun, onChange }) {
  const root = host.attachShadow({ mode: "open" });
  const language = new Compartment();
  const state = EditorState.create({
    doc: text,
    extensions: [
      Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (onRun(), true) }])),
      typeOverSelection, lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
      autocompletion(), highlightActiveLine(), placeholder("SELECT …"),
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, indentWithTab]),
      language.of(sql({ dialect: PostgreSQL, upperCaseKeywords: true })),
      syntaxHighlighting(colours), look, errorField,
      EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
      EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
    ],
  });
  const view = new EditorView({ state, parent: root, root });
  return {
    text: () => view.state.doc.toString(),
    selected: () => view.state.sliceDoc(view.state.selection.main.from, view.state.selection.main.to),
    offset: () => view.state.selection.main.from,
    focus: () => view.focus(),
    destroy: () => view.destroy(),
    insert: (words) => (view.dispatch(view.state.replaceSelection(words)), view.focus()),
    replace: (words) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: words } }),
    clearError: () => view.dispatch({ effects: markError.of(null) }),
    showError: (position) => showError(view, position),
    speak: (kind, schema) => view.dispatch({ effects: language.reconfigure(speaking(kind, schema)) }),
  };
}

function speaking(kind, schema) {
  const dialect = kind === "postgres" ? PostgreSQL : StandardSQL;
  return sql({ dialect, schema, defaultSchema: kind === "postgres" ? "public" : undefined, upperCaseKeywords: true });
}

function showError(view, { position, line, column, base = 0 }) {
  const length = view.state.doc.length;
  let from = Number.isInteger(position) ? position + base : null;
  if (from === null && line && line <= view.state.doc.lines) from = view.state.doc.line(line).from + (column || 1) - 1;
  if (from === null || from > length) return;
  const word = view.state.wordAt(Math.min(from, length));
  const to = Math.max(word && word.from <= from ? word.to : from + 1, from + 1);
  if (from >= length) from = Math.max(0, length - 1);
  const mark = Decoration.mark({ class: "cm-error" }).range(from, Math.min(Math.max(to, from + 1), Math.max(length, from + 1)));
  view.dispatch({ effects: [markError.of(mark), EditorView.scrollIntoView(from)] });
}
