() => {
  // The loader of Gradio's page asks for every frame even when it is gone, and a browser that draws them all, one like
  // the other, takes its time from the model. Frames' numbers count up: after half a second in which there was one each
  // besides ours, it is ended; there is none where each number follows ours.
  let last = -Infinity, frames = 0;
  const look = () => {
    const number = requestAnimationFrame(look), others = number - last - 1;
    last = number;
    frames = others === 1 ? frames + 1 : 0;
    if (others && frames < 30) return;
    cancelAnimationFrame(number);
    if (frames) cancelAnimationFrame(number - 1);
  };
  look();
}
