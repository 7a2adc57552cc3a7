() => {
  const within = action => { try { return action(); } catch { return null; } };  // storage may be full, or refused
  const begun = new Set();  // of fields that have been given what was kept
  const early = {};  // what they held before: a default, or typed by someone quick; kept only where nothing was
  const store = (name, values, passedOn) => {
    for (const storage of passedOn ? [sessionStorage, localStorage] : [sessionStorage])
      within(() => storage.setItem(`uce-${name}`, JSON.stringify(values)));
  };
  addEventListener('pagehide', () => within(() => {  // which cancels what does not go on without its window
    const busy = [...document.querySelectorAll('[id$=status]')].filter(status => status.querySelector('.uce-progress'));
    sessionStorage.setItem('uce-stopped', JSON.stringify(busy.map(status => status.id)));
  }));
  window.uceWindow = {
    keep: (name, values, passedOn) => {
      if (begun.has(name)) store(name, values, passedOn);
      else early[name] = [values, passedOn];
    },
    kept: (name, count) => {
      begun.add(name);
      const kept = within(() => JSON.parse(sessionStorage.getItem(`uce-${name}`) ?? localStorage.getItem(`uce-${name}`)));
      if (kept?.length === count) return kept;
      if (early[name]) store(name, ...early[name]);
      return Array(count).fill({__type__: 'update'});
    },
    stopped: status => within(() => JSON.parse(sessionStorage.getItem('uce-stopped')).includes(status)),
    show: (name, run) => within(() => sessionStorage.setItem(`uce-${name}-run`, run)),
    shown: name => within(() => sessionStorage.getItem(`uce-${name}-run`)) ?? '',
  };
}
