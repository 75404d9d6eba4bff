// The timer of an exercise: counts down on the phone itself, without a network, by a deadline and not by ticks, so
// that a phone that slept a while shows the right time. Its words come with the page.
const tone = (high) => {
  try {
    const audio = new AudioContext();
    const sound = audio.createOscillator();
    const volume = audio.createGain();
    sound.frequency.value = high ? 660 : 520;
    volume.gain.setValueAtTime(0.12, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.9);
    sound.connect(volume).connect(audio.destination);
    sound.start();
    sound.stop(audio.currentTime + 0.9);
    sound.onended = () => audio.close();
  } catch {} // a phone that makes no sound still shows the time
};

for (const box of document.querySelectorAll("[data-timer]")) {
  const whole = Number(box.dataset.seconds) * 1000;
  const clock = box.querySelector("[data-clock]");
  const go = box.querySelector("[data-go]");
  const again = box.querySelector("[data-again]");
  const say = box.querySelector("[data-say]");
  const way = box.querySelector(".timer-done");
  let left = whole;
  let until = 0; // 0: it stands
  let beat = 0;
  let told = Math.ceil(whole / 60000);
  let lock = null;

  const now = () => (until ? Math.max(0, until - performance.now()) : left);
  const draw = () => {
    const seconds = Math.ceil(now() / 1000);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    way.setAttribute("stroke-dasharray", `${(100 * (whole - now())) / whole} 100`);
    go.textContent = until ? box.dataset.pause : left < whole && left > 0 ? box.dataset.on : box.dataset.start;
  };
  const stop = () => {
    left = now();
    until = 0;
    clearInterval(beat);
    lock?.release().catch(() => {});
    lock = null;
    box.classList.remove("running");
    draw();
  };
  const tick = () => {
    const minutes = Math.ceil(now() / 60000);
    if (now() === 0) {
      stop();
      say.textContent = box.dataset.end;
      tone(true);
      navigator.vibrate?.([200, 100, 200]);
    } else if (minutes < told) { // once a minute, for who listens
      told = minutes;
      say.textContent = box.dataset.left.replace("{n}", minutes);
    }
    draw();
  };
  go.addEventListener("click", () => {
    if (until) return stop();
    if (left === 0) left = whole;
    told = Math.ceil(left / 60000);
    until = performance.now() + left;
    beat = setInterval(tick, 250);
    box.classList.add("running");
    navigator.wakeLock?.request("screen").then((l) => (until ? (lock = l) : l.release())).catch(() => {});
    draw();
  });
  again.addEventListener("click", () => {
    stop();
    left = whole;
    say.textContent = "";
    draw();
  });
  document.addEventListener("visibilitychange", () => until && tick());
  box.querySelector(".timer-live").hidden = false;
  draw();
}
