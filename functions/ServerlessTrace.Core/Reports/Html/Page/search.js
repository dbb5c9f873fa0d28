// Which spans a search finds: every word must occur somewhere in the span; key=value looks at attributes alone.

const search = (() => {
  let lower;

  /** For each text of the trace whether it contains the word: texts are few where spans are many. */
  function textsWith(word) {
    lower ??= trace.texts.map(text => text.toLowerCase());
    const found = new Uint8Array(lower.length);
    for (let i = 0; i < found.length; i++) found[i] = lower[i].includes(word) ? 1 : 0;
    return found;
  }

  function termOf(word) {
    const equals = word.indexOf('=');
    return equals > 0
      ? { key: textsWith(word.slice(0, equals)), value: textsWith(word.slice(equals + 1)), text: word.slice(equals + 1) }
      : { any: textsWith(word), text: word };
  }

  const holds = (value, texts, word) => typeof value === 'number' ? texts[value] === 1 : value.toLowerCase().includes(word);

  function inAttributes(list, term) {
    for (let k = 0; k < list.length; k += 3) {
      if (term.key ? term.key[list[k]] && holds(list[k + 2], term.value, term.text) : term.any[list[k]] || holds(list[k + 2], term.any, term.text)) return true;
    }
    return false;
  }

  function inDetails(i, term) {
    const more = trace.details[i];
    if (!more) return false;
    if (more.a && inAttributes(more.a, term)) return true;
    if (term.any && more.m !== undefined && term.any[more.m]) return true;
    return (more.e ?? []).some(event => (term.any && term.any[event[1]]) || inAttributes(event[2], term));
  }

  /** The indexes of the spans that fit, in the order of the tree. */
  function matches(query) {
    const terms = query.toLowerCase().split(/\s+/).filter(word => word.length > 0).map(termOf);
    if (terms.length === 0) return null;
    const shared = terms.map(term => trace.resources.map(list => inAttributes(list, term)));
    const fits = (i, term, k) =>
      (term.any && (term.any[trace.serviceText[i]] || term.any[trace.nameText[i]] || trace.ids[i].startsWith(term.text)))
      || inDetails(i, term) || (trace.resource[i] >= 0 && shared[k][trace.resource[i]]);
    const found = [];
    for (const i of trace.order) {
      if (terms.every((term, k) => fits(i, term, k))) found.push(i);
    }
    return found;
  }

  return { matches };
})();
