// The waterfall: a tree of spans beside their time. Only the rows on screen are in the document.

const timeline = (() => {
  const grid = find('grid'), axis = find('axis');
  const collapsed = new Uint8Array(trace.count);
  const hit = new Uint8Array(trace.count);
  const view = { from: 0, to: trace.duration };
  let rows = new Int32Array(0), rowOf = new Int32Array(trace.count).fill(-1);
  let kept = null, selected = -1, rowHeight = 30, shown = new Map(), printing = false;

  /** Which rows there are: all but those below collapsed ones and those that a filter leaves out. */
  function arrange() {
    const next = new Int32Array(trace.count);
    let written = 0;
    rowOf.fill(-1);
    for (let k = 0; k < trace.count;) {
      const i = trace.order[k];
      if (kept && !kept[i]) { k += trace.size[i]; continue; }
      rowOf[i] = written;
      next[written++] = i;
      k += collapsed[i] ? trace.size[i] : 1;
    }
    rows = next.subarray(0, written);
    find('nothing').hidden = written > 0;
    grid.setAttribute('aria-rowcount', String(written));
    redraw();
  }

  /** Shows only some spans, with the ones above them. */
  function keep(wanted) {
    kept = null;
    if (wanted) {
      kept = new Uint8Array(trace.count);
      for (const i of wanted) {
        for (let at = i; at >= 0 && !kept[at]; at = trace.parent[at]) kept[at] = 1;
      }
    }
    arrange();
  }

  function redraw() {
    rowHeight = parseInt(getComputedStyle(grid).getPropertyValue('--row'), 10) || 30;
    grid.style.height = `${rows.length * rowHeight}px`;
    for (const row of shown.values()) row.remove();
    shown = new Map();
    drawAxis();
    draw();
    minimap.draw();
  }

  function draw() {
    const top = grid.getBoundingClientRect().top;
    const first = printing ? 0 : Math.max(0, Math.floor(-top / rowHeight) - 8);
    const last = printing ? Math.min(rows.length, 400) : Math.min(rows.length, Math.ceil((innerHeight - top) / rowHeight) + 8);
    const next = new Map();
    for (let k = first; k < last; k++) {
      const i = rows[k];
      const row = shown.get(i) ?? make(i);
      shown.delete(i);
      next.set(i, row);
      row.style.top = `${k * rowHeight}px`;
      row.setAttribute('aria-rowindex', String(k + 1));
      if (!row.isConnected) grid.append(row);
    }
    for (const row of shown.values()) row.remove();
    shown = next;
    if (selected >= 0 && shown.has(selected)) grid.setAttribute('aria-activedescendant', `row-${selected}`);
    else grid.removeAttribute('aria-activedescendant');
  }

  const percent = at => 100 * (at - view.from) / (view.to - view.from);
  const within = at => Math.min(101, Math.max(-1, percent(at)));

  function make(i) {
    const failed = trace.failed(i), onPath = trace.pathTime[i] > 0;
    const classes = ['row', failed && 'failed', onPath && 'on-path', hit[i] && 'hit', i === selected && 'selected', trace.open(i) && 'is-open'].filter(Boolean);
    return element(`div.${classes.join('.')}`, {
      role: 'row', id: `row-${i}`, 'aria-level': trace.depth[i] + 1, 'aria-selected': String(i === selected), 'data-span': i,
      'aria-expanded': trace.children[i] > 0 ? String(!collapsed[i]) : undefined, '--hue': trace.service(i).hue,
    }, nameCell(i), trackCell(i));
  }

  function nameCell(i) {
    const more = trace.details[i] || {};
    const toggle = trace.children[i] > 0
      ? element('span.toggle', { 'data-toggle': i, 'aria-hidden': 'true', title: many(trace.size[i] - 1, 'span') + ' below' }, collapsed[i] ? '▸' : '▾')
      : element('span.toggle.leaf', { 'aria-hidden': 'true' });
    return element('div.name', { role: 'gridcell', title: label(i) },
      element('span.indent', { '--depth': trace.depth[i], 'aria-hidden': 'true' }), toggle, element('i.swatch', { 'aria-hidden': 'true' }),
      trace.asynchronous(i) && element('span.mark', { title: 'asynchronous: its parent does not wait for it' }, '⇢', element('span.unseen', null, ' asynchronous ')),
      failureMark(i), shiftMark(i),
      element('span.operation', null, plain(trace.name(i), 200)), element('span.service', null, plain(trace.service(i).name, 100)),
      collapsed[i] === 1 && element('span.chip', null, `+${number(trace.size[i] - 1)}`),
      more.l && element('span.mark', { title: many(more.l.length, 'link') }, '↗', element('span.unseen', null, many(more.l.length, 'link'))));
  }

  const shiftMark = i => trace.shift(i) !== 0 && element('span.mark', { title: `shown ${duration(Math.abs(trace.shift(i)))} ${trace.shift(i) > 0 ? 'later' : 'earlier'} than recorded: the clock of its service differs` }, '◷', element('span.unseen', null, ' shifted '));

  const failureMark = i => trace.failed(i) && element('span.mark.mark-error', { title: i === trace.cause ? 'failed first: the root cause' : 'failed' },
    i === trace.cause ? '✕ root cause' : '✕', i === trace.cause ? null : element('span.unseen', null, ' failed '));

  function trackCell(i) {
    const start = trace.start[i], end = trace.end(i);
    const said = `${duration(trace.length[i])} at ${duration(start)}${trace.open(i) ? ', not ended' : ''}${trace.pathTime[i] > 0 ? `, ${duration(trace.pathTime[i])} on the critical path` : ''}`;
    if (end < view.from || start > view.to) {
      return element('div.track', { role: 'gridcell', 'aria-label': said }, element(start > view.to ? 'span.beyond.right' : 'span.beyond.left', null, start > view.to ? `${duration(trace.length[i])} →` : `← ${duration(trace.length[i])}`));
    }
    const left = within(start), right = within(end);
    const bar = element('div.bar', { '--left': `${left}%`, '--width': `${right - left}%` });
    const text = trace.open(i) ? 'not ended' : duration(trace.length[i]);
    const beside = right < 82 ? 'after' : left > 18 ? 'before' : 'inside';
    const cell = element('div.track', { role: 'gridcell', 'aria-label': said }, waiting(i), bar);
    for (const section of trace.sections.get(i) ?? []) {
      const from = within(section.shown), to = within(section.shown + section.duration);
      if (to > from) cell.append(element('div.critical', { '--left': `${from}%`, '--width': `${to - from}%` }));
    }
    for (const [at, name] of (trace.details[i] && trace.details[i].e || []).slice(0, 40)) {
      const place = at === null ? -2 : percent(at);
      if (place >= 0 && place <= 100) cell.append(element('span.event', { '--left': `${place}%`, title: `${plain(trace.texts[name], 100)} at ${duration(at)}` }, '◆'));
    }
    cell.append(element(`span.took.${beside}`, { '--left': `${beside === 'before' ? left : beside === 'after' ? right : Math.max(left, 0)}%` }, text));
    return cell;
  }

  /** From a message's sending to its consumer's start. */
  function waiting(i) {
    if (!trace.asynchronous(i)) return null;
    const sent = trace.end(trace.parent[i]), begun = trace.start[i];
    if (sent >= begun || begun < view.from || sent > view.to) return null;
    return element('div.waiting', { '--left': `${within(sent)}%`, '--width': `${within(begun) - within(sent)}%`, title: `waited ${duration(begun - sent)}` });
  }

  /** Times at round steps; as many as there is room for. */
  function ticks(room) {
    const rough = (view.to - view.from) / room;
    const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
    const step = [1, 2, 5, 10].map(factor => factor * power).find(value => value >= rough);
    const list = [];
    for (let at = Math.ceil(view.from / step) * step; at <= view.to && list.length < 50; at += step) list.push(at);
    return list;
  }

  function drawAxis() {
    const room = Math.max(2, Math.floor(axis.clientWidth / 95));
    const list = ticks(room);
    axis.replaceChildren(...list.filter(at => percent(at) < 94).map(at => element('span.tick', { '--left': `${percent(at)}%` }, duration(at).replace(/\.0+s$/, 's'))));
    const step = list.length > 1 ? percent(list[1]) - percent(list[0]) : 100;
    grid.style.setProperty('--step', `${step}%`);
    grid.style.setProperty('--ticks', list.length > 1 ? String(100 / step) : '1');
  }

  function zoom(from, to) {
    const least = Math.min(trace.duration, 100);
    const length = Math.min(trace.duration, Math.max(least, to - from));
    view.from = Math.max(0, Math.min(trace.duration - length, from));
    view.to = view.from + length;
    find('zoom-out').disabled = view.from === 0 && view.to === trace.duration;
    redraw();
  }

  function zoomBy(factor) {
    const focus = selected >= 0 ? Math.min(view.to, Math.max(view.from, trace.start[selected] + trace.length[selected] / 2)) : (view.from + view.to) / 2;
    zoom(focus - (focus - view.from) * factor, focus + (view.to - focus) * factor);
  }

  function toggle(i, to = !collapsed[i]) {
    if (trace.children[i] === 0 || collapsed[i] === Number(to)) return;
    collapsed[i] = Number(to);
    if (to && selected >= 0 && selected !== i && trace.place[selected] > trace.place[i] && trace.place[selected] < trace.place[i] + trace.size[i]) select(i);
    arrange();
  }

  function toggleAll(to) {
    collapsed.fill(0);
    if (to) {
      for (let i = 0; i < trace.count; i++) collapsed[i] = trace.children[i] > 0 && trace.depth[i] > 0 ? 1 : 0;
      for (let at = selected; at >= 0; at = trace.parent[at]) if (trace.parent[at] >= 0 && collapsed[trace.parent[at]]) selected = trace.parent[at];
    }
    arrange();
  }

  /** Selects a span; makes its row be there and on screen. */
  function select(i, scroll = true) {
    const before = selected;
    selected = i;
    let hidden = false;
    for (let at = trace.parent[i]; at >= 0; at = trace.parent[at]) {
      hidden = hidden || collapsed[at] === 1;
      collapsed[at] = 0;
    }
    if (kept && !kept[i]) { page.clearFilters(); hidden = true; }
    if (hidden) arrange();
    for (const at of [before, i]) {
      const row = shown.get(at);
      if (row) { row.classList.toggle('selected', at === i); row.setAttribute('aria-selected', String(at === i)); }
    }
    if (scroll) bringIntoView(i);
    draw();
    minimap.draw();
  }

  function bringIntoView(i) {
    const top = grid.getBoundingClientRect().top + rowOf[i] * rowHeight;
    const above = find('stick').getBoundingClientRect().height + 4;
    const below = innerHeight - rowHeight - (matchMedia('(max-width: 900px)').matches && !find('details').hidden ? innerHeight * 0.62 : 8);
    if (top < above) scrollBy(0, top - above - rowHeight);
    else if (top > below) scrollBy(0, top - below + rowHeight);
  }

  function move(to) {
    if (rows.length === 0) return;
    page.select(rows[Math.max(0, Math.min(rows.length - 1, to))]);
  }

  const at = () => selected >= 0 && rowOf[selected] >= 0 ? rowOf[selected] : -1;
  const pageful = () => Math.max(1, Math.floor((innerHeight - 200) / rowHeight));
  const keys = {
    ArrowDown: () => move(at() + 1),
    ArrowUp: () => move(at() - 1),
    Home: () => move(0),
    End: () => move(rows.length - 1),
    PageDown: () => move(at() + pageful()),
    PageUp: () => move(at() - pageful()),
    ArrowRight: () => selected < 0 ? move(0) : collapsed[selected] ? toggle(selected, false) : trace.firstChild[selected] >= 0 ? move(at() + 1) : undefined,
    ArrowLeft: () => selected < 0 ? move(0) : trace.children[selected] > 0 && !collapsed[selected] ? toggle(selected, true)
      : trace.parent[selected] >= 0 ? page.select(trace.parent[selected]) : undefined,
    Enter: () => { if (selected >= 0) page.open(selected, true); },
    ' ': () => { if (selected >= 0) toggle(selected); },
  };

  grid.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  grid.addEventListener('focus', () => { if (selected < 0 && rows.length > 0) select(rows[Math.min(rows.length - 1, Math.max(0, Math.ceil(-grid.getBoundingClientRect().top / rowHeight)))], false); });
  grid.addEventListener('click', event => {
    const row = event.target.closest('[data-span]');
    if (!row) return;
    const flip = event.target.closest('[data-toggle]');
    if (flip) toggle(Number(flip.dataset.toggle));
    else page.open(Number(row.dataset.span), false);
  });
  grid.addEventListener('wheel', event => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const box = axis.getBoundingClientRect();
    const focus = view.from + (view.to - view.from) * Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const factor = event.deltaY < 0 ? 0.8 : 1.25;
    zoom(focus - (focus - view.from) * factor, focus + (view.to - focus) * factor);
  }, { passive: false });

  let drawing = 0;
  addEventListener('scroll', () => {
    drawing ||= requestAnimationFrame(() => { drawing = 0; if (!find('view-timeline').hidden) draw(); });
  }, { passive: true });

  function markHits(list) {
    hit.fill(0);
    for (const i of list ?? []) hit[i] = 1;
    redraw();
  }

  function print(on) {
    printing = on;
    redraw();
  }

  return { view, arrange, keep, redraw, zoom, zoomBy, toggleAll, select, markHits, print, hits: hit, selected: () => selected, focus: () => grid.focus({ preventScroll: true }) };
})();
