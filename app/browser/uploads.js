(most, texts) => {
  if (window.uceUploads) return;
  window.uceUploads = true;
  const buttonOf = input => input.nextElementSibling;
  const inputInSight = () =>
    [...document.querySelectorAll('input[type=file]')].find(input => buttonOf(input).offsetParent);
  const faultOf = ({files, accept}) =>
    files.length > 1 ? 'several' : !files[0].name.toLowerCase().endsWith(accept) ? 'kind' :
    files[0].size > most * 2 ** 20 ? 'large' : '';
  const refuse = (input, fault) => {
    const slots = {file: new Option(input.files[0].name).innerHTML, kind: input.accept};
    window.uceRefused = texts()[fault].replace(/{(\w+)}/g, (_, slot) => slots[slot]);
    document.getElementById(`${buttonOf(input).id}-refused`).click();
    input.value = '';
  };
  document.addEventListener('change', event => {  // before Gradio has it, whose refusals are in English
    const input = event.target, fault = input.type === 'file' && input.files.length && faultOf(input);
    if (!fault) return;
    event.stopImmediatePropagation();
    refuse(input, fault);
  }, true);
  let leaving;
  const tell = text => {
    clearTimeout(leaving);
    if (text) {
      document.body.dataset.drop = text;
      leaving = setTimeout(tell, 500);  // while it is dragged here, news of that comes more often
    } else delete document.body.dataset.drop;
  };
  for (const kind of ['dragover', 'drop']) document.addEventListener(kind, event => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();  // or the browser opens the file in place of the page
    const input = inputInSight(), taken = input && !buttonOf(input).disabled, files = event.dataTransfer.files;
    event.dataTransfer.dropEffect = taken ? 'copy' : 'none';
    tell(kind === 'dragover' && taken ? buttonOf(input).textContent : '');
    if (kind === 'dragover' || !taken || !files.length) return;
    input.files = files;
    input.dispatchEvent(new Event('change', {bubbles: true}));
  });
}
