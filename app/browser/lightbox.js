() => {
  if (window.uceLargeView) return;
  window.uceLargeView = true;
  let dialog, rows, columns;  // of the large view that is open; its rows of images, and the buttons with their names
  let at, left, right;  // row, and columns that are laid over each other
  let mode = 'slider';  // kept from view to view
  let opened = 0;
  const fileName = text => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 100);
  const show = () => {
    const images = [...rows[at].querySelectorAll('img')], sides = [left, right];
    dialog.style.setProperty('--ratio', images[0].naturalWidth / images[0].naturalHeight || 1);
    for (const part of ['.uce-stage', '.uce-beside'])
      dialog.querySelectorAll(`${part} img`).forEach((image, side) => {
        image.src = images[sides[side]].src;
        image.alt = columns[sides[side]].textContent;
      });
    const title = rows[at].dataset.title;
    dialog.querySelectorAll('figcaption').forEach((caption, side) => {
      const [name, link] = caption.children, {textContent, dataset} = columns[sides[side]];
      name.textContent = textContent;
      link.href = images[sides[side]].src;
      link.download = `${fileName(title)}-${fileName(dataset.file)}.png`;
    });
    dialog.querySelector('b').textContent = title;
    dialog.querySelector('select').value = left;
    columns.forEach((button, column) => { button.ariaPressed = column === right; });
    columns[right].scrollIntoView({block: 'nearest', inline: 'nearest'});
    for (const button of dialog.querySelectorAll('[data-go]')) button.disabled = !rows[at + Number(button.dataset.go)];
  };
  const focus = () => {  // on what the arrow keys move, unless it is hidden
    const range = dialog.querySelector('[type=range]');
    (range.offsetParent ? range : dialog.querySelector('[data-close]')).focus({preventScroll: true});
  };
  const go = by => {
    if (!rows[at + by]) return;
    at += by;
    show();
    if (document.activeElement.disabled) focus();
  };
  const lay = (onTheLeft, onTheRight) => {  // an image and itself: the two change sides
    if (onTheLeft === onTheRight) [onTheLeft, onTheRight] = [right, left];
    [left, right] = [onTheLeft, onTheRight];
    show();
  };
  const step = by => {
    const to = right + by === left ? left + by : right + by;
    if (columns[to]) lay(left, to);
  };
  const open = (row, column) => {
    dialog = row.closest('.uce-viewed').querySelector('dialog');
    rows = [...dialog.parentElement.querySelectorAll('.uce-pair')];
    columns = [...dialog.querySelectorAll('[data-column]')];
    [at, left, right] = [rows.indexOf(row), 0, Math.max(1, column)];
    opened++;
    for (const radio of dialog.querySelectorAll('[type=radio]')) {
      radio.name = `uce-mode-${opened}`;  // each view has modes of its own
      radio.checked = radio.value === mode;
    }
    window.uceZoom.begin(dialog);
    dialog.showModal();
    show();
    history.pushState({large: true}, '');  // so that the way back closes it, as phones have it
    focus();
  };
  document.addEventListener('click', event => {
    const row = event.target.closest('button.uce-pair');
    if (row) open(row, [...row.querySelectorAll('img')].findIndex(image => image.parentElement.contains(event.target)));
    if (!dialog?.contains(event.target)) return;
    const button = event.target.closest('button');
    if (button?.dataset.go) go(Number(button.dataset.go));
    else if (button?.dataset.column) lay(left, columns.indexOf(button));
    else if (event.target === dialog || button?.hasAttribute('data-close')) dialog.close();
    else if (event.target.type === 'radio' && event.detail) focus();  // not when the arrow keys have chosen it
  });
  document.addEventListener('change', event => {
    if (!dialog?.contains(event.target)) return;
    if (event.target.type === 'radio') mode = event.target.value;
    if (event.target.matches('select')) lay(Number(event.target.value), right);
  });
  document.addEventListener('input', event => {
    if (event.target.type === 'range' && dialog?.contains(event.target))
      dialog.style.setProperty('--at', event.target.value);
  });
  const keys = {
    ArrowUp: () => go(-1), ArrowDown: () => go(1), ArrowLeft: () => step(-1), ArrowRight: () => step(1),
    '+': () => window.uceZoom.by('+'), '=': () => window.uceZoom.by('+'),
    '-': () => window.uceZoom.by('-'), 0: () => window.uceZoom.by('0'),
  };
  document.addEventListener('keydown', event => {
    if (!dialog?.open || event.ctrlKey || event.altKey || event.metaKey) return;
    const {type} = event.target, own = {'select-one': /./, radio: /^Arrow/, range: /^Arrow(Left|Right)$/};
    if (!keys[event.key] || own[type]?.test(event.key)) return;  // what the field itself hears
    event.preventDefault();
    keys[event.key]();
  });
  const closed = event => { if (event.target.matches?.('dialog.uce-large') && history.state?.large) history.back(); };
  document.addEventListener('close', closed, true);
  addEventListener('popstate', () => document.querySelector('dialog.uce-large[open]')?.close());
}
