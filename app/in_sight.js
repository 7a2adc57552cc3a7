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
  let leaving;
  new MutationObserver(records => {
    const changed = new Set(records.map(({target}) => target.closest?.('[id$=status]')));
    for (const status of changed) {
      const said = status?.querySelector('.uce-notice, .uce-problem');
      if (!said?.offsetParent) continue;
      const {top, bottom} = said.getBoundingClientRect();
      clearTimeout(leaving);
      echo.replaceChildren();
      if (top >= 0 && bottom <= innerHeight) continue;
      echo.append(said.cloneNode(true));
      leaving = setTimeout(() => echo.replaceChildren(), 6000);
    }
  }).observe(document.body, {childList: true, subtree: true});
}
