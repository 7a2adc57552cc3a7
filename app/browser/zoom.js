() => {
  if (window.uceZoom) return;
  const MOST = 8, STEP = 1.5;
  let view, zoom = 1, x = 0, y = 0;  // where the images' corner is, in widths and heights of their frame: 1 - zoom to 0
  const pointers = new Map();  // those that are down on an image: where, by their ids
  const within = (value, least, most) => Math.min(Math.max(value, least), most);
  const put = (toZoom, toX, toY) => {
    zoom = within(toZoom, 1, MOST);
    [x, y] = [toX, toY].map(to => within(to, 1 - zoom, 0));
    for (const [name, value] of [['--zoom', zoom], ['--x', `${100 * x}%`], ['--y', `${100 * y}%`]])
      view.style.setProperty(name, value);
    view.toggleAttribute('data-zoomed', zoom > 1);
    view.querySelector('[data-zoom="0"]').textContent = `${Math.round(100 * zoom)}%`;
  };
  const at = (event, frame) => {  // in the frame's widths and heights
    const box = frame.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const zoomAt = (factor, [pointX, pointY]) => {  // that point stays where it is
    const to = within(zoom * factor, 1, MOST), ratio = to / zoom;
    put(to, pointX - (pointX - x) * ratio, pointY - (pointY - y) * ratio);
  };
  const frameOf = event => view?.open && view.contains(event.target) && event.target.closest('.uce-frame');
  const wheel = event => {
    const frame = frameOf(event);
    if (!frame || (zoom === 1 && event.deltaY > 0 && !event.ctrlKey)) return;  // there, the wheel scrolls
    event.preventDefault();
    const lines = event.deltaMode ? 16 : 1;  // pixels, or lines of so many
    zoomAt(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002)), at(event, frame));  // ctrl: a pinch
  };
  const slide = (event, frame) => {
    if (!frame.matches('.uce-stage') || zoom > 1) return;
    const range = view.querySelector('[type=range]');
    range.value = 100 * at(event, frame)[0];
    range.dispatchEvent(new Event('input', {bubbles: true}));
  };
  window.uceZoom = {
    begin: dialog => {
      view = dialog;
      pointers.clear();
      put(1, 0, 0);
      view.addEventListener('wheel', wheel, {passive: false});  // once, however often it is said
    },
    by: sign => sign === '0' ? put(1, 0, 0) : zoomAt(sign === '+' ? STEP : 1 / STEP, [0.5, 0.5]),
  };
  document.addEventListener('pointerdown', event => {
    const frame = frameOf(event);
    if (!frame || event.button) return;
    frame.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
  });
  document.addEventListener('pointermove', event => {
    const before = pointers.get(event.pointerId), frame = frameOf(event);
    if (!before || !frame) return;
    pointers.set(event.pointerId, event);
    const [now, then] = [event, before].map(one => at(one, frame));
    const other = [...pointers.values()].find(one => one !== event);
    const share = other ? 0.5 : 1;  // of two fingers, each moves the point between them by half
    if (!other) slide(event, frame);
    put(zoom, x + (now[0] - then[0]) * share, y + (now[1] - then[1]) * share);
    if (!other) return;
    const apart = one => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
    const still = at(other, frame);
    zoomAt(apart(event) / apart(before), [(now[0] + still[0]) / 2, (now[1] + still[1]) / 2]);
  });
  for (const end of ['pointerup', 'pointercancel'])
    document.addEventListener(end, event => pointers.delete(event.pointerId));
  document.addEventListener('click', event => {
    const button = view?.open && event.target.closest('[data-zoom]'), frame = frameOf(event);
    if (button) window.uceZoom.by(button.dataset.zoom);
    if (!frame) return;
    slide(event, frame);
    view.querySelector('[type=range]').focus({preventScroll: true});  // as if it had been clicked
  });
  document.addEventListener('dblclick', event => { if (frameOf(event)) put(1, 0, 0); });
  document.addEventListener('dragstart', event => { if (frameOf(event)) event.preventDefault(); });
}
