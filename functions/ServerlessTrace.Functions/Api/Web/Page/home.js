// Traces, services, their map, alerts and receipts of the service that serves this page. Text only ever becomes text nodes and attributes.

/** The key stays in this tab: it may come once with the address, which forgets it at once, and goes out as a header only. */
const service = (() => {
  const NAME = 'serverlesstrace-key';
  const address = new URL(location.href);
  if (address.searchParams.has('code')) {
    sessionStorage.setItem(NAME, address.searchParams.get('code'));
    address.searchParams.delete('code');
    history.replaceState(null, '', address.pathname + address.search + address.hash);
  }

  let asking = null;

  /** Asks the user once, however many requests were refused. */
  function ask() {
    asking ??= new Promise(resolve => {
      const dialog = find('key');
      find('key-form').addEventListener('submit', () => {
        sessionStorage.setItem(NAME, find('key-text').value.trim());
        find('key-text').value = '';
        asking = null;
        resolve(true);
      }, { once: true });
      dialog.addEventListener('cancel', () => { asking = null; resolve(false); }, { once: true });
      dialog.showModal();
      find('key-text').focus();
    });
    return asking;
  }

  async function get(path, accept = 'application/json') {
    const key = sessionStorage.getItem(NAME);
    const response = await fetch(path, { headers: { accept, ...(key ? { 'x-functions-key': key } : {}) }, cache: 'no-store', credentials: 'same-origin', redirect: 'error' });
    if ((response.status === 401 || response.status === 403) && await ask()) return get(path, accept);
    if (response.ok) return response;
    const problem = await response.json().catch(() => ({}));
    throw new Error(problem.detail ?? problem.title ?? `The service answers ${response.status}.`);
  }

  return { get, json: async path => (await get(path)).json() };
})();

const problemNote = problem => element('p.problem', { role: 'alert' }, plain(problem.message, 500));
const shownTime = text => plain(text ?? '', 40).replace('T', ' ').replace('+00:00', 'Z').replace(/(\.\d{1,3})\d*(?=Z)/, '$1');
const ms = value => duration(Math.round(value * 1e6));

/** Opens a trace's page in a tab of its own. The page comes by a request with the key, so no address ever holds it. */
async function openTrace(id) {
  const tab = window.open('', '_blank');
  if (tab) tab.opener = null;
  try {
    const page = await (await service.get(`api/traces/${encodeURIComponent(id)}/timeline`, 'text/html')).blob();
    const address = URL.createObjectURL(new Blob([page], { type: 'text/html' }));
    if (tab) tab.location.replace(address);
    else location.assign(address);
  } catch (problem) {
    tab?.close();
    find('trace-count').replaceChildren(problemNote(problem));
  }
}

