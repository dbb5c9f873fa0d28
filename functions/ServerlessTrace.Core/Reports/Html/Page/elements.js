// Making elements. Text only ever becomes text nodes and attributes, never markup.

/** element('button.primary', {title: 'x', onclick: f, '--hue': 3}, 'text', child, …) */
function element(kind, properties, ...content) {
  const [name, ...classes] = kind.split('.');
  const made = document.createElement(name);
  if (classes.length) made.className = classes.join(' ');
  return fill(adorn(made, properties), content);
}

function vector(name, attributes, ...content) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) key.startsWith('--') ? made.style.setProperty(key, value) : made.setAttribute(key, value);
  return fill(made, content);
}

function adorn(made, properties) {
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('--')) made.style.setProperty(key, value);
    else if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? '' : value);
  }
  return made;
}

function fill(made, content) {
  for (const part of content.flat(Infinity)) {
    if (part !== undefined && part !== null && part !== false) made.append(part);
  }
  return made;
}

const find = id => document.getElementById(id);
const swatch = service => element('i.swatch', { '--hue': service.hue, 'aria-hidden': 'true' });

/** Goes to a span wherever it is named. */
const spanLink = (i, text = label(i)) => element('button.link', { type: 'button', onclick: () => page.show(i) }, swatch(trace.service(i)), text);

/** A table; cells are texts, numbers (right-aligned) or elements. */
function table(caption, heads, rows) {
  const cell = (kind, value, extra) => element(kind + (typeof value === 'string' && /^[<\d]/.test(value) ? '.number' : ''), extra, value);
  return element('div.scroll', { tabindex: '0', role: 'region', 'aria-label': caption }, element('table', null,
    element('caption.unseen', null, caption),
    element('thead', null, element('tr', null, heads.map(head => element('th', { scope: 'col' }, head)))),
    element('tbody', null, rows.map(row => element('tr', null, row.map(value => cell('td', value)))))));
}

/** The first rows of a long list, and the rest on demand. */
function shortened(items, limit, make) {
  const box = element('div');
  const show = all => {
    const shown = all ? items : items.slice(0, limit);
    box.replaceChildren(make(shown));
    if (shown.length < items.length) {
      box.append(element('button.more', { type: 'button', onclick: () => show(true) }, `Show all ${number(items.length)}`));
    }
  };
  show(items.length <= limit * 1.2);
  return box;
}

let saying;
function say(text) {
  clearTimeout(saying);
  saying = setTimeout(() => { find('said').textContent = text; }, 60);
}
