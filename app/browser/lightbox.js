() => {
  if (window.uceLargeView) return;
  window.uceLargeView = true;
  const pairsOf = dialog => [...dialog.closest('.uce-viewed').querySelectorAll('.uce-pair')];
  const show = (dialog, pair) => {
    const images = [...pair.querySelectorAll('img')], addresses = images.map(image => image.src);
    dialog.style.setProperty('--ratio', images[0].naturalWidth / images[0].naturalHeight || 1);
    for (const part of ['.uce-stage', '.uce-beside'])
      dialog.querySelectorAll(`${part} img`).forEach((image, side) => { image.src = addresses[side]; });
    const name = pair.dataset.title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 100);
    dialog.querySelectorAll('a').forEach((link, side) => {
      link.href = addresses[side];
      link.download = `${name}-${link.dataset.side}.png`;
    });
    dialog.querySelector('b').textContent = pair.dataset.title;
    const pairs = pairsOf(dialog), at = pairs.indexOf(pair);
    dialog.dataset.at = at;
    for (const step of dialog.querySelectorAll('[data-go]')) step.disabled = !pairs[at + Number(step.dataset.go)];
  };
  document.addEventListener('click', event => {
    const pair = event.target.closest('button.uce-pair');
    if (pair) {
      const dialog = pair.closest('.uce-viewed').querySelector('dialog');
      show(dialog, pair);
      dialog.showModal();
      history.pushState({large: true}, '');  // so that the way back closes it, as phones have it
      dialog.querySelector('input').focus();
    }
    const dialog = event.target.closest('dialog.uce-large');
    if (!dialog) return;
    const step = event.target.closest('[data-go]');
    if (step) {
      show(dialog, pairsOf(dialog)[Number(dialog.dataset.at) + Number(step.dataset.go)]);
      if (step.disabled) dialog.querySelector('input').focus();
    } else if (event.target === dialog || event.target.closest('[data-close]')) dialog.close();
  });
  const closed = event => { if (event.target.matches?.('dialog.uce-large') && history.state?.large) history.back(); };
  document.addEventListener('close', closed, true);
  addEventListener('popstate', () => document.querySelector('dialog.uce-large[open]')?.close());
  document.addEventListener('input', event => {
    const stage = event.target.closest('.uce-stage');
    if (stage) stage.style.setProperty('--at', `${event.target.value}%`);
  });
}