const traces = (() => {
  const form = find('filters'), list = find('results'), count = find('trace-count'), more = find('more');
  let shown = [], cursor = null, number_ = 0;

  function query() {
    const wanted = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) wanted.set(name, value.trim());
    return wanted;
  }

  function request(wanted) {
    const asked = new URLSearchParams(wanted);
    for (const name of ['from', 'to']) if (asked.has(name)) asked.set(name, asked.get(name) + 'Z');
    asked.set('limit', '50');
    if (cursor) asked.set('cursor', cursor);
    return `api/traces?${asked}`;
  }

  /** Searches anew, or goes on where the last page ended. */
  async function load(goOn) {
    const wanted = query(), run = ++number_;
    if (!goOn) { shown = []; cursor = null; location.hash = `traces${wanted.size ? '?' + wanted : ''}`; }
    more.disabled = true;
    try {
      const page = await service.json(request(wanted));
      if (run !== number_) return;
      const from = shown.length;
      shown = shown.concat(page.traces);
      cursor = page.nextCursor;
      draw(goOn ? from : -1);
    } catch (problem) {
      if (run === number_) { count.replaceChildren(problemNote(problem)); if (!goOn) list.replaceChildren(); }
    }
    more.disabled = false;
  }

  function draw(focusFrom) {
    const longest = Math.max(...shown.map(trace => trace.durationMs), 0.001);
    list.replaceChildren(...shown.map(trace => element('li', null, row(trace, longest))));
    if (shown.length === 0) list.append(element('li.nothing', null, cursor ? 'Nothing in the first part; there is more to look through.' : 'No trace fits. Traces appear here once they are sealed, some seconds after their last span.'));
    count.textContent = shown.length === 0 ? '' : `${many(shown.length, 'trace')}${cursor ? ', and more' : ''}, newest first`;
    more.hidden = !cursor;
    if (focusFrom >= 0) list.children[focusFrom]?.querySelector('button')?.focus();
  }

  function row(trace, longest) {
    const root = `${plain(trace.root.service || 'unknown service', 80)}: ${plain(trace.root.operation || '(unnamed)', 120)}`;
    const mark = { OK: '✓', ERROR: '✕', INCOMPLETE: '◌' }[trace.status] ?? '';
    return element(`button.trace${trace.status === 'ERROR' ? '.failed' : ''}`, { type: 'button', onclick: () => openTrace(trace.traceId) },
      element('span.status', { class: `status status-${/^[A-Z]+$/.test(trace.status) ? trace.status : 'OK'}` }, element('span', { 'aria-hidden': 'true' }, mark + ' '), plain(trace.status, 20)),
      element('span.what', null, element('b', null, root), element('small', null, `${trace.services.slice(0, 6).map(name => plain(name, 40)).join(', ')}${trace.services.length > 6 ? ` and ${trace.services.length - 6} more` : ''}${trace.environment ? ` · ${plain(trace.environment, 40)}` : ''}`)),
      element('span.took', null, element('i', { 'aria-hidden': 'true', '--width': `${100 * trace.durationMs / longest}%` }), element('b', null, ms(trace.durationMs))),
      element('span.spans', null, many(trace.spanCount, 'span'), trace.errorCount > 0 && ` ✕${number(trace.errorCount)}`),
      element('time', { datetime: plain(trace.startTime, 40) }, shownTime(trace.startTime)));
  }

  function fillIn(wanted) {
    form.reset();
    for (const [name, value] of wanted) if (form.elements[name]) form.elements[name].value = value;
    further(form.classList.contains('open') || [...form.querySelectorAll('.further :is(input, select)')].some(field => field.value !== ''));
  }

  form.addEventListener('submit', event => { event.preventDefault(); load(false); });
  find('clear').addEventListener('click', () => { form.reset(); load(false); });
  const further = open => { form.classList.toggle('open', open); find('further').setAttribute('aria-expanded', String(open)); };
  find('further').addEventListener('click', () => further(!form.classList.contains('open')));
  more.addEventListener('click', () => load(true));
  list.addEventListener('keydown', event => {
    const rows = [...list.querySelectorAll('button')], at = rows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || !rows[to]) return;
    event.preventDefault();
    rows[to].focus();
  });

  return {
    show: wanted => { fillIn(wanted); load(false); }, search: name => { fillIn(new URLSearchParams({ service: name })); views.open('traces'); load(false); },
    first: () => list.querySelector('button')?.focus(), field: () => form.elements.service.focus(),
  };
})();

/** The range of time that ends when a form says, or now. */
function range(form) {
  const { until, hours } = Object.fromEntries(new FormData(form));
  const to = until ? Date.parse(until + 'Z') : Date.now();
  return `from=${new Date(to - Number(hours) * 3600e3).toISOString()}&to=${new Date(to).toISOString()}`;
}

/** A view that is drawn anew for each range of time. */
function ranged(name, list, draw) {
  const form = find(`${name}-range`);
  const show = async () => {
    try {
      find(list).replaceChildren(...(await draw(range(form))).filter(Boolean));
    } catch (problem) {
      find(list).replaceChildren(problemNote(problem));
    }
  };
  form.addEventListener('submit', event => { event.preventDefault(); show(); });
  form.addEventListener('change', show);
  return { draw: show };
}

const serviceName = name => plain(name || 'unknown service', 100);

const services = ranged('services', 'service-list', async asked => {
  const { services } = await service.json(`api/services?${asked}`);
  find('known-services').replaceChildren(...services.slice(0, 200).map(one => element('option', { value: one.name })));
  return [services.length === 0 ? element('p.nothing', null, 'No service sent spans in this time.')
    : table('Services', ['Service', 'Operations', 'Spans', 'Failed', 'p50', 'p95', 'p99'], services.map(one => [
      element('button.link', { type: 'button', onclick: () => traces.search(one.name) }, serviceName(one.name)), number(one.operations), number(one.spans.count), number(one.spans.errors),
      ms(one.spans.p50Ms), ms(one.spans.p95Ms), ms(one.spans.p99Ms)]))];
});

