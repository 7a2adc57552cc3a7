() => {
  if (window.uceInSight) return;
  window.uceInSight = true;
  // Where results stand above the fields, as on phones, browsers hold fast to the fields when results come, and what
  // was waited for is pushed out of sight. They shall only while nothing but fields is in sight.
  const watch = new IntersectionObserver(entries => {
    for (const {target, isIntersecting} of entries)
      target.previousElementSibling.style.overflowAnchor = isIntersecting ? 'none' : '';
  });
  for (const results of document.querySelectorAll('.uce-results')) watch.observe(results);
  // What is said out of sight is said at the window's edge, too, for a while.
  const echo = document.createElement('div');
  echo.id = 'uce-echo';
  echo.ariaHidden = 'true';  // it is read out where it stands
  document.body.append(echo);
  const before = new WeakMap();  // what each status said
  let leaving;
  const tell = (...said) => {
    clearTimeout(leaving);
    echo.replaceChildren(...said.map(line => line.cloneNode(true)));
    if (said.length) leaving = setTimeout(tell, 6000);
  };
  const look = status => {
    const said = [...status.querySelectorAll('.uce-notice, .uce-problem')];
    const text = said.map(line => line.textContent).join('\n');
    if (text === before.get(status)) return;
    before.set(status, text);
    tell();
    setTimeout(() => {  // when the page has come to rest
      const first = said[0];
      if (!first?.offsetParent) return;
      const {top, bottom} = first.getBoundingClientRect();
      if (top < 0 || bottom > innerHeight) tell(...said);
    }, 500);
  };
  new MutationObserver(records => {
    const elements = records.map(({target}) => target.closest ? target : target.parentElement);
    for (const status of new Set(elements.map(element => element?.closest('[id$=status]')))) if (status) look(status);
  }).observe(document.body, {childList: true, characterData: true, subtree: true});
  document.addEventListener('click', event => { if (event.target.closest('[role=tab], .overflow-dropdown')) tell(); });
}
