() => {
  const within = action => { try { return action(); } catch { return null; } };  // storage may be full, or refused
  const begun = new Set();  // of fields that have been given what was kept; before, what they hold is not to be kept
  addEventListener('pagehide', () => within(() => {  // which cancels what does not go on without its window
    const busy = [...document.querySelectorAll('[id$=status]')].filter(status => status.querySelector('.uce-progress'));
    sessionStorage.setItem('uce-stopped', JSON.stringify(busy.map(status => status.id)));
  }));
  window.uceWindow = {
    keep: (name, values, passedOn) => within(() => {
      if (!begun.has(name)) return;
      for (const storage of passedOn ? [sessionStorage, localStorage] : [sessionStorage])
        storage.setItem(`uce-${name}`, JSON.stringify(values));
    }),
    kept: (name, count) => {
      begun.add(name);
      const kept = within(() => JSON.parse(sessionStorage.getItem(`uce-${name}`) ?? localStorage.getItem(`uce-${name}`)));
      return kept?.length === count ? kept : Array(count).fill({__type__: 'update'});
    },
    stopped: status => within(() => JSON.parse(sessionStorage.getItem('uce-stopped')).includes(status)),
    show: (name, run) => within(() => sessionStorage.setItem(`uce-${name}-run`, run)),
    shown: name => within(() => sessionStorage.getItem(`uce-${name}-run`)) ?? '',
  };
}