const serviceMap = ranged('map', 'map-drawn', async asked => {
  const MOST = 60;
  const graph = await service.json(`api/dependencies?${asked}`);
  if (graph.nodes.length === 0) return [element('p.nothing', null, 'No service sent spans in this time.')];
  const calls = [...graph.edges].sort((one, other) => other.calls - one.calls);
  const drawn = new Set(graph.nodes.slice(0, MOST).map(node => node.id));
  const nodes = graph.nodes.slice(0, MOST).map((node, key) => ({ ...node, key, name: node.name || 'unknown service', hue: HUES[key % HUES.length], text: node.kind, errors: 0 }));
  const places = new Map(nodes.map(node => [node.id, node.key])), names = new Map(graph.nodes.map(node => [node.id, node]));
  const edges = calls.filter(edge => drawn.has(edge.caller) && drawn.has(edge.callee)).map(edge => (
    { from: places.get(edge.caller), to: places.get(edge.callee), calls: edge.calls, errors: edge.errors, asynchronous: edge.mode === 'messaging', median: edge.p50Ms * 1e6 }));
  for (const edge of edges) nodes[edge.to].errors += edge.errors;
  const named = id => names.get(id).kind === 'service' ? element('button.link', { type: 'button', onclick: () => traces.search(names.get(id).name) }, serviceName(names.get(id).name)) : plain(`${names.get(id).name} (${names.get(id).kind})`, 120);
  return [
    element('p.hint', null, 'Who called whom in this time. Pills are databases, queues and hosts that sent no spans; dashed arrows are messages. On the arrows: calls, failures, median; where there are many, point at one.'),
    graph.nodes.length > MOST && element('p.hint', null, `Drawn are ${MOST} of ${number(graph.nodes.length)}; the table has all.`),
    map.draw('Service map', nodes, edges, -1, node => { if (node.kind === 'service') traces.search(node.name); }),
    calls.length > 0 && table('Calls between services', ['From', 'To', 'Calls', 'Failed', 'p50', 'p95'], calls.map(edge => [
      named(edge.caller), named(edge.callee), `${number(edge.calls)}${edge.mode === 'messaging' ? ' ⇢' : ''}`, number(edge.errors), ms(edge.p50Ms), ms(edge.p95Ms)])),
  ];
});

