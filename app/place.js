names => {
  const asked = name => new URL(location).searchParams.get(name) ?? '';
  const tab = () => asked('run') ? 'runs' : names.find(name => name === asked('tab')) ?? names[0];
  const click = id => document.getElementById(id)?.click();
  let begun = false;  // before, a tab opens for the address, not the other way round
  const go = (tab, run) => {
    const address = new URL(location);
    for (const [name, value] of [['tab', run || tab === names[0] ? '' : tab], ['run', run]])
      if (value) address.searchParams.set(name, value); else address.searchParams.delete(name);
    if (address.href !== location.href) history.pushState(null, '', address);
  };
  let run = asked('run');  // that is open in Runs, also while another tab is in front
  const mark = () => {
    for (const link of document.querySelectorAll('a[data-run]'))
      if (link.dataset.run === run) link.ariaCurrent = 'true'; else link.ariaCurrent = null;
  };
  const to = name => { if (name !== tab()) go(name, name === 'runs' ? run : ''); };
  window.ucePlace = {
    mark,
    run: () => asked('run'),
    begin: () => { begun = true; return tab(); },
    to: name => {  // news of this may come when yet another tab has been chosen
      const inFront = document.querySelector('[role=tab][aria-selected=true]')?.id ?? `tab-${name}-button`;
      if (begun && inFront === `tab-${name}-button`) to(name);
    },
    at: link => {  // the link of the run that is open now; '' if there is none
      run = link ? new URL(link).searchParams.get('run') : '';
      go('runs', run);
      mark();
    },
  };
  document.addEventListener('click', event => {
    const chosen = /^tab-(.+)-button$/.exec(event.target.closest('[role=tab]')?.id);  // before Gradio is listening
    if (chosen) to(chosen[1]);
    const link = event.target.closest('a[data-run]');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    run = link.dataset.run;
    go('runs', run);
    mark();
    click('run-open');
  });
  addEventListener('popstate', () => {
    click('tab-open');
    if (tab() !== 'runs') return;
    run = asked('run');
    mark();
    click('run-open');
  });
}
