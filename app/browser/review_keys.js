() => {
  if (window.uceReview) return;
  window.uceReview = true;
  let chosen = null;  // a question that the reviewer went to; else the first without an answer is asked
  let task = '';
  const visible = element => element && element.offsetParent !== null;
  const questions = () => [...document.querySelectorAll('#review-panel .uce-rating')].filter(visible);
  const asked = all => all.includes(chosen) ? chosen : all.find(one => !one.querySelector('input:checked'));
  const mark = () => {
    const shown = document.querySelector('#review-images [data-task]');
    if (shown && shown.dataset.task !== task) [task, chosen] = [shown.dataset.task, null];
    const all = questions(), current = asked(all);
    for (const one of all) one.toggleAttribute('data-asked', one === current);
  };
  const press = id => {
    const button = document.querySelector(id);
    if (visible(button)) button.click();
  };
  const rate = value => {
    const question = asked(questions());
    const answer = question && question.querySelectorAll('input[type=radio]')[value];
    if (!answer) return;
    chosen = null;
    answer.click();
  };
  const move = by => {
    const all = questions(), at = all.indexOf(asked(all));
    chosen = all[at < 0 ? (by < 0 ? all.length - 1 : 0) : (at + by + all.length) % all.length];
  };
  const typing = element => element.isContentEditable || element.tagName === 'TEXTAREA' ||
    (element.tagName === 'INPUT' && !['radio', 'checkbox', 'button'].includes(element.type));
  const keys = {
    ArrowUp: () => move(-1), ArrowDown: () => move(1), Backspace: () => press('#review-back'),
    KeyF: () => document.querySelector('#review-flag input').click(),
    KeyC: () => document.querySelector('#review-comment textarea').focus(),
    Enter: () => press('#review-save'), NumpadEnter: () => press('#review-save'),
  };
  document.addEventListener('keydown', event => {
    if (!visible(document.querySelector('#review-panel')) || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const at = event.target;
    if (typing(at)) {
      if (event.code === 'Escape' && at.closest('#review-comment')) at.blur();
      return;
    }
    if (event.code.includes('Enter') && (at.tagName === 'BUTTON' || at.tagName === 'A')) return;
    if (event.code.startsWith('Arrow') && at.type === 'radio') return;
    const digit = /^(?:Digit|Numpad)([0-4])$/.exec(event.code);
    const action = digit ? () => rate(Number(digit[1])) : keys[event.code];
    if (!action || event.shiftKey || event.repeat) return;
    event.preventDefault();
    action();
    mark();
  });
  document.addEventListener('change', () => requestAnimationFrame(mark));
  // Gradio clears the answers to the last task without an event; their labels' class says so.
  const watched = {childList: true, subtree: true, attributes: true, attributeFilter: ['class']};
  new MutationObserver(changes => {
    const within = change => change.type === 'childList' || change.target.closest('.uce-rating');
    if (changes.some(within)) mark();
  }).observe(document.body, watched);
}