const alerts = (() => {
  const view = find('view-alerts');
  const MARKS = { firing: '✕', pending: '◌', resolved: '✓' };
  let list, cursor = null;

  const state = phase => {
    const known = String(phase).toLowerCase();
    return element('span', { class: `status status-${MARKS[known] ? known : 'quiet'}` }, element('span', { 'aria-hidden': 'true' }, `${MARKS[known] ?? '·'} `), plain(known, 20));
  };
  const about = group => [group.service, group.operation, group.environment, ...Object.values(group.attributes ?? {})].filter(Boolean).map(text => plain(String(text), 80)).join(' · ');
  const item = (phase, rule, group, text, at, found = []) => element('li.alert', null, state(phase),
    element('div.told', null, element('b', null, plain(rule, 100)), about(group) && ` ${about(group)}`, element('p', null, text),
      found.length > 0 && element('p.links', null, found.slice(0, 5).map(one => element('button.link', { type: 'button', onclick: () => openTrace(one.traceId) }, plain(one.traceId, 40))))),
    element('time', { datetime: plain(at, 40) }, shownTime(at)));

  const active = alert => item(alert.state, alert.rule, alert.group,
    `${alert.observed} ${plain(alert.unit ?? '', 20)}, limit ${alert.threshold}${alert.acknowledged ? `; acknowledged${alert.acknowledged.by ? ` by ${plain(alert.acknowledged.by, 60)}` : ''}` : ''}`, alert.since);
  const past = one => item(one.to, one.rule, one.group, plain(one.summary ?? '', 500), one.at, one.traces);

  async function draw(goOn = false) {
    try {
      const page = await service.json(`api/alerts?limit=50${goOn && cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
      if (goOn) { fill(list, page.transitions.map(past)); } else list = element('ol', { 'aria-label': 'What happened' }, page.transitions.map(past));
      cursor = page.nextCursor;
      view.replaceChildren(...[
        page.active.length > 0 && element('h2', null, 'Now'), page.active.length > 0 && element('ol', { 'aria-label': 'Now' }, page.active.map(active)),
        page.active.length > 0 && element('h2', null, 'What happened'),
        list.children.length > 0 ? list : element('p.nothing', null, 'No alert fired yet. Rules are PUT to /api/alert-rules/{id}, or applied from a file by the command line.'),
        cursor && element('button.more', { type: 'button', onclick: () => draw(true) }, 'Show more')].filter(Boolean));
    } catch (problem) {
      view.replaceChildren(problemNote(problem));
    }
  }

  return { draw };
})();

const receipts = (() => {
  const view = find('view-receipts');
  let list, cursor = null;

  async function draw(goOn = false) {
    try {
      const page = await service.json(`api/receipts?limit=50${goOn && cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
      if (!goOn) list = element('div');
      cursor = page.nextCursor;
      fill(list, page.receipts.map(item));
      view.replaceChildren(...[
        list.children.length === 0 ? element('p.nothing', null, 'Nothing has come in yet.') : list,
        cursor && element('button.more', { type: 'button', onclick: () => draw(true) }, 'Show more')].filter(Boolean));
    } catch (problem) {
      view.replaceChildren(problemNote(problem));
    }
  }

  function item(receipt) {
    const state = ['complete', 'partial', 'failed'].includes(receipt.state) ? receipt.state : 'partial';
    const made = element('details.receipt', null,
      element('summary', null,
        element('span', { class: `status status-${state}` }, plain(receipt.state, 20)), element('span.source', null, plain(receipt.source, 200)),
        element('span.faint.counts', null, `${many(receipt.spans, 'span')}, ${many(receipt.traces, 'trace')}${receipt.rejected ? `, ${number(receipt.rejected)} rejected` : ''}`),
        element('time.faint', { datetime: plain(receipt.writtenAt, 40) }, shownTime(receipt.writtenAt))));
    made.addEventListener('toggle', () => { if (made.open && made.children.length === 1) open(made, receipt); });
    return made;
  }

  async function open(made, { id }) {
    const body = made.appendChild(element('div.body', null, 'Reading…'));
    try {
      const receipt = await service.json(`api/receipts/${encodeURIComponent(id)}`);
      body.replaceChildren();
      fill(body, [
        element('p', null, `${plain(receipt.format, 40)}, ${plain(receipt.compression, 40)}: ${number(receipt.bytes)} bytes, ${many(receipt.records, 'record')}, read in ${ms(receipt.durationMs)}`),
        receipt.reason && element('p.problem', null, plain(receipt.reason, 500)),
        receipt.notes.map(note => element('p', null, plain(note, 500))),
        receipt.rejections.length > 0 && table('Rejections', ['Line', 'Offset', 'Reason', 'Excerpt'], receipt.rejections.map(one => [
          one.line > 0 ? number(one.line) : '', number(one.offset), plain(one.reason, 300), element('code', null, plain(one.excerpt, 200))])),
      ]);
    } catch (problem) {
      body.replaceChildren(problemNote(problem));
    }
  }

  return { draw };
})();

const views = (() => {
  const NAMES = ['traces', 'services', 'map', 'alerts', 'receipts'];
  const DRAWN = { services, map: serviceMap, alerts, receipts };
  const KEYS = [['/', 'Filter traces'], ['↑ ↓', 'Move between traces'], ['Enter', 'Open the trace'], ['1 2 3 4 5', 'Traces, services, map, alerts, receipts'], ['r', 'Load again'], ['?', 'These keys']];
  const current = () => NAMES.find(name => !find(`view-${name}`).hidden);

  function open(name, focus = false) {
    for (const other of NAMES) {
      find(`tab-${other}`).setAttribute('aria-selected', String(other === name));
      find(`tab-${other}`).tabIndex = other === name ? 0 : -1;
      find(`view-${other}`).hidden = other !== name;
    }
    if (focus) find(`tab-${name}`).focus();
  }

  /** Shows a view with what is new. */
  function visit(name, focus) {
    open(name, focus);
    if (name === 'traces') return traces.show(new URLSearchParams(location.hash.startsWith('#traces') ? location.hash.split('?')[1] ?? '' : ''));
    location.hash = name;
    return DRAWN[name].draw();
  }

  function help() {
    const dialog = find('help');
    dialog.replaceChildren(
      element('div.panel-top', null, element('h2', { id: 'help-title' }, 'Keys'), element('button.quiet', { type: 'button', 'aria-label': 'Close', onclick: () => dialog.close() }, '✕')),
      element('dl.keys', null, KEYS.map(([keys, text]) => element('div', null, element('dt', null, keys.split(' ').map(key => element('kbd', null, key))), element('dd', null, text)))));
    dialog.showModal();
  }

  const shortcuts = {
    '/': () => { open('traces'); traces.field(); }, ...Object.fromEntries(NAMES.map((name, k) => [k + 1, () => visit(name, true)])), r: () => visit(current()), '?': help,
    ArrowDown: () => { if (current() === 'traces' && document.activeElement === document.body) traces.first(); },
  };
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector('dialog[open]') || event.target.matches('input, select') || !shortcuts[event.key]) return;
    if (event.key !== 'ArrowDown') event.preventDefault();
    shortcuts[event.key]();
  });
  document.querySelector('.tabs').addEventListener('keydown', event => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by || !event.target.matches('[role=tab]')) return;
    event.preventDefault();
    visit(NAMES[(NAMES.indexOf(current()) + by + NAMES.length) % NAMES.length], true);
  });
  for (const name of NAMES) find(`tab-${name}`).addEventListener('click', () => visit(name));
  find('help-open').addEventListener('click', help);
  find('by-id').addEventListener('submit', event => { event.preventDefault(); openTrace(find('trace-id').value.trim().toLowerCase()); });
  document.querySelector('.skip').addEventListener('click', event => { event.preventDefault(); (find('results').querySelector('button') ?? find('results')).focus(); });

  async function start() {
    find('app').hidden = false;
    const asked = NAMES.find(name => location.hash.slice(1).split('?')[0] === name) ?? 'traces';
    await visit(asked);
    if (asked !== 'services') await services.draw();
    document.documentElement.dataset.ready = 'true';
  }

  return { open, start };
})();

views.start();
