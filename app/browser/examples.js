() => {
  const key = 'uce-no-examples';
  const within = action => { try { return action(); } catch { return null; } };  // storage may be refused
  const hide = hidden => {
    document.documentElement.toggleAttribute('data-no-examples', hidden);
    if (hidden) for (const close of document.querySelectorAll('.uce-example-close')) close.click();
  };
  hide(within(() => localStorage.getItem(key)) === 'true');
  addEventListener('storage', event => { if (event.key === key) hide(event.newValue === 'true'); });  // in other windows
  document.addEventListener('click', event => {
    const button = event.target.closest('.uce-examples-hide, .uce-examples-show');
    if (!button) return;
    const hidden = button.matches('.uce-examples-hide');
    hide(hidden);
    within(() => localStorage.setItem(key, hidden));
  });
}
