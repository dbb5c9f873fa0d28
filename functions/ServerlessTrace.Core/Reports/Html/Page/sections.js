// What the text report says: the short version above the views, and the long one as a view of its own.

const sections = (() => {
  const KIND_TEXT = {
    error: 'Failure', timeout: 'Timeout', retry: 'Retries', bottleneck: 'Bottleneck', 'slowest-service': 'Slowest service', 'n-plus-one': 'N+1 calls',
    'serial-calls': 'Could be parallel', 'queue-wait': 'Queue wait', gap: 'Gap without spans', 'cold-start': 'Cold start',
    'chatty-dependency': 'Chatty dependency', 'slow-dependency': 'Slow dependency',
  };
  const kindText = kind => KIND_TEXT[kind] ?? plain(kind.replaceAll('-', ' '), 60);

  const byOperation = () => {
    const sums = new Map();
    for (const section of trace.path) {
      const key = `${trace.serviceText[section.span]} ${trace.nameText[section.span]}`;
      const sum = sums.get(key) ?? { span: section.span, time: 0, count: 0, longest: 0 };
      sum.time += section.duration;
      sum.count++;
      if (section.duration > sum.longest) { sum.longest = section.duration; sum.span = section.span; }
      sums.set(key, sum);
    }
    return [...sums.values()].sort((one, other) => other.time - one.time);
  };
  const pathLength = () => trace.path.reduce((sum, section) => sum + section.duration, 0);

  /** In one look: what failed first, where the time went, what it was about. */
  function verdict() {
    fill(find('verdict'), [failure(), whereTimeWent(), about()]);
  }

  function failure() {
    const error = trace.errors.get(trace.cause);
    if (error) {
      return element('div.card.bad', null, element('h2', null, 'What failed first'),
        element('p.lead', null, spanLink(trace.cause)),
        element('p', null, error.message ? plain(error.message, 240) : error.code ? plain(error.code, 120) : 'No message was recorded.', error.message && error.code && [' ', element('code', null, plain(error.code, 80))]),
        element('p.spread', null, spread()));
    }
    const first = trace.insights[0];
    return first
      ? element('div.card', null, element('h2', null, 'Worth a look'), element('p', null, plain(first.text, 240)), first.spans.length > 0 && element('p', null, spanLink(first.spans[0])))
      : element('div.card', null, element('h2', null, 'Failures'), element('p', null, trace.count === 0 ? 'No span was received.' : 'No span failed.'));
  }

  function whereTimeWent() {
    const whole = pathLength();
    if (whole === 0) return element('div.card', null, element('h2', null, 'Where the time went'), element('p', null, 'Unknown: the root has not ended.'));
    const list = trace.services.filter(service => service.path > 0).sort((one, other) => other.path - one.path);
    return element('div.card', null, element('h2', null, 'Where the time went'),
      element('div.stack', { 'aria-hidden': 'true' }, list.slice(0, 12).map(service => element('i', { '--hue': service.hue, '--width': `${100 * service.path / whole}%`, title: plain(service.name, 80) }))),
      element('ul.shares', null, list.slice(0, 4).map(service => element('li', null, swatch(service), element('span.grow', null, plain(service.name, 60)), element('b', null, share(service.path, whole)), element('span.faint', null, duration(service.path))))));
  }

  const OUTCOMES = {
    failed: 'Failed', completed: 'Completed', 'completed-with-failures': 'Completed, with failures on the way', 'completed-with-open-work': 'Completed, with work still open',
    'not-finished': 'Not finished', unknown: 'Unknown',
  };
  const outcome = limit => element(`p.outcome${trace.outcome.result === 'failed' ? '.bad' : ''}`, null, element('b', null, `Outcome: ${OUTCOMES[trace.outcome.result] ?? 'Unknown'}`),
    trace.outcome.reason && element('span', null, ` (${plain(trace.outcome.reason, limit)})`));

  const business = () => element('dl.pairs', null, trace.business.map(([key, value, others]) => element('div', null, element('dt', null, plain(key, 100)), element('dd', null, plain(value, 300), others > 0 && element('span.faint', null, ` and ${many(others, 'other value')}`)))));

  const about = () => trace.business.length > 0 && element('div.card.about', null, element('h2', null, 'What it was about'), outcome(60),
    element('dl.pairs', null, trace.business.slice(0, 5).map(([key, value]) => element('div', null, element('dt', null, plain(key, 60)), element('dd', null, plain(value, 80))))));

  const part = (id, title, ...content) => element('section.part', { 'aria-labelledby': id }, element('h2', { id }, title), content);

  function insights() {
    if (trace.insights.length === 0) return part('part-insights', 'Insights', element('p', null, 'Nothing stands out.'));
    return part('part-insights', `Insights (${trace.insights.length})`, element('ol.insights', null, trace.insights.map(insight => element('li', { class: insight.kind === 'error' || insight.kind === 'timeout' ? 'bad' : '' },
      element('p', null, element('span.chip', null, kindText(insight.kind)), insight.cost > 0 && element('span.chip', null, `costs ${duration(insight.cost)}`)),
      element('p.lead', null, plain(insight.text)), element('p', null, '→ ', plain(insight.advice)),
      insight.spans.length > 0 && element('p.links', null, insight.spans.slice(0, 4).map(i => spanLink(i)), insight.spans.length > 4 && element('span.faint', null, `and ${many(insight.spans.length - 4, 'more span', 'more spans')}`))))));
  }

  function errors() {
    if (trace.errorList.length === 0) return part('part-errors', 'Error analysis', element('p', null, trace.count === 0 ? 'No span was received.' : 'No span failed.'));
    const cause = trace.errors.get(trace.cause);
    return part('part-errors', `Error analysis (${number(trace.errorList.length)})`,
      cause && [
        element('p.lead', null, 'Root cause: ', spanLink(trace.cause)),
        element('p', null, cause.message ? plain(cause.message) : 'No message was recorded.', cause.code && [' ', element('code', null, plain(cause.code, 200))]),
        element('p', null, spread()),
        cause.stack && element('pre', { tabindex: '0', role: 'region', 'aria-label': 'Stack trace' }, plainLines(cause.stack)),
      ],
      shortened(trace.errorList, 25, list => table('Failed spans in the order in which they failed', ['At', 'Span', 'Code', 'Message', ''], list.map(error => [
        duration(trace.start[error.span] + trace.length[error.span]), spanLink(error.span), plain(error.code ?? '', 80), plain(error.message ?? '', 300),
        error.root ? 'root cause' : error.recovered ? 'recovered' : error.cause >= 0 ? 'followed' : '']))));
  }

  function spread() {
    const above = [];
    for (let i = trace.parent[trace.cause]; i >= 0; i = trace.parent[i]) if (trace.failed(i)) above.push(i);
    const result = trace.failed(trace.root) ? 'The request failed.' : trace.open(trace.root) ? 'The request has not ended.' : 'The request did not fail.';
    return above.length === 0 ? [`${trace.errorList.length > 1 ? 'It did not spread. ' : 'No other span failed. '}`, result]
      : ['It spread to ', above.slice(0, 5).map((i, k) => [k > 0 ? ', then ' : '', spanLink(i)]).flat(), above.length > 5 ? ` and ${above.length - 5} more` : '', '. ', result];
  }

  function criticalPath() {
    const whole = pathLength();
    const title = `Critical path (${trace.mode})`;
    if (whole === 0) return part('part-path', title, element('p', null, 'Unknown: the root has not ended.'));
    return part('part-path', title,
      element('p', null, `${duration(whole)} of the root in ${many(trace.path.length, 'step')}; ${whole < trace.duration ? `${duration(trace.duration)} until the last span ended.` : 'the whole trace.'}`),
      shortened(byOperation(), 15, list => table('Critical path by operation', ['Operation', 'Time', 'Share', '', 'Steps'], list.map(sum => [
        spanLink(sum.span), duration(sum.time), share(sum.time, whole), element('div.meter', { 'aria-hidden': 'true', '--hue': trace.service(sum.span).hue, '--width': `${100 * sum.time / whole}%` }), number(sum.count)]))),
      element('h3', null, 'Step by step'),
      shortened(trace.path, 25, list => table('Critical path step by step', ['At', 'Took', 'Share', 'Span'], list.map(step => [duration(step.start), duration(step.duration), share(step.duration, whole), spanLink(step.span)]))));
  }

  const serviceTable = () => part('part-services', `Services (${number(trace.services.length)})`, shortened([...trace.services].sort((one, other) => other.path - one.path || other.self - one.self), 25, list =>
    table('Services', ['Service', 'Spans', 'Failed', 'Self time', 'Critical path'], list.map(service => [
      element('span', null, swatch(service), plain(service.name, 100)), number(service.spans), number(service.errors), duration(service.self), service.path > 0 ? duration(service.path) : '0ms']))));

  /** The report as a view. */
  function draw() {
    fill(find('view-report'), [
      insights(), errors(), criticalPath(), serviceTable(),
      part('part-business', 'Business context', outcome(300), trace.business.length > 0 ? business() : element('p', null, 'No business id was found.')),
      part('part-warnings', `Warnings (${trace.warnings.length})`, trace.warnings.length > 0
        ? element('ul.warnings', null, trace.warnings.map(([kind, text]) => element('li', null, element('span.chip', null, plain(kind, 60)), plain(text))))
        : element('p', null, 'Nothing about this trace is doubtful.')),
      trace.orphans.length > 0 && part('part-orphans', `Events outside of spans (${number(trace.orphans.length)})`, shortened(trace.orphans, 25, list => element('ol.events', null, list.map(event => details.eventItem(event, null))))),
    ]);
  }

  return { verdict, draw };
})();
