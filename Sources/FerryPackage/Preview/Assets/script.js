"use strict";
const root = document.documentElement;
const lessons = JSON.parse(document.getElementById("data").textContent);
const byId = new Map(lessons.map(lesson => [lesson.id, lesson]));
const words = {
  play: ["Play", "播放"], pause: ["Pause", "暂停"], mute: ["Mute", "静音"], unmute: ["Unmute", "取消静音"],
  off: ["Off", "关闭"], transcript: ["Transcript", "字幕文本"], chapters: ["Chapters", "章节"],
  none: ["This lesson has no subtitles.", "本课没有字幕。"],
  broken: ["This browser cannot play the file; it can be downloaded below.", "此浏览器无法播放该文件，可在下方下载。"],
  nothing: ["Nothing found for", "未找到"], more: ["Only the first 200 are shown.", "仅显示前 200 条。"],
  languages: ["Languages of the transcript", "字幕文本的语言"],
};
let ui = 0;
const say = name => words[name][ui];
const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
const nameOf = lesson => (ui ? lesson.zh : lesson.en);

// A page opened from a folder may be refused its store; it works without.
const remembered = name => { try { return localStorage.getItem("ferry-" + name); } catch { return null; } };
const remember = (name, value) => { try { localStorage.setItem("ferry-" + name, value); } catch { return; } };

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// Named for all; a button that shows a picture alone says its name under the pointer too.
function label(node, name) {
  node.setAttribute("aria-label", name);
  if (node.tagName === "BUTTON") node.title = name;
}

// "English（英语）": in its own words, and in the page's where they are others.
function languageName(track) {
  const named = new Intl.DisplayNames([root.lang], { type: "language" }).of(track.language);
  if (named === track.label) return track.label;
  return ui ? `${track.label}（${named}）` : `${track.label} (${named})`;
}

function clock(seconds) {
  const whole = Math.floor(seconds + 0.0005), two = number => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return (hours ? hours + ":" + two(minutes) : minutes) + ":" + two(whole % 60);
}

function translate(part) {
  const key = ui ? "Zh" : "En";
  for (const node of all("[data-en]", part)) node.textContent = node.dataset[ui ? "zh" : "en"];
  for (const node of all("[data-label-en]", part)) label(node, node.dataset["label" + key]);
  for (const node of all("[data-placeholder-en]", part)) node.placeholder = node.dataset["placeholder" + key];
}

function setLanguage(language) {
  ui = language === "zh" ? 1 : 0;
  root.lang = ui ? "zh-Hans" : "en";
  translate(document);
  for (const button of all("[data-ui]")) button.setAttribute("aria-pressed", String(button.dataset.ui === language));
  for (const name of all("[data-name]")) {
    const heading = name.closest("article").querySelector("h1");
    name.hidden = name.textContent === heading.textContent;
  }
  for (const article of all("article.lesson")) if (article.relabel) article.relabel();
  remember("language", language);
  route(false);
}

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : darkSystem.matches);
function showTheme() { document.getElementById("theme").setAttribute("aria-pressed", String(isDark())); }
darkSystem.addEventListener("change", showTheme);
document.getElementById("theme").addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  remember("theme", root.dataset.theme);
  showTheme();
});
for (const button of all("[data-ui]")) button.addEventListener("click", () => setLanguage(button.dataset.ui));

// The address says what is shown: "#", "#EPI-001", "#EPI-001?t=7.4" or "#?q=word"; so Back and bookmarks work.
function route(moves = true) {
  const [name, query = ""] = location.hash.slice(1).split("?");
  const parameters = new URLSearchParams(query);
  let id = "";
  try { id = decodeURIComponent(name); } catch { id = ""; }
  const lesson = byId.get(id), asked = lesson ? null : parameters.get("q");
  document.getElementById("overview").hidden = Boolean(lesson || asked);
  document.getElementById("results").hidden = !asked;
  let heading = document.getElementById(asked ? "results-title" : "overview-title");
  for (const article of all("article.lesson")) {
    const isShown = Boolean(lesson) && article.dataset.lesson === id;
    article.classList.toggle("current", isShown);
    if (isShown) heading = open(article, lesson, parameters);
    else if (article.querySelector("video")) article.querySelector("video").pause();
  }
  if (asked) find(asked);
  document.title = (lesson ? nameOf(lesson) + " – " : "") + document.querySelector(".brand bdi").textContent;
  if (moves && !asked) { scrollTo(0, 0); heading.focus({ preventScroll: true }); }
  if (moves && lesson && parameters.has("t")) seek(lesson.article, Number(parameters.get("t")), false);
}

// Cues are searched as they are read: without regard to case, and over their line ends.
const folded = text => text.replace(/\s/g, " ").toLowerCase();

