// Everything known of one span.

const details = (() => {
  const panel = find('details');
  const SCOPES = ['Attributes', 'Resource', 'Instrumentation', 'Baggage'];

  const shownValue = value => typeof value === 'number' ? trace.texts[value] : value;
  const hidden = new Set(['stack_trace', 'stacktrace', 'exception.stacktrace', 'error.stack', 'stack']);

  function attributes(list) {
    const pairs = [];
    for (let k = 0; k < list.length; k += 3) pairs.push({ key: trace.texts[list[k]], scope: list[k + 1] >> 3, value: shownValue(list[k + 2]) });
    return pairs;
  }

  const pairList = pairs => element('dl.pairs', null, pairs.map(({ key, value }) =>
    element('div', null, element('dt', null, plain(key, 200)), element('dd', null, value === '' ? element('em', null, 'empty') : value.includes('\n') ? element('pre', null, plainLines(value)) : plain(value, 4000)))));

  function attributeSections(i) {
    const more = trace.details[i] || {};
    const all = [...attributes(more.a ?? []), ...(trace.resource[i] >= 0 ? attributes(trace.resources[trace.resource[i]]) : [])];
    const told = trace.errors.get(i)?.stack;
    return SCOPES.map((title, scope) => {
      const pairs = all.filter(pair => pair.scope === scope && !(told && hidden.has(pair.key.toLowerCase())))
        .sort((one, other) => one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
      return pairs.length > 0 && section(`${title} (${pairs.length})`, pairList(pairs));
    });
  }

  const section = (title, ...content) => element('section', null, element('h3', null, title), content);

  function timeSection(i) {
    const facts = [
      ['Duration', trace.open(i) ? 'not ended' : duration(trace.length[i])], ['Starts after', duration(trace.start[i])],
      ['Self time', duration(trace.self[i])],
      ['Critical path', trace.pathTime[i] > 0 ? `${duration(trace.pathTime[i])} (${share(trace.pathTime[i])} of the trace)` : 'not on it'],
      ['Could save', trace.slack[i] < 0 ? 'nothing: nobody waits for it' : trace.drag[i] > 0 ? duration(trace.drag[i]) : 'nothing'],
      ['Slack', trace.slack[i] < 0 ? 'unlimited' : trace.slack[i] > 0 ? duration(trace.slack[i]) : 'none'],
    ];
    const raw = [
      ['Start', trace.flags[i] & WITHOUT_TIME ? 'unknown' : moment(trace.start[i] - trace.shift(i))], ['End', rawEnd(i)], ['Exactly', exactly(trace.length[i])],
      trace.shift(i) !== 0 && ['Shown', `${duration(Math.abs(trace.shift(i)))} ${trace.shift(i) > 0 ? 'later' : 'earlier'}`],
    ].filter(Boolean);
    return [
      element('dl.tiles', null, facts.map(([term, text]) => element('div', null, element('dt', null, term), element('dd', null, text)))),
      section('Raw times', element('dl.pairs.raw', null, raw.map(([key, value]) => element('div', null, element('dt', null, key), element('dd', null, value))))),
    ];
  }

  function rawEnd(i) {
    if (trace.open(i)) return 'not recorded';
    const backwards = (trace.details[i] || {}).b;
    const start = trace.start[i] - trace.shift(i);
    return backwards ? `${moment(start - backwards)}, before the start` : moment(start + trace.length[i]);
  }

  function errorSection(i) {
    const error = trace.errors.get(i);
    const message = error?.message ?? ((trace.details[i] || {}).m !== undefined ? trace.texts[trace.details[i].m] : null);
    if (!error) return message ? section('Status message', element('p', null, plain(message))) : null;
    return element('section.failure', null, element('h3', null, i === trace.cause ? '✕ Failed first: the root cause' : '✕ Failed'),
      element('p', null, message ? plain(message) : 'No message was recorded.'),
      error.code && element('p', null, 'Code ', element('code', null, plain(error.code, 200))),
      error.recovered && element('p', null, 'A later call of the same operation succeeded.'),
      error.cause >= 0 && error.cause !== i && element('p', null, 'Because of ', spanLink(error.cause)),
      error.stack && element('details', { open: true }, element('summary', null, 'Stack trace'), element('pre', { tabindex: '0', role: 'region', 'aria-label': 'Stack trace' }, plainLines(error.stack))));
  }

  function eventSection(i) {
    const events = (trace.details[i] || {}).e;
    return events && section(`Events (${events.length})`, shortened(events, 50, list => element('ol.events', null, list.map(event => eventItem(event, trace.start[i])))));
  }

  const eventItem = ([at, name, list], start) => element('li', null,
    element('p', null, element('span.mark-event', { 'aria-hidden': 'true' }, '◆ '), element('b', null, plain(trace.texts[name] || 'event', 300)), ' ',
      element('span.faint', { title: at === null ? undefined : moment(at) }, at === null ? 'at an unknown time' : start === null ? `at ${duration(at)}` : `${at < start ? '-' : '+'}${duration(Math.abs(at - start))}`)),
    list.length > 0 && pairList(attributes(list)));

  function linkSection(i) {
    const links = (trace.details[i] || {}).l;
    return links && section(`Links (${links.length})`, element('ul.events', null, links.map(([traceId, spanId, list]) => {
      const here = traceId === trace.id ? trace.indexOf(spanId) : -1;
      return element('li', null, here >= 0 ? spanLink(here) : element('p.mono', null, `trace ${traceId}, span ${spanId}`), list.length > 0 && pairList(attributes(list)));
    })));
  }

  function adviceSection(i) {
    const about = trace.insights.filter(insight => insight.spans.includes(i));
    return about.length > 0 && section('Insights', about.map(insight => element('p.advice', null, element('b', null, plain(insight.text)), ' ', plain(insight.advice))));
  }

  function identity(i) {
    const more = trace.details[i] || {};
    const parent = trace.parent[i];
    const pairs = [
      ['Span', element('span.mono', null, trace.ids[i])],
      ['Parent', parent >= 0 ? spanLink(parent) : more.p ? element('span.mono', null, `${more.p} (not in this trace)`) : 'none: a root'],
      ['Children', trace.children[i] > 0 ? `${number(trace.children[i])}, ${many(trace.size[i] - 1, 'span')} below` : 'none'],
      more.t !== undefined && ['Tracestate', element('span.mono', null, plain(trace.texts[more.t]))],
    ].filter(Boolean);
    return section('Identity', element('dl.pairs', null, pairs.map(([key, value]) => element('div', null, element('dt', null, key), element('dd', null, value)))));
  }

  function doubts(i) {
    const flags = trace.flags[i];
    const list = [
      flags & CONTRADICTED && 'Records of this span contradict each other.', flags & TRUNCATED && 'Attributes or events were cut to a limit.',
      flags & SERVICE_FROM_SOURCE && 'No record names a service: this is the name of the source.', flags & WITHOUT_TIME && 'No record tells its time.',
      (trace.details[i] || {}).b && 'Its recorded end is before its start.',
      trace.shift(i) !== 0 && `The clock of its service differs from its callers': it is shown ${duration(Math.abs(trace.shift(i)))} ${trace.shift(i) > 0 ? 'later' : 'earlier'} than recorded.`,
    ].filter(Boolean);
    return list.length > 0 && section('Doubtful', element('ul', null, list.map(text => element('li', null, text))));
  }

  function chips(i) {
    return element('p.chips', null,
      element(`span.chip${trace.failed(i) ? '.bad' : ''}`, null, trace.failed(i) ? '✕ ERROR' : trace.state[i] === 1 ? '✓ OK' : 'status unset'),
      KINDS[trace.kind[i]] && element('span.chip', null, KINDS[trace.kind[i]]),
      trace.asynchronous(i) && element('span.chip', null, '⇢ asynchronous'), trace.open(i) && element('span.chip', null, '◌ not ended'),
      trace.shift(i) !== 0 && element('span.chip', null, '◷ shifted'), trace.pathTime[i] > 0 && element('span.chip', null, '▬ critical path'));
  }

  function show(i) {
    const service = trace.service(i);
    panel.replaceChildren(
      element('div.panel-top', null,
        element('h2', null, plain(trace.name(i))),
        element('button.quiet', { type: 'button', 'aria-label': 'Close details', title: 'Close (Esc)', onclick: () => page.close() }, '✕')),
      element('p.of', { '--hue': service.hue }, swatch(service), plain(service.name)),
      chips(i), ...[errorSection(i), timeSection(i), adviceSection(i), attributeSections(i), eventSection(i), linkSection(i), identity(i), doubts(i)].flat().filter(Boolean));
    panel.hidden = false;
    panel.scrollTop = 0;
  }

  return { show, hide: () => { panel.hidden = true; }, panel, eventItem };
})();
