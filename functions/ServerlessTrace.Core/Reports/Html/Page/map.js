// A map of who calls whom: nodes in layers from those where calls begin, and the calls as arrows between them.

const map = (() => {
  const WIDTH = 208, HEIGHT = 62, GAP_X = 110, GAP_Y = 34;

  /** Layers by the fewest calls from an entry, each sorted by where its callers are. */
  function layOut(nodes, edges, entry) {
    const layer = new Array(nodes.length).fill(-1);
    const called = new Set(edges.filter(edge => edge.from !== edge.to).map(edge => edge.to));
    let queue = nodes.filter(node => node.key === entry || !called.has(node.key)).map(node => node.key);
    if (queue.length === 0 && nodes.length > 0) queue = [0];
    for (const key of queue) layer[key] = 0;
    const outgoing = group(edges);
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
    const tallest = Math.max(...layers.map(list => list.length), 1);
    layers.forEach((list, column) => place(list, column, tallest, nodes, edges, layer));
    const swinging = edges.some(edge => layer[edge.from] === layer[edge.to]);
    return { width: layers.length * (WIDTH + GAP_X) - GAP_X + 24 + (swinging ? 120 : 0), height: tallest * (HEIGHT + GAP_Y) + 40 };
  }

  function place(list, column, tallest, nodes, edges, layer) {
    const rank = node => {
      const from = edges.filter(edge => edge.to === node.key && layer[edge.from] < column);
      return from.length ? from.reduce((sum, edge) => sum + nodes[edge.from].y, 0) / from.length : node.key;
    };
    if (column > 0) list.forEach(node => { node.rank = rank(node); });
    if (column > 0) list.sort((one, other) => one.rank - other.rank || one.key - other.key);
    const offset = (tallest - list.length) * (HEIGHT + GAP_Y) / 2;
    list.forEach((node, k) => { node.x = 12 + column * (WIDTH + GAP_X); node.y = 26 + offset + k * (HEIGHT + GAP_Y); });
  }

  function group(edges) {
    const lists = new Map();
    for (const edge of edges) lists.has(edge.from) ? lists.get(edge.from).push(edge) : lists.set(edge.from, [edge]);
    return lists;
  }

  /** Calls to the next layers leave to the right; those within a layer swing out to its right, those back go below. */
  function route(edge, nodes) {
    const from = nodes[edge.from], to = nodes[edge.to];
    const forward = to.x > from.x, beside = to.x === from.x;
    const swing = Math.min(150, 40 + Math.abs(to.y - from.y) / 4);
    const [x1, y1] = forward || beside ? [from.x + WIDTH, from.y + HEIGHT / 2 + (beside ? 10 : 0)] : [from.x + WIDTH / 2, from.y + HEIGHT];
    const [x2, y2] = forward ? [to.x - 7, to.y + HEIGHT / 2] : beside ? [to.x + WIDTH + 7, to.y + HEIGHT / 2 - 10] : [to.x + WIDTH / 2, to.y + HEIGHT + 7];
    const bend = forward ? `C ${x1 + 60} ${y1}, ${x2 - 60} ${y2}, ${x2} ${y2}` : beside ? `C ${x1 + swing} ${y1}, ${x2 + swing} ${y2}, ${x2} ${y2}` : `C ${x1} ${y1 + 50}, ${x2} ${y2 + 50}, ${x2} ${y2}`;
    const [atX, atY] = forward ? [x1 + (x2 - x1) * 0.56, y1 + (y2 - y1) * 0.6 - 6] : beside ? [x1 + 48, (y1 + y2) / 2] : [(x1 + x2) / 2, (y1 + y2) / 2 + 34];
    return { line: `M ${x1} ${y1} ${bend}`, atX, atY };
  }

  function wire(edge, nodes) {
    return vector('g', { class: `edge${edge.errors ? ' failed' : ''}${edge.asynchronous ? ' asynchronous' : ''}` },
      vector('path', { d: route(edge, nodes).line, 'marker-end': edge.errors ? 'url(#arrow-failed)' : 'url(#arrow)', fill: 'none' }),
      vector('title', {}, `${plain(nodes[edge.from].name, 80)} → ${plain(nodes[edge.to].name, 80)}: ${many(edge.calls, 'call')}, ${number(edge.errors)} failed, median ${duration(edge.median)}`));
  }

  /** Words come after all lines, so that no line crosses them. */
  function words(edge, nodes, drawn) {
    const { atX, atY } = route(edge, nodes);
    const text = vector('text', { class: `words${edge.errors ? ' failed' : ''}`, x: atX, y: atY, 'text-anchor': 'middle' }, `${number(edge.calls)}×${edge.errors ? ` ✕${number(edge.errors)}` : ''} · ${duration(edge.median)}`);
    drawn.addEventListener('pointerenter', () => text.classList.add('pointed'));
    drawn.addEventListener('pointerleave', () => text.classList.remove('pointed'));
    return text;
  }

  function box(node, open) {
    const name = plain(node.name, 60), service = node.kind === 'service';
    const made = vector('g', { class: `node ${node.kind}${node.errors ? ' failed' : ''}`, tabindex: '0', role: 'button', 'aria-label': `${name}, ${node.text}`, transform: `translate(${node.x} ${node.y})`, '--hue': node.hue },
      vector('title', {}, `${plain(node.name, 200)}\n${node.text}`),
      vector('rect', { width: WIDTH, height: HEIGHT, rx: service ? 10 : 31 }),
      service && vector('rect', { class: 'stripe', width: 6, height: HEIGHT - 20, x: 10, y: 10, rx: 3 }),
      vector('text', { class: 'node-name', x: service ? 26 : 24, y: 27 }, name.length > 21 ? name.slice(0, 20) + '…' : name),
      vector('text', { class: 'node-text', x: service ? 26 : 24, y: 46 }, node.text));
    const go = () => open(node);
    made.addEventListener('click', go);
    made.addEventListener('keydown', event => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); go(); } });
    return made;
  }

  const arrow = (id, kind) => vector('marker', { id, class: kind, viewBox: '0 0 10 10', refX: 4, refY: 5, markerWidth: 7, markerHeight: 7, orient: 'auto-start-reverse' }, vector('path', { d: 'M 0 0 L 10 5 L 0 10 z' }));

  /**
   * The map. Nodes have a key (their place), name, kind, text, errors and a service's hue; edges from and to by key, calls, errors,
   * asynchronous and their median in ns; calls begin at the entry; open is called with the node that was chosen.
   */
  function draw(title, nodes, edges, entry, open) {
    const { width, height } = layOut(nodes, edges, entry);
    const lines = edges.map(edge => wire(edge, nodes));
    const svg = vector('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'group', 'aria-label': title, class: edges.length > 14 ? 'dense' : '' },
      vector('defs', {}, arrow('arrow', 'head'), arrow('arrow-failed', 'head failed')), lines, nodes.map(node => box(node, open)), edges.map((edge, k) => words(edge, nodes, lines[k])));
    return element('div.map', { tabindex: '0', role: 'region', 'aria-label': title }, svg);
  }

  return { draw };
})();