function marked(text, query) {
  const made = document.createDocumentFragment(), plain = text.replace(/\s/g, " "), low = folded(text);
  let from = 0;
  if (query && low.length === plain.length) {
    for (let at = low.indexOf(query); at >= 0; at = low.indexOf(query, from)) {
      made.append(plain.slice(from, at), element("mark", {}, plain.slice(at, at + query.length)));
      from = at + query.length;
    }
  }
  made.append(plain.slice(from));
  return made;
}

const queryField = document.getElementById("query");
const current = () => folded(queryField.value.trim());

function find(asked) {
  if (queryField.value.trim() !== asked) queryField.value = asked;
  const query = folded(asked.trim()), hits = document.getElementById("hits");
  let count = 0, titles = 0;
  hits.replaceChildren();
  for (const lesson of lessons) {
    const found = [];
    for (const track of lesson.tracks) {
      for (const [start, , text] of track.cues) {
        if (folded(text).includes(query)) found.push({ start, text, language: track.language });
      }
    }
    const isNamed = folded(lesson.en).includes(query) || folded(lesson.zh).includes(query);
    if (!found.length && !isNamed) continue;
    titles += 1;
    const address = "#" + encodeURIComponent(lesson.id);
    const list = element("ol");
    for (const { start, text, language } of found.sort((a, b) => a.start - b.start)) {
      count += 1;
      if (count > 200) continue;
      const words = element("span", { lang: language, dir: "auto" }, marked(text, query));
      const seconds = start / 1000;
      const link = element("a", { href: address + "?t=" + seconds }, element("time", {}, clock(seconds)), words);
      list.append(element("li", {}, link));
    }
    const name = element("a", { href: address }, marked(nameOf(lesson), query));
    hits.append(element("section", {}, element("h2", {}, name), list));
  }
  const total = ui ? `${titles} 课中共有 ${count} 处字幕匹配。`
    : `${count} ${count === 1 ? "subtitle" : "subtitles"} in ${titles} ${titles === 1 ? "lesson" : "lessons"}.`;
  const more = count > 200 ? " " + say("more") : "";
  document.getElementById("found").textContent = titles ? total + more : `${say("nothing")} “${asked}”.`;
}

let pause = 0, before = "#";
function look() {
  const asked = queryField.value.trim(), isSearch = location.hash.startsWith("#?q=");
  if (!isSearch) before = location.hash || "#";
  if (!asked && !isSearch) return;
  const address = asked ? "#?q=" + encodeURIComponent(asked) : before;
  history[isSearch ? "replaceState" : "pushState"](null, "", address);
  route(false);
}
queryField.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(look, 150); });
document.getElementById("search").addEventListener("submit", event => {
  event.preventDefault();
  clearTimeout(pause);
  look();
});

/* One row for what is said at one time, in every language: a cue joins the row that it shares most time with. */
function rowsOf(lesson) {
  const rows = [];
  lesson.tracks.forEach((track, number) => {
    const known = rows.slice();
    for (const [start, end, text] of track.cues) {
      let best = null, most = 0;
      for (const row of known) {
        const shared = Math.min(end, row.end) - Math.max(start, row.start);
        if (shared > most) [best, most] = [row, shared];
      }
      if (!best) rows.push(best = { start, end, texts: [] });
      best.texts[number] = best.texts[number] ? best.texts[number] + "\n" + text : text;
    }
  });
  return rows.sort((a, b) => a.start - b.start);
}

function fillTranscript(article, lesson) {
  const place = article.querySelector(".transcript");
  const inner = element("div", { className: "transcript-inner" });
  const title = element("h2", {}, say("transcript"));
  const choice = element("div", { className: "languages" });
  choice.setAttribute("role", "group");
  const list = element("ol", { className: "rows", tabIndex: -1 });
  lesson.tracks.forEach((track, number) => {
    const button = element("button", { type: "button", lang: track.language }, track.label);
    button.setAttribute("aria-pressed", "true");
    button.addEventListener("click", () => {
      const isOn = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isOn));
      for (const line of all(`[data-track="${number}"]`, list)) line.hidden = !isOn;
      for (const row of all("li", list)) row.hidden = !all("[data-track]", row).some(line => !line.hidden);
    });
    choice.append(button);
  });
  lesson.rows = rowsOf(lesson).map(row => {
    const button = element("button", { type: "button", className: "cue" }, element("time", {}, clock(row.start / 1000)));
    lesson.tracks.forEach((track, number) => {
      if (!row.texts[number]) return;
      const line = element("span", { lang: track.language, dir: "auto" });
      line.dataset.track = number;
      button.append(line);
    });
    button.addEventListener("click", () => seek(article, row.start / 1000, true));
    list.append(element("li", {}, button));
    return Object.assign(row, { button });
  });
  const empty = lesson.rows.length ? list : element("p", { className: "empty" }, say("none"));
  inner.append(element("div", { className: "transcript-head" }, title, lesson.tracks.length > 1 ? choice : ""), empty);
  place.replaceChildren(inner);
  lesson.relabelTranscript = () => {
    title.textContent = say("transcript");
    choice.setAttribute("aria-label", say("languages"));
    if (!lesson.rows.length) empty.textContent = say("none");
  };
}

