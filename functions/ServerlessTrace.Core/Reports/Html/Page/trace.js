// The trace by span index, in order of start, and the tree over it. Times are ns after the trace's start.
// Walks are loops, never recursion: a trace may be 100,000 levels deep.

const KINDS = ['', 'internal', 'server', 'client', 'producer', 'consumer'];
const ERROR = 2;
const OPEN = 1, ASYNCHRONOUS = 2, CONTRADICTED = 4, TRUNCATED = 8, SERVICE_FROM_SOURCE = 16, WITHOUT_TIME = 32;

const trace = (() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const { spans } = data;
  const count = spans.parent.length;
  const parent = Int32Array.from(spans.parent);
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  const lastChild = new Int32Array(count).fill(-1);
  const children = new Int32Array(count);

  // Where clocks differ, spans are shown shifted, and so in another order than that of their recorded starts.
  const shift = i => data.details[i] && data.details[i].k || 0;
  const byStart = Int32Array.from({ length: count }, (_, i) => i);
  if (data.details.some(more => more && more.k)) byStart.sort((one, other) => spans.start[one] - spans.start[other] || spans.duration[other] - spans.duration[one] || one - other);
  let firstRoot = -1, lastRoot = -1;
  for (const i of byStart) {
    const above = parent[i];
    const before = above < 0 ? lastRoot : lastChild[above];
    if (before >= 0) nextSibling[before] = i;
    else if (above >= 0) firstChild[above] = i;
    else firstRoot = i;
    if (above < 0) lastRoot = i;
    else { lastChild[above] = i; children[above]++; }
  }

  // Parents before children, siblings in order of start.
  const order = new Int32Array(count), place = new Int32Array(count), depth = new Int32Array(count);
  for (let at = firstRoot, written = 0, level = 0; at >= 0;) {
    place[at] = written;
    depth[at] = level;
    order[written++] = at;
    if (firstChild[at] >= 0) { at = firstChild[at]; level++; continue; }
    while (at >= 0 && nextSibling[at] < 0) { at = parent[at]; level--; }
    if (at >= 0) at = nextSibling[at];
  }
  const size = new Int32Array(count).fill(1);
  for (let k = count - 1; k >= 0; k--) {
    const above = parent[order[k]];
    if (above >= 0) size[above] += size[order[k]];
  }

  // The sections of the critical path by span, and how long each span is on it.
  const pathTime = new Float64Array(count);
  const sections = new Map();
  const path = [];
  for (let k = 0; k < data.path.length; k += 3) {
    const section = { span: data.path[k], start: data.path[k + 1], shown: data.path[k + 1] + shift(data.path[k]), duration: data.path[k + 2] };
    path.push(section);
    pathTime[section.span] += section.duration;
    const known = sections.get(section.span);
    if (known) known.push(section);
    else sections.set(section.span, [section]);
  }
  path.reverse();

  // Services in order of first appearance.
  const services = [];
  const serviceOf = new Int32Array(count);
  const numbers = new Map();
  for (let i = 0; i < count; i++) {
    const text = spans.service[i];
    if (!numbers.has(text)) {
      numbers.set(text, services.length);
      services.push({ name: data.texts[text] || 'unknown service', hue: HUES[services.length % HUES.length], spans: 0, errors: 0, self: 0, path: 0 });
    }
    const service = services[serviceOf[i] = numbers.get(text)];
    service.spans++;
    service.errors += spans.status[i] === ERROR ? 1 : 0;
    service.self += spans.self[i];
    service.path += pathTime[i];
  }

  const errors = new Map(data.errors.map(error => [error.span, error]));
  return {
    id: data.id, status: data.status, root: data.root, mode: data.mode, cause: data.cause, duration: Math.max(1, data.duration),
    origin: BigInt(data.start), count, texts: data.texts, details: data.details, resources: data.resources, orphans: data.orphans,
    insights: data.insights, business: data.business, outcome: data.outcome, warnings: data.warnings, errorList: data.errors,
    ids: spans.id, start: spans.start, length: spans.duration, self: spans.self, slack: spans.slack, drag: spans.drag, kind: spans.kind, state: spans.status, flags: spans.flags,
    nameText: spans.name, serviceText: spans.service, resource: spans.resource,
    shift, parent, firstChild, nextSibling, children, order, place, depth, size, path, pathTime, sections, services, serviceOf, errors,
    service: i => services[serviceOf[i]],
    name: i => data.texts[spans.name[i]] || '(unnamed)',
    failed: i => spans.status[i] === ERROR,
    open: i => (spans.flags[i] & OPEN) !== 0,
    asynchronous: i => (spans.flags[i] & ASYNCHRONOUS) !== 0,
    // An open span is shown until the trace's end: nobody knows more.
    end: i => (spans.flags[i] & OPEN) !== 0 ? Math.max(1, data.duration) : spans.start[i] + spans.duration[i],
    indexOf: id => spans.id.indexOf(id),
  };
})();
