// The whole trace at a glance, and the part of it that the timeline shows.

const minimap = (() => {
  const canvas = find('minimap');
  let drag = null;

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const of = name => style.getPropertyValue(name).trim();
    return { light: of('--bar-light'), chroma: of('--bar-chroma'), error: of('--error'), path: of('--path'), shade: of('--shade'), accent: of('--accent') };
  }

  function draw() {
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (width === 0 || height === 0) return;
    const ratio = Math.min(2, devicePixelRatio || 1);
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    const look = colours();
    const x = at => at / trace.duration * width;
    const step = Math.min(6, (height - 4) / trace.count), thick = Math.max(1, step - (step > 3 ? 1 : 0));
    const paints = trace.services.map(service => `oklch(${look.light} ${look.chroma} ${service.hue})`);
    for (let k = 0; k < trace.count; k++) {
      const i = trace.order[k];
      pen.fillStyle = paints[trace.serviceOf[i]];
      pen.fillRect(x(trace.start[i]), 2 + k * step, Math.max(1, x(trace.end(i) - trace.start[i])), thick);
    }
    // Rows of a pixel would show nothing but the path.
    pen.fillStyle = look.path;
    for (const section of step >= 2 ? trace.path : []) pen.fillRect(x(section.shown), 2 + trace.place[section.span] * step, Math.max(1, x(section.duration)), Math.max(1, thick / 2));
    pen.fillStyle = look.error;
    for (const error of trace.errorList.slice(0, 5000)) pen.fillRect(x(trace.start[error.span]) - 1, 2 + trace.place[error.span] * step, 3, Math.max(3, thick));
    frame(pen, look, x, width, height);
  }

  function frame(pen, look, x, width, height) {
    const part = drag ? { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) } : timeline.view;
    pen.fillStyle = look.shade;
    pen.fillRect(0, 0, x(part.from), height);
    pen.fillRect(x(part.to), 0, width - x(part.to), height);
    if (part.from > 0 || part.to < trace.duration) {
      pen.strokeStyle = look.accent;
      pen.lineWidth = 2;
      pen.strokeRect(x(part.from), 1, Math.max(2, x(part.to - part.from)), height - 2);
    }
  }

  const timeAt = event => {
    const box = canvas.getBoundingClientRect();
    return trace.duration * Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };

  canvas.addEventListener('pointerdown', event => {
    drag = { from: timeAt(event), to: timeAt(event) };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', event => {
    if (drag) { drag.to = timeAt(event); draw(); }
  });
  canvas.addEventListener('pointerup', () => {
    const part = drag;
    drag = null;
    if (part && Math.abs(part.to - part.from) > trace.duration / 200) timeline.zoom(Math.min(part.from, part.to), Math.max(part.from, part.to));
    else draw();
  });
  canvas.addEventListener('dblclick', () => timeline.zoom(0, trace.duration));

  return { draw };
})();