function markTranscript(lesson) {
  for (const row of lesson.rows) {
    for (const line of all("[data-track]", row.button)) {
      line.replaceChildren(marked(row.texts[line.dataset.track], current()));
    }
  }
}

function follow(lesson, time) {
  const now = lesson.rows.find(row => row.start <= time && time < row.end);
  if (now === lesson.now) return;
  if (lesson.now) lesson.now.button.removeAttribute("aria-current");
  lesson.now = now;
  if (!now) return;
  now.button.setAttribute("aria-current", "true");
  const list = now.button.closest(".rows");
  if (list.matches(":hover") || list.contains(document.activeElement)) return;
  list.scrollTop = now.button.offsetTop - list.clientHeight / 3;
}

/* Cues become text tracks of the film, so that the browser draws them, in full screen too. */
function addTracks(video, lesson) {
  const ours = new Set();
  for (const track of lesson.tracks) {
    const made = video.addTextTrack("subtitles", track.label, track.language);
    ours.add(made);
    made.mode = "hidden";
    for (const [start, end, text, markup, settings] of track.cues) {
      const payload = markup || text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
      const cue = new VTTCue(start / 1000, end / 1000, payload);
      for (const setting of (settings || "").split(" ")) place(cue, setting);
      made.addCue(cue);
    }
    track.made = made;
  }
  // The film carries the same tracks inside; a browser that shows them would show each cue twice.
  video.textTracks.addEventListener("addtrack", event => { if (!ours.has(event.track)) event.track.mode = "disabled"; });
}

function place(cue, setting) {
  const [name, value = ""] = setting.split(":"), [first, edge] = value.split(","), number = parseFloat(first);
  if (name === "align" && ["start", "center", "end", "left", "right"].includes(value)) cue.align = value;
  if (name === "vertical" && ["rl", "lr"].includes(value)) cue.vertical = value;
  if (name === "size" && number >= 0 && number <= 100) cue.size = number;
  if (name === "position" && number >= 0 && number <= 100) cue.position = number;
  if (name === "line" && Number.isFinite(number)) [cue.snapToLines, cue.line] = [!first.endsWith("%"), number];
  if (name === "line" && ["start", "center", "end"].includes(edge)) cue.lineAlign = edge;
}

function offerCaptions(select, lesson) {
  const kept = select.value || String(Math.max(0, lesson.tracks.findIndex(track => track.language.startsWith("en"))));
  const options = [element("option", { value: "off" }, say("off"))];
  lesson.tracks.forEach((track, number) => options.push(element("option", { value: number }, languageName(track))));
  if (lesson.tracks.length > 1) {
    options.push(element("option", { value: "all" }, lesson.tracks.map(track => track.label).join(" + ")));
  }
  select.replaceChildren(...options);
  select.value = lesson.tracks.length ? kept : "off";
  select.disabled = !lesson.tracks.length;
  const show = () => lesson.tracks.forEach((track, number) => {
    track.made.mode = select.value === "all" || select.value === String(number) ? "showing" : "hidden";
  });
  select.onchange = show;
  show();
}

function peekAt(bar, lesson, seconds) {
  const box = bar.querySelector(".peek"), picture = bar.querySelector(".peek-picture"), sprite = lesson.sprite;
  bar.querySelector(".peek-time").textContent = clock(seconds);
  if (sprite) {
    const index = Math.min(sprite.count - 1, Math.max(0, Math.floor(seconds * 1000 / sprite.interval)));
    const x = index % sprite.columns * sprite.width, y = Math.floor(index / sprite.columns) * sprite.height;
    picture.style.width = sprite.width + "px";
    picture.style.height = sprite.height + "px";
    picture.style.backgroundImage = `url("${sprite.src}")`;
    picture.style.backgroundPosition = `-${x}px -${y}px`;
  }
  box.hidden = false;
  const range = bar.querySelector(".position").getBoundingClientRect();
  const middle = range.left - bar.getBoundingClientRect().left + seconds / (lesson.duration / 1000) * range.width;
  box.style.left = Math.max(0, Math.min(bar.clientWidth - box.offsetWidth, middle - box.offsetWidth / 2)) + "px";
}

/* The screen chooses between the two films, and somebody who asked for less data gets the smaller one anyway. */
function saveData(video) {
  const small = video.querySelector("source.small");
  if (!small || !navigator.connection || !navigator.connection.saveData) return;
  small.removeAttribute("media");
  video.load();
}

