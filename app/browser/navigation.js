names => {
  const asked = name => new URL(location).searchParams.get(name) ?? '';
  const tabAsked = () => asked('run') ? 'runs' : names.find(name => name === asked('tab')) ?? names[0];
  const inFront = name => {  // on phones a tab may be in a menu, where nothing says that it is
    const selected = document.querySelector('[role=tab][aria-selected=true]');
    return !selected || selected.id === `tab-${name}-button`;
  };
  const press = id => document.getElementById(id)?.click();
  let begun = false;  // before, a tab opens for the address, not the other way round
  let last = location.href;
  let open = asked('run');  // the run that is open in Runs, also while another tab is in front

  const addressOf = (tab, run) => {
    const address = new URL(location);
    for (const [name, value] of [['tab', run || tab === names[0] ? '' : tab], ['run', run]])
      if (value) address.searchParams.set(name, value); else address.searchParams.delete(name);
    return address.href;
  };
  const go = (tab, run) => {
    const address = addressOf(tab, run);
    if (address !== location.href) history.pushState(null, '', address);
    last = location.href;
  };
  const name = () => {  // of the window
    const tab = document.querySelector('[role=tab][aria-selected=true]')?.innerText;
    document.title = tab ? `${tab} · UCE Studio` : 'UCE Studio';
  };
  const goToTab = tab => { if (tab !== tabAsked()) go(tab, tab === 'runs' ? open : ''); };
  const mark = () => {
    for (const link of document.querySelectorAll('a[data-run]')) {
      link.href = addressOf('runs', link.dataset.run);  // for a window of its own, in the same language
      link.ariaCurrent = link.dataset.run === open ? 'true' : null;
    }
  };
  window.ucePlace = {
    mark,
    run: () => asked('run'),
    begin: () => { begun = true; return tabAsked(); },
    to: tab => { if (begun && inFront(tab)) goToTab(tab); name(); },  // news of this may come when yet another one is chosen
    at: link => {  // the link of the run that is open now; '' if there is none
      open = link ? new URL(link).searchParams.get('run') : '';
      if (inFront('runs')) go('runs', open);
      mark();
    },
    closed: () => {  // whichever tab is in front
      open = '';
      if (asked('run')) go('runs', '');
      mark();
    },
  };
  document.addEventListener('click', event => {
    const tab = /^tab-(.+)-button$/.exec(event.target.closest('[role=tab]')?.id);  // before Gradio is listening
    if (tab) goToTab(tab[1]);
    const link = event.target.closest('a[data-run]');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open = link.dataset.run;
    go('runs', open);
    mark();
    press('run-open');
  });
  addEventListener('popstate', () => {
    if (location.href === last) return;  // a large view was closed
    last = location.href;
    press('tab-open');
    if (tabAsked() !== 'runs') return;
    open = asked('run');
    mark();
    press('run-open');
  });
}
