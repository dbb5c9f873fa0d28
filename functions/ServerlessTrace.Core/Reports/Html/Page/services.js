// Who called whom in this trace: services in layers from the entry on, and the databases, queues and hosts that spans name.

const services = (() => {
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

  const quantile = (times, part) => [...times].sort((one, other) => one - other)[Math.min(times.length - 1, Math.floor(times.length * part))];

  function text(node) {
    if (node.kind !== 'service') return node.kind;
    return `${many(node.spans, 'span')}${node.errors ? ` · ✕ ${number(node.errors)}` : ''}${node.path > 0 ? ` · ${share(node.path)} of path` : ''}`;
  }

  function draw() {
    const { nodes, edges } = graph();
    for (const node of nodes) node.text = text(node);
    for (const edge of edges) edge.median = quantile(edge.times, 0.5);
    fill(find('view-services'), [
      element('p.hint', null, 'Services of this trace, from the entry on; pills are databases, queues and hosts that spans name but that sent no spans. Dashed: messages. On the arrows: calls, failures, median; where there are many, point at one.'),
      map.draw('Service map', nodes, edges, trace.root >= 0 ? trace.serviceOf[trace.root] : 0, node => page.show(node.first)),
      edges.length > 0 && table('Calls between services', ['From', 'To', 'Calls', 'Failed', 'Median', 'p95', 'Slowest'], edges.map(edge => [
        plain(nodes[edge.from].name, 100), `${edge.asynchronous ? '⇢ ' : ''}${plain(nodes[edge.to].name, 100)}`, number(edge.calls), number(edge.errors),
        duration(edge.median), duration(quantile(edge.times, 0.95)), spanLink(edge.slowest, duration(trace.length[edge.slowest]))])),
    ]);
  }

  return { draw };
})();
