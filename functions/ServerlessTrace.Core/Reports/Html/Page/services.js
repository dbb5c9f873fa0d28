// Who called whom in this trace: services in layers from the entry on, and the databases, queues and hosts that spans name.

const services = (() => {
  const WIDTH = 208, HEIGHT = 62, GAP_X = 110, GAP_Y = 34;
  const PEERS = [['db.system.name', 'database'], ['db.system', 'database'], ['messaging.system', 'queue'], ['messaging.destination.name', 'queue'], ['peer.service', 'outside'], ['server.address', 'host'], ['net.peer.name', 'host'], ['http.host', 'host']];

  /** A call that leaves the trace says where to only in its attributes. */
  function peerOf(i) {
    const more = trace.details[i];
    if (!more || !more.a || (trace.kind[i] !== 3 && trace.kind[i] !== 4) || callsOther(i)) return null;
    const values = new Map();
    for (let k = 0; k < more.a.length; k += 3) values.set(trace.texts[more.a[k]], typeof more.a[k + 2] === 'number' ? trace.texts[more.a[k + 2]] : more.a[k + 2]);
    for (const [key, kind] of PEERS) {
      if (values.get(key)) return { kind, name: values.get(key) };
    }
    return null;
  }

  function callsOther(i) {
    for (let child = trace.firstChild[i]; child >= 0; child = trace.nextSibling[child]) if (trace.serviceOf[child] !== trace.serviceOf[i]) return true;
    return false;
  }

  function graph() {
    const nodes = trace.services.map((service, k) => ({ ...service, kind: 'service', first: -1, key: k }));
    const peers = new Map(), edges = new Map();
    const call = (from, to, i, asynchronous) => {
      const key = `${from} ${to}`;
      const edge = edges.get(key) ?? { from, to, calls: 0, errors: 0, asynchronous, times: [], slowest: i };
      edge.calls++;
      edge.errors += trace.failed(i) ? 1 : 0;
      edge.times.push(trace.length[i]);
      edge.slowest = trace.length[i] > trace.length[edge.slowest] ? i : edge.slowest;
      edges.set(key, edge);
    };
    for (const i of trace.order) {
      const mine = trace.serviceOf[i], above = trace.parent[i];
      if (nodes[mine].first < 0) nodes[mine].first = i;
      if (above >= 0 && trace.serviceOf[above] !== mine) call(trace.serviceOf[above], mine, i, trace.asynchronous(i));
      const peer = peerOf(i);
      if (peer && peers.size < 40) {
        const key = `${peer.kind} ${peer.name}`;
        if (!peers.has(key)) {
          peers.set(key, nodes.length);
          nodes.push({ name: peer.name, kind: peer.kind, hue: 0, spans: 0, errors: 0, first: i, key: nodes.length });
        }
        call(mine, peers.get(key), i, trace.kind[i] === 4);
      }
    }
    return { nodes, edges: [...edges.values()] };
  }

  /** Layers by the fewest calls from an entry, each sorted by where its callers are. */
  function layOut({ nodes, edges }) {
    const layer = new Array(nodes.length).fill(-1);
    const called = new Set(edges.map(edge => edge.to));
    let queue = nodes.filter(node => node.key === (trace.root >= 0 ? trace.serviceOf[trace.root] : 0) || !called.has(node.key)).map(node => node.key);
    if (queue.length === 0 && nodes.length > 0) queue = [0];
    for (const key of queue) layer[key] = 0;
    const outgoing = Map.groupBy ? Map.groupBy(edges, edge => edge.from) : group(edges);
    const spread = () => {
      while (queue.length > 0) {
        const key = queue.shift();
        for (const edge of outgoing.get(key) ?? []) if (layer[edge.to] < 0) { layer[edge.to] = layer[key] + 1; queue.push(edge.to); }
      }
    };
    spread();
    for (const node of nodes) if (layer[node.key] < 0) { layer[node.key] = 0; queue.push(node.key); spread(); }
    const layers = [];
    for (const node of nodes) (layers[layer[node.key]] ??= []).push(node);
    const tallest = Math.max(...layers.map(list => list.length));
    layers.forEach((list, column) => {
      const rank = node => {
        const from = edges.filter(edge => edge.to === node.key && layer[edge.from] < column);
        return from.length ? from.reduce((sum, edge) => sum + nodes[edge.from].y, 0) / from.length : node.key;
      };
      if (column > 0) list.forEach(node => { node.rank = rank(node); });
      if (column > 0) list.sort((one, other) => one.rank - other.rank || one.key - other.key);
      const offset = (tallest - list.length) * (HEIGHT + GAP_Y) / 2;
      list.forEach((node, k) => { node.x = 12 + column * (WIDTH + GAP_X); node.y = 26 + offset + k * (HEIGHT + GAP_Y); });
    });
    const swinging = edges.some(edge => layer[edge.from] === layer[edge.to]);
    return { width: layers.length * (WIDTH + GAP_X) - GAP_X + 24 + (swinging ? 120 : 0), height: tallest * (HEIGHT + GAP_Y) + 40 };
  }

  function group(edges) {
    const map = new Map();
    for (const edge of edges) map.set(edge.from, [...(map.get(edge.from) ?? []), edge]);
    return map;
  }

  const quantile = (times, part) => [...times].sort((one, other) => one - other)[Math.min(times.length - 1, Math.floor(times.length * part))];

  /** Calls to the next layers leave to the right; those within a layer swing out to its right, those back go below. */
  function wire(edge, nodes) {
    const from = nodes[edge.from], to = nodes[edge.to];
    const forward = to.x > from.x, beside = to.x === from.x;
    const swing = Math.min(150, 40 + Math.abs(to.y - from.y) / 4);
    const [x1, y1] = forward || beside ? [from.x + WIDTH, from.y + HEIGHT / 2 + (beside ? 10 : 0)] : [from.x + WIDTH / 2, from.y + HEIGHT];
    const [x2, y2] = forward ? [to.x - 7, to.y + HEIGHT / 2] : beside ? [to.x + WIDTH + 7, to.y + HEIGHT / 2 - 10] : [to.x + WIDTH / 2, to.y + HEIGHT + 7];
    const bend = forward ? `C ${x1 + 60} ${y1}, ${x2 - 60} ${y2}, ${x2} ${y2}` : beside ? `C ${x1 + swing} ${y1}, ${x2 + swing} ${y2}, ${x2} ${y2}` : `C ${x1} ${y1 + 50}, ${x2} ${y2 + 50}, ${x2} ${y2}`;
    const [atX, atY] = forward ? [x1 + (x2 - x1) * 0.6, y1 + (y2 - y1) * 0.66 - 6] : beside ? [x1 + 48, (y1 + y2) / 2] : [(x1 + x2) / 2, (y1 + y2) / 2 + 34];
    return vector('g', { class: `edge${edge.errors ? ' failed' : ''}${edge.asynchronous ? ' asynchronous' : ''}` },
      vector('path', { d: `M ${x1} ${y1} ${bend}`, 'marker-end': edge.errors ? 'url(#arrow-failed)' : 'url(#arrow)', fill: 'none' }),
      vector('title', {}, `${plain(from.name, 80)} → ${plain(to.name, 80)}: ${many(edge.calls, 'call')}, ${number(edge.errors)} failed, median ${duration(quantile(edge.times, 0.5))}`),
      vector('text', { x: atX, y: atY, 'text-anchor': 'middle' }, `${number(edge.calls)}×${edge.errors ? ` ✕${number(edge.errors)}` : ''} · ${duration(quantile(edge.times, 0.5))}`));
  }

  function box(node) {
    const name = plain(node.name, 60);
    const text = node.kind === 'service' ? `${many(node.spans, 'span')}${node.errors ? ` · ✕ ${number(node.errors)}` : ''}` : node.kind;
    const made = vector('g', { class: `node ${node.kind}${node.errors ? ' failed' : ''}`, tabindex: '0', role: 'button', 'aria-label': `${name}, ${text}`, transform: `translate(${node.x} ${node.y})`, '--hue': node.hue },
      vector('title', {}, `${name}\n${text}`),
      vector('rect', { width: WIDTH, height: HEIGHT, rx: node.kind === 'service' ? 10 : 31 }),
      node.kind === 'service' && vector('rect', { class: 'stripe', width: 6, height: HEIGHT - 20, x: 10, y: 10, rx: 3 }),
      vector('text', { class: 'node-name', x: node.kind === 'service' ? 26 : 24, y: 27 }, name.length > 21 ? name.slice(0, 20) + '…' : name),
      vector('text', { class: 'node-text', x: node.kind === 'service' ? 26 : 24, y: 46 }, node.kind === 'service' && node.path > 0 ? `${text} · ${share(node.path)} of path` : text));
    const go = () => page.show(node.first);
    made.addEventListener('click', go);
    made.addEventListener('keydown', event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); go(); } });
    return made;
  }

  const arrow = (id, kind) => vector('marker', { id, class: kind, viewBox: '0 0 10 10', refX: 4, refY: 5, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse' }, vector('path', { d: 'M 0 0 L 10 5 L 0 10 z' }));

  function draw() {
    const drawn = graph();
    const { width, height } = layOut(drawn);
    const svg = vector('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': 'Service map', class: drawn.edges.length > 14 ? 'dense' : '' },
      vector('defs', {}, arrow('arrow', 'head'), arrow('arrow-failed', 'head failed')), drawn.edges.map(edge => wire(edge, drawn.nodes)), drawn.nodes.map(box));
    fill(find('view-services'), [
      element('p.hint', null, 'Services of this trace, from the entry on; pills are databases, queues and hosts that spans name but that sent no spans. Dashed: messages. On the arrows: calls, failures, median; where there are many, point at one.'),
      element('div.map', { tabindex: '0', role: 'region', 'aria-label': 'Service map' }, svg),
      drawn.edges.length > 0 && table('Calls between services', ['From', 'To', 'Calls', 'Failed', 'Median', 'p95', 'Slowest'], drawn.edges.map(edge => [
        plain(drawn.nodes[edge.from].name, 100), `${edge.asynchronous ? '⇢ ' : ''}${plain(drawn.nodes[edge.to].name, 100)}`, number(edge.calls), number(edge.errors),
        duration(quantile(edge.times, 0.5)), duration(quantile(edge.times, 0.95)), spanLink(edge.slowest, duration(trace.length[edge.slowest]))])),
    ]);
  }

  return { draw };
})();
