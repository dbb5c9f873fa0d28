// Numbers and foreign text as people read them, and the hues of services.

/** Each far from its neighbours and from the red of errors. */
const HUES = [262, 160, 310, 75, 205, 340, 120, 235, 95, 285, 180, 55];

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** Text from outside on one line: what would hide, reorder or break it is written as an escape. */
function plain(text, limit = 2000) {
  const cut = text.length > limit ? text.slice(0, limit) + '…' : text;
  return cut.replace(UNSEEN, unit => unit === '\n' ? '\\n' : unit === '\t' ? '\\t' : '\\u{' + unit.codePointAt(0).toString(16) + '}');
}

/** The same, but lines stay lines. */
function plainLines(text, limit = 20000) {
  return text.slice(0, limit).split(/\r\n|\r|\n/).map(line => plain(line.replaceAll('\t', '  '))).join('\n') + (text.length > limit ? '\n…' : '');
}

function duration(ns) {
  const cut = (value, digits) => (Math.floor(value * 10 ** digits) / 10 ** digits).toString();
  if (ns < 0) return '-' + duration(-ns);
  if (ns === 0) return '0ms';
  if (ns < 1e3) return Math.round(ns) + 'ns';
  if (ns < 1e6) return cut(ns / 1e3, 1) + 'µs';
  if (ns < 1e9) return cut(ns / 1e6, ns < 1e7 ? 2 : ns < 1e8 ? 1 : 0) + 'ms';
  if (ns < 60e9) return (Math.floor(ns / 1e6) / 1e3).toFixed(ns < 10e9 ? 3 : 2) + 's';
  const seconds = Math.floor(ns / 1e9);
  const two = value => String(value).padStart(2, '0');
  return seconds < 3600 ? `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s` : `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m ${two(seconds % 60)}s`;
}

const exactly = ns => `${Math.round(ns).toLocaleString('en-US')} ns`;

function share(part, whole = trace.duration) {
  const percent = whole > 0 ? 100 * part / whole : 0;
  return percent > 0 && percent < 0.1 ? '<0.1%' : percent >= 9.95 || percent === 0 ? `${Math.round(percent)}%` : `${percent.toFixed(1)}%`;
}

const number = value => value.toLocaleString('en-US');
const many = (value, one, more = one + 's') => `${number(value)} ${value === 1 ? one : more}`;

/** A moment as RFC 3339 in UTC, to the nanosecond. */
function moment(offset) {
  const nano = trace.origin + BigInt(Math.round(offset));
  const second = 1000000000n;
  const fraction = ((nano % second) + second) % second;
  const date = new Date(Number((nano - fraction) / 1000000n));
  return Number.isNaN(date.getTime()) ? String(nano) : date.toISOString().slice(0, 19) + '.' + String(fraction).padStart(9, '0') + 'Z';
}

const label = i => `${plain(trace.service(i).name, 80)}: ${plain(trace.name(i), 120)}`;
