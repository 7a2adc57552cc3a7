() => {
  if (window.ucePicks) return;
  const picked = new Set();  // ids of runs, from page to page of the list
  const show = () => {
    for (const box of document.querySelectorAll('[data-pick]')) box.checked = picked.has(box.dataset.pick);
    for (const button of document.querySelectorAll('.uce-picked')) {
      button.toggleAttribute('data-picked', picked.size);
      button.dataset.count = picked.size;
    }
  };
  window.ucePicks = {
    show,
    all: () => [...picked].join(' '),
    clear: () => { picked.clear(); show(); },
  };
  document.addEventListener('change', event => {
    const run = event.target.dataset?.pick;
    if (!run) return;
    picked[event.target.checked ? 'add' : 'delete'](run);
    show();
  });
}
