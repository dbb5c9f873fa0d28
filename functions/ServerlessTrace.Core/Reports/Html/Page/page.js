// What holds the views together: tabs, selection, search and filters, keys.

const page = (() => {
  const VIEWS = ['timeline', 'flame', 'services', 'report'];
  const drawn = new Set();
  const filters = { matches: false, errors: false, path: false };
  let found = null;

  function draw(name) {
    if (drawn.has(name)) return;
    drawn.add(name);
    if (name === 'flame' && trace.count > 0) flame.draw();
    if (name === 'services' && trace.count > 0) services.draw();
    if (name === 'report') sections.draw();
    if (trace.count === 0 && (name === 'flame' || name === 'services')) find(`view-${name}`).append(element('p.nothing', null, 'No span was received.'));
  }

  function open(name, focus = false) {
    for (const other of VIEWS) {
      const tab = find(`tab-${other}`);
      tab.setAttribute('aria-selected', String(other === name));
      tab.tabIndex = other === name ? 0 : -1;
      find(`view-${other}`).hidden = other !== name;
    }
    draw(name);
    if (name === 'timeline') timeline.redraw();
    if (focus) find(`tab-${name}`).focus();
  }

  const current = () => VIEWS.find(name => !find(`view-${name}`).hidden);

  function select(i) {
    timeline.select(i);
    if (!details.panel.hidden) details.show(i);
    remember(i);
  }

  function openSpan(i, focus) {
    details.show(i);
    timeline.redraw();
    timeline.select(i);
    remember(i);
    if (focus) details.panel.focus();
    else timeline.focus();
  }

  /** From anywhere: to the span in the timeline, with its details. */
  function show(i) {
    open('timeline');
    openSpan(i, false);
    say(`${label(i)}, ${duration(trace.length[i])}`);
  }

  function close() {
    if (details.panel.hidden) return false;
    details.hide();
    timeline.redraw();
    timeline.focus();
    return true;
  }

  /** The address names the span, so that a link to the page can point at it. */
  function remember(i) {
    try {
      history.replaceState(null, '', `#span=${trace.ids[i]}`);
    } catch {
      // Not everywhere where pages are shown: a link less, nothing more.
    }
  }

  function applyFilters() {
    const wanted = [];
    if (filters.matches || filters.errors || filters.path) {
      for (let i = 0; i < trace.count; i++) {
        if ((!filters.matches || (found && timeline.hits[i])) && (!filters.errors || trace.failed(i)) && (!filters.path || trace.pathTime[i] > 0)) wanted.push(i);
      }
      timeline.keep(wanted);
      say(many(wanted.length, 'span'));
    } else {
      timeline.keep(null);
    }
    for (const name of Object.keys(filters)) find(`only-${name}`).setAttribute('aria-pressed', String(filters[name]));
  }

  function clearFilters() {
    filters.matches = filters.errors = filters.path = false;
    applyFilters();
  }

  function runSearch() {
    found = search.matches(find('search').value);
    timeline.markHits(found);
    if (filters.matches) applyFilters();
    count();
  }

  function count() {
    const at = found ? found.indexOf(timeline.selected()) : -1;
    find('search-count').textContent = !found ? '' : found.length === 0 ? 'nothing found' : at >= 0 ? `${number(at + 1)} of ${number(found.length)}` : many(found.length, 'match', 'matches');
  }

  function step(by) {
    if (!found || found.length === 0) return;
    const from = timeline.selected();
    const place = from >= 0 ? trace.place[from] : -1;
    let next = by > 0 ? found.findIndex(i => trace.place[i] > place) : found.findLastIndex(i => trace.place[i] < place);
    if (next < 0) next = by > 0 ? 0 : found.length - 1;
    select(found[next]);
    count();
  }

  /** To the next span of a list after the selected one. */
  function next(list, nothing) {
    if (list.length === 0) { say(nothing); return; }
    const from = timeline.selected() >= 0 ? trace.place[timeline.selected()] : -1;
    const ordered = [...list].sort((one, other) => trace.place[one] - trace.place[other]);
    open('timeline');
    select(ordered.find(i => trace.place[i] > from) ?? ordered[0]);
    timeline.focus();
  }

  const KEYS = [
    ['↑ ↓', 'Move between spans'], ['← →', 'Collapse, expand, go to the parent or child'], ['Home End', 'First and last span'], ['Enter', 'Open the details'], ['Space', 'Collapse or expand'],
    ['Esc', 'Close the details, clear the search'], ['/', 'Search'], ['n N', 'Next and previous match'], ['e', 'Next failed span'], ['c', 'Next span on the critical path'],
    ['+ − 0', 'Zoom in, zoom out, whole trace'], ['1 2 3 4', 'Timeline, flame graph, service map, report'], ['?', 'These keys'],
  ];

  function help() {
    const dialog = find('help');
    dialog.replaceChildren(
      element('div.panel-top', null, element('h2', { id: 'help-title' }, 'Keys'), element('button.quiet', { type: 'button', 'aria-label': 'Close', onclick: () => dialog.close() }, '✕')),
      element('dl.keys', null, KEYS.map(([keys, text]) => element('div', null, element('dt', null, keys.split(' ').map(key => element('kbd', null, key))), element('dd', null, text)))));
    dialog.showModal();
  }

  const shortcuts = {
    '/': () => { open('timeline'); find('search').focus(); find('search').select(); },
    n: () => step(1), N: () => step(-1),
    e: () => next(trace.errorList.map(error => error.span), 'No span failed.'),
    c: () => next([...trace.sections.keys()], 'The critical path is unknown.'),
    '+': () => timeline.zoomBy(0.5), '=': () => timeline.zoomBy(0.5), '-': () => timeline.zoomBy(2), 0: () => timeline.zoom(0, trace.duration),
    1: () => open('timeline'), 2: () => open('flame'), 3: () => open('services'), 4: () => open('report'),
    '?': help,
    Escape: () => { if (!close() && find('search').value) { find('search').value = ''; runSearch(); } },
  };

  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || find('help').open || event.defaultPrevented) return;
    if (event.target.matches('input')) {
      if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
      if (event.key === 'Escape') { event.preventDefault(); find('search').value = ''; runSearch(); timeline.focus(); }
      if (event.key === 'ArrowDown') { event.preventDefault(); timeline.focus(); }
      return;
    }
    if (shortcuts[event.key]) {
      event.preventDefault();
      shortcuts[event.key]();
    }
  });

  document.querySelector('.tabs').addEventListener('keydown', event => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0 || !event.target.matches('[role=tab]')) return;
    event.preventDefault();
    open(VIEWS[(VIEWS.indexOf(current()) + by + VIEWS.length) % VIEWS.length], true);
  });
  for (const name of VIEWS) find(`tab-${name}`).addEventListener('click', () => open(name));
  for (const name of Object.keys(filters)) find(`only-${name}`).addEventListener('click', () => { filters[name] = !filters[name]; applyFilters(); });

  let typing;
  find('search').addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(runSearch, trace.count > 20000 ? 200 : 60); });
  find('search-next').addEventListener('click', () => step(1));
  find('search-previous').addEventListener('click', () => step(-1));
  find('collapse-all').addEventListener('click', () => timeline.toggleAll(true));
  find('expand-all').addEventListener('click', () => timeline.toggleAll(false));
  find('zoom-out').addEventListener('click', () => timeline.zoom(0, trace.duration));
  find('help-open').addEventListener('click', help);
  document.querySelector('.skip').addEventListener('click', event => { event.preventDefault(); open('timeline'); timeline.focus(); });

  let resizing;
  addEventListener('resize', () => { cancelAnimationFrame(resizing); resizing = requestAnimationFrame(() => { if (current() === 'timeline') timeline.redraw(); }); });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => minimap.draw());

  // On paper every view counts.
  let before = 'timeline';
  addEventListener('beforeprint', () => {
    before = current();
    for (const name of VIEWS) { draw(name); find(`view-${name}`).hidden = false; }
    timeline.print(true);
  });
  addEventListener('afterprint', () => { timeline.print(false); open(before); });

  function start() {
    find('plain').remove();
    find('app').hidden = false;
    find('only-errors').append(` ${number(trace.errorList.length)}`);
    find('tab-report').append(...[trace.insights.length > 0 && element('span.count', null, number(trace.insights.length), element('span.unseen', null, ' insights'))].filter(Boolean));
    sections.verdict();
    timeline.arrange();
    const asked = /^#span=([0-9a-f]{16})$/.exec(location.hash);
    const span = asked ? trace.indexOf(asked[1]) : -1;
    if (span >= 0) show(span);
    document.documentElement.dataset.ready = 'true';
  }

  return { start, show, open: openSpan, close, select: i => { select(i); count(); }, clearFilters };
})();

page.start();
