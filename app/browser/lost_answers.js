() => {
  // Gradio's page reads all answers from one stream, which the server ends when nothing is waited for. What is asked
  // while the news of that end is under way is answered into no stream: it comes with the next one that is opened.
  const asked = new Set(), answered = new Set();  // events, by their ids
  const streams = new Set(), plain = window.fetch;

  const hear = line => {
    if (!line.startsWith('data:')) return;
    const news = JSON.parse(line.slice(5));
    if (news.msg === 'process_completed') answered.add(news.event_id);
  };
  const follow = async stream => {
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = '', part; !(part = await reader.read()).done;) {
      const lines = (rest + part.value).split('\n');
      rest = lines.pop();
      lines.forEach(hear);
    }
  };
  const end = stream => {
    streams.delete(stream);
    setTimeout(() => {  // when the page has heard of it
      if (streams.size) return;
      const lost = [...asked].some(id => !answered.has(id));
      asked.clear();
      answered.clear();
      if (lost) document.getElementById('ask-again')?.click();  // opens a stream
    }, 100);
  };
  const followed = async (address, options) => {
    const stream = {};
    streams.add(stream);
    options?.signal?.addEventListener('abort', () => end(stream));  // so the page ends it
    try {
      const answer = await plain(address, options), [theirs, ours] = answer.body.tee();
      const over = () => setTimeout(end, 1000, stream);  // if it is not ended as it should be
      follow(ours).then(over, over);  // the page breaks off a stream that is over: an error here
      return new Response(theirs, answer);
    } catch (error) {
      end(stream);
      throw error;
    }
  };
  window.fetch = async (address, options) => {
    const {pathname} = new URL(address.url ?? address, location);
    if (pathname.endsWith('/queue/data')) return followed(address, options);
    const answer = await plain(address, options);
    if (pathname.endsWith('/queue/join') && answer.ok) asked.add((await answer.clone().json()).event_id);
    return answer;
  };
}
