words => {
  if (window.uceSpoken) return;
  window.uceSpoken = true;
  const said = (key, name = '') => words()[key].replace('{name}', name);
  const LOST = 'Connection to the server was lost';
  const parts = {
    number: ['input[type=number]', 'number input for '],
    range: ['input[type=range]', 'range slider for '],
    reset: ['button', 'Reset to default value'],
    more_tabs: ['button', 'More tabs'],
    copy: ['button', 'Copy'],
    fullscreen: ['button', 'Fullscreen'],
    fullscreen_end: ['button', 'Exit fullscreen mode'],
  };
  const say = () => {
    for (const [key, [element, theirs]] of Object.entries(parts))
      for (const part of document.querySelectorAll(`${element}[aria-label^="${theirs}"]`)) {
        const text = said(key, part.ariaLabel.slice(theirs.length));
        part.ariaLabel = text;
        if (part.title) part.title = text;
      }
    for (const chip of document.querySelectorAll('.token')) {
      const button = chip.querySelector('.token-remove');
      if (button) button.ariaLabel = button.title = said('remove', chip.textContent.trim());
    }
    for (const toast of document.querySelectorAll('.toast-body')) {
      const text = toast.querySelector('.toast-message-text')?.firstChild;
      if (!text?.nodeValue.startsWith(LOST)) continue;
      text.nodeValue = said('lost');
      toast.querySelector('.toast-title').firstChild.nodeValue = said('lost_title');
      toast.querySelector('.toast-close').ariaLabel = said('close');
      document.body.dataset.lost = '';  // until Gradio loads the page again; nothing goes on, nothing can be pressed
    }
    for (const button of document.querySelectorAll('.remove-all')) button.ariaLabel = button.title = said('remove_all');
  };
  let due = 0;
  new MutationObserver(() => { due ||= setTimeout(() => { due = 0; say(); }, 300); })
    .observe(document.body, {childList: true, characterData: true, subtree: true});
  say();
}
