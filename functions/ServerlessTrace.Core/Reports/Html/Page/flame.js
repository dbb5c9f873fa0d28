// The flame graph: calls merged by their path from the root, as wide as the time they worked themselves.

const flame = (() => {
  const LEVELS = 120;
  const LEAST = 0.0012;
  let top = null, focus = null, current = null;

  /** Merges siblings of the same service and operation. */
  function build() {
    const make = (above, service, name) => ({ above, service, name, self: 0, total: 0, spans: 0, errors: 0, first: -1, longest: -1, below: new Map() });
    const all = make(null, -1, 'All calls');
    const nodes = new Array(trace.count);
    const list = [all];
    for (const i of trace.order) {
      const above = trace.parent[i] < 0 ? all : nodes[trace.parent[i]];
      const key = trace.serviceText[i] + ' ' + trace.nameText[i];
      let node = above.below.get(key);
      if (!node) {
        node = make(above, trace.serviceOf[i], trace.name(i));
        above.below.set(key, node);
        list.push(node);
      }
      nodes[i] = node;
      node.self += trace.self[i];
      node.spans++;
      node.errors += trace.failed(i) ? 1 : 0;
      node.longest = node.longest < 0 || trace.length[i] > trace.length[node.longest] ? i : node.longest;
    }
    for (let k = list.length - 1; k >= 0; k--) {
      list[k].total += list[k].self;
      if (list[k].above) list[k].above.total += list[k].total;
    }
    return all.below.size === 1 ? [...all.below.values()][0] : all;
  }

  const described = node => `${node.service < 0 ? '' : plain(trace.services[node.service].name, 80) + ': '}${plain(node.name, 120)}`;
  const figures = node => `${duration(node.total)} (${share(node.total, top.total)}), ${duration(node.self)} of its own, ${many(node.spans, 'call')}${node.errors ? `, ${number(node.errors)} failed` : ''}`;

  function draw() {
    top ??= build();
    focus ??= top;
    const view = find('view-flame');
    const frames = element('div.flame', { role: 'tree', 'aria-label': 'Flame graph' });
    const status = element('p.flame-status', { 'aria-live': 'polite' });
    const crumbs = [];
    for (let node = focus.above; node && crumbs.length < 30; node = node.above) if (node.service >= 0 || node === top) crumbs.unshift(node);
    const level = { deepest: 0, cut: false };
    // Depth-first by a stack of what is still to be placed.
    const stack = [{ node: focus, left: 0, width: 1, depth: 0 }];
    while (stack.length > 0) {
      const { node, left, width, depth } = stack.pop();
      level.deepest = Math.max(level.deepest, depth);
      frames.append(frame(node, left, width, depth, status));
      if (depth + 1 >= LEVELS) { level.cut = level.cut || node.below.size > 0; continue; }
      let at = left;
      for (const child of [...node.below.values()].sort((one, other) => other.total - one.total)) {
        const part = focus.total > 0 ? child.total / focus.total : 1 / node.below.size * width;
        if (part >= LEAST) stack.push({ node: child, left: at, width: part, depth: depth + 1 });
        at += part;
      }
    }
    frames.style.height = `${(level.deepest + 1) * 26}px`;
    current = frames.firstElementChild;
    current.tabIndex = 0;
    status.textContent = `${described(focus)}: ${figures(focus)}`;
    view.replaceChildren();
    fill(view, [
      element('p.hint', null, 'Calls merged by path; a frame is as wide as the time that it and its calls worked themselves, so calls that ran in parallel add up. Click a frame to zoom in.'),
      element('nav.crumbs', { 'aria-label': 'Zoomed into' }, crumbs.map(node => element('button.link', { type: 'button', onclick: () => zoom(node) }, described(node), ' ›'))),
      status, element('div.flame-box', null, frames),
      level.cut && element('p.hint', null, `Only ${LEVELS} levels are drawn; zoom into a frame to see deeper.`),
    ]);
    frames.addEventListener('keydown', steer);
  }

  function frame(node, left, width, depth, status) {
    const made = element(`button.frame${node.errors ? '.failed' : ''}`, {
      type: 'button', role: 'treeitem', tabindex: '-1', 'aria-level': depth + 1, 'aria-label': `${described(node)}: ${figures(node)}`, title: `${described(node)}\n${figures(node)}`,
      '--hue': node.service < 0 ? 0 : trace.services[node.service].hue, '--left': `${left * 100}%`, '--width': `${width * 100}%`, '--top': `${depth * 26}px`,
      onclick: () => node === focus ? node.longest >= 0 && page.show(node.longest) : zoom(node),
      onfocus: () => { status.textContent = `${described(node)}: ${figures(node)}`; },
      onpointerenter: () => { status.textContent = `${described(node)}: ${figures(node)}`; },
    }, element('span', null, `${node.errors ? '✕ ' : ''}${plain(node.name, 80)}`), element('small', null, duration(node.total)));
    if (node.service < 0) made.classList.add('all');
    made.node = node;
    return made;
  }

  function zoom(node) {
    focus = node;
    draw();
    current.focus();
  }

  /** Arrows walk the frames: up and down between callers and calls, left and right between siblings. */
  function steer(event) {
    const frames = [...event.currentTarget.children];
    const at = event.target.closest('.frame');
    const siblings = frames.filter(frame => frame.node.above === at.node.above && frame.node !== focus).sort((one, other) => parseFloat(one.style.getPropertyValue('--left')) - parseFloat(other.style.getPropertyValue('--left')));
    const step = by => siblings[siblings.indexOf(at) + by];
    const to = event.key === 'ArrowDown' ? frames.filter(frame => frame.node.above === at.node).sort((one, other) => other.node.total - one.node.total)[0]
      : event.key === 'ArrowUp' ? frames.find(frame => frame.node === at.node.above)
        : event.key === 'ArrowRight' ? step(1) : event.key === 'ArrowLeft' ? step(-1) : null;
    if (to === null) {
      if (event.key === 'Escape' && focus !== top) { event.stopPropagation(); zoom(focus.above && focus.above.service >= 0 ? focus.above : top); }
      return;
    }
    event.preventDefault();
    if (to) { current.tabIndex = -1; current = to; to.tabIndex = 0; to.focus(); }
  }

  return { draw };
})();