function fillPlayer(article, lesson) {
  const player = article.querySelector(".player"), video = player.querySelector("video");
  video.removeAttribute("controls");
  addTracks(video, lesson);
  const controls = document.getElementById("controls").content.cloneNode(true);
  translate(controls);
  player.append(controls);
  const part = name => player.querySelector("." + name);
  const [play, mute, position, bar] = [part("play"), part("mute"), part("position"), part("seekbar")];
  const length = () => (Number.isFinite(video.duration) ? video.duration : lesson.duration / 1000);
  const refresh = () => {
    const isPaused = video.paused;
    player.classList.toggle("playing", !isPaused);
    player.classList.toggle("muted", video.muted);
    label(play, say(isPaused ? "play" : "pause"));
    label(mute, say(video.muted ? "unmute" : "mute"));
  };
  const tick = () => {
    const text = `${clock(video.currentTime)} / ${clock(length())}`;
    position.max = length();
    if (document.activeElement !== position || !position.matches(":active")) position.value = video.currentTime;
    position.setAttribute("aria-valuetext", text);
    part("elapsed").textContent = text;
    follow(lesson, video.currentTime * 1000);
  };
  const toggle = () => (video.paused ? start(video) : video.pause());
  play.addEventListener("click", toggle);
  video.addEventListener("click", toggle);
  mute.addEventListener("click", () => { video.muted = !video.muted; });
  for (const name of ["play", "pause", "ended", "volumechange"]) video.addEventListener(name, refresh);
  for (const name of ["timeupdate", "seeking", "loadedmetadata", "durationchange"]) video.addEventListener(name, tick);
  const fail = () => {
    if (part("problem")) return;
    const problem = element("p", { className: "problem" }, say("broken"));
    problem.setAttribute("role", "alert");
    player.append(problem);
  };
  video.addEventListener("error", fail);
  const sources = all("source", video);
  if (sources.length) sources[sources.length - 1].addEventListener("error", fail);
  saveData(video);
  position.addEventListener("input", () => {
    video.currentTime = Number(position.value);
    peekAt(bar, lesson, Number(position.value));
  });
  bar.addEventListener("pointermove", event => {
    const range = position.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - range.left) / range.width));
    peekAt(bar, lesson, share * lesson.duration / 1000);
  });
  const hide = () => { part("peek").hidden = true; };
  bar.addEventListener("pointerleave", hide);
  position.addEventListener("blur", hide);
  part("speed").addEventListener("change", event => { video.playbackRate = Number(event.target.value); });
  part("full").hidden = !document.fullscreenEnabled;
  part("full").addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else player.requestFullscreen().catch(() => { part("full").hidden = true; });
  });
  fillChapters(player, article, lesson);
  article.relabel = () => {
    refresh();
    offerCaptions(part("captions"), lesson);
    lesson.relabelTranscript();
    if (part("chapters")) part("chapters").setAttribute("aria-label", say("chapters"));
  };
  tick();
}

function fillChapters(player, article, lesson) {
  if (!lesson.chapters.length) return;
  const list = element("ol");
  for (const [start, name] of lesson.chapters) {
    const button = element("button", { type: "button" }, element("time", {}, clock(start / 1000)), element("bdi", {}, name));
    button.addEventListener("click", () => seek(article, start / 1000, true));
    list.append(element("li", {}, button));
    const tick = element("i");
    tick.style.left = start / lesson.duration * 100 + "%";
    player.querySelector(".ticks").append(tick);
  }
  player.querySelector(".controls").append(element("nav", { className: "chapters" }, list));
}

// Refused playing (a browser that wants a click first) leaves the film where it is.
function start(video) { video.play().catch(() => video.pause()); }

function seek(article, seconds, plays) {
  const video = article.querySelector("video");
  if (!video || !Number.isFinite(seconds)) return;
  // Just inside: a cue begins at this very moment.
  video.currentTime = seconds + 0.001;
  if (video.preload === "none") video.preload = "metadata";
  if (plays) start(video);
}

function open(article, lesson) {
  if (!lesson.article) {
    lesson.article = article;
    fillTranscript(article, lesson);
    if (article.querySelector("video")) fillPlayer(article, lesson);
    else article.relabel = lesson.relabelTranscript;
    article.relabel();
    for (const button of all("[data-seek]", article)) {
      button.addEventListener("click", () => seek(article, Number(button.dataset.seek) / 1000, true));
    }
  }
  markTranscript(lesson);
  return article.querySelector("h1");
}

root.classList.add("js");
const theme = remembered("theme");
if (theme) root.dataset.theme = theme;
showTheme();
addEventListener("hashchange", () => route());
addEventListener("popstate", () => route(false));
setLanguage(remembered("language") || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"));
route();
