// swift-format-ignore-file
// Made from the files in Assets by `make assets`: change those.

/// The preview's templates, style sheet and script.
enum PreviewAssets {
  static let controls = #"""
{{% CONTENT_TYPE:PREVIEW}}
<template id="controls"><div class="controls">
<div class="seekbar">
<div class="peek" hidden aria-hidden="true"><div class="peek-picture"></div><span class="peek-time"></span></div>
<div class="ticks" aria-hidden="true"></div>
<input class="position" type="range" min="0" step="0.1" value="0" {{#aria}}Position|播放位置{{/aria}}>
</div>
<div class="buttons">
<button type="button" class="play"><svg class="play-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M8 5v14l11-7z"/></svg><svg class="pause-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M6 5h4v14H6zm8 0h4v14h-4z"/></svg></button>
<button type="button" class="mute"><svg class="on-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M3 9v6h4l5 5V4L7 9zm13.5 3A4.5 4.5 0 0 0 14 8v8a4.5 4.5 0 0 0 2.5-4z"/></svg><svg class="off-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M3 9v6h4l5 5V4L7 9zm13-.4-1.4 1.4 2 2-2 2 1.4 1.4 2-2 2 2 1.4-1.4-2-2 2-2-1.4-1.4-2 2z"/></svg></button>
<span class="elapsed"></span>
<label>{{#say}}Subtitles|字幕{{/say}} <select class="captions"></select></label>
<label>{{#say}}Speed|速度{{/say}} <select class="speed"><option value="0.75">0.75×</option><option value="1" selected>1×</option><option value="1.25">1.25×</option><option value="1.5">1.5×</option><option value="2">2×</option></select></label>
<button type="button" class="full" {{#aria}}Full screen|全屏{{/aria}}><svg class="" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M5 5h6v2H7v4H5zm8 0h6v6h-2V7h-4zM5 13h2v4h4v2H5zm12 0h2v6h-6v-2h4z"/></svg></button>
</div>
</div></template>

"""#

  static let lesson = #"""
{{% CONTENT_TYPE:PREVIEW}}
<article class="lesson" id="lesson-{{{anchor}}}" data-lesson="{{id}}" aria-labelledby="title-{{{anchor}}}">
<p class="crumbs"><a href="#">{{#say}}All lessons|全部课程{{/say}}</a> <span aria-hidden="true">/</span> {{{field}}} <span aria-hidden="true">/</span> {{{shownId}}}</p>
<h1 id="title-{{{anchor}}}" tabindex="-1">{{{name}}}</h1>
{{#otherNames}}<p class="quiet name" data-name>{{{.}}}</p>{{/otherNames}}
<div class="stage">
<div class="player">{{^.player}}<p class="problem">{{#say}}Delivered for streaming only: see the downloads.|仅以流媒体形式交付，见下载部分。{{/say}}</p>{{/.player}}{{#.player}}<div class="screen"><video{{#.source}} src="{{{.}}}"{{/.source}}{{#.poster}} poster="{{{.}}}"{{/.poster}} preload="none" playsinline controls {{{label}}}>{{#.choice}}<source class="small" src="{{{small}}}" type="{{smallType}}" media="(max-width: 40rem), (max-height: 30rem)"><source src="{{{large}}}" type="{{largeType}}">{{/.choice}}</video></div>{{/.player}}</div>
<section class="transcript needs-script" {{#aria}}Transcript|字幕文本{{/aria}}></section>
</div>
<div class="panels">
<section class="panel"><h2>{{#say}}Downloads|下载{{/say}}</h2>{{#downloads}}{{#.summary}}<details><summary>{{{.}}}</summary>{{/.summary}}<ul class="files">{{#files}}<li><a href="{{{address}}}" download>{{{name}}}</a> <span class="quiet">{{{about}}}</span></li>{{/files}}</ul>{{#.summary}}</details>{{/.summary}}{{/downloads}}</section>
<section class="panel"><h2>{{#say}}Checks|质量检查{{/say}}</h2><h3>{{#say}}Picture and sound|画面与声音{{/say}}</h3>{{^hasFindings}}<p class="good">{{#say}}Nothing found.|未发现问题。{{/say}}</p>{{/hasFindings}}{{#hasFindings}}<ul class="findings">{{#findings}}<li class="finding"><button type="button" class="seek needs-script" data-seek="{{startMs}}" {{{play}}}>{{clock}}</button> <strong>{{{kind}}}</strong> {{{detail}}}</li>{{/findings}}</ul>{{/hasFindings}}<h3>{{#say}}Loudness|响度{{/say}}</h3>{{^hasSound}}<p>{{#say}}This lesson has no sound.|本课没有声音。{{/say}}</p>{{/hasSound}}{{#hasSound}}<table><thead><tr><td></td><th scope="col">{{#say}}Source|源文件{{/say}}</th><th scope="col">{{#say}}Delivered|交付{{/say}}</th></tr></thead><tbody>{{#loudness}}<tr><th scope="row">{{{measure}}}</th><td>{{before}}</td><td>{{after}}</td></tr>{{/loudness}}</tbody></table>{{/hasSound}}{{#hasTracks}}<h3>{{#say}}Subtitles|字幕{{/say}}</h3>{{/hasTracks}}{{#tracks}}<h4><bdi lang="{{language}}">{{endonym}}</bdi> <span class="quiet">{{{rules}}}</span></h4>{{^hasLines}}<p class="good">{{#say}}Every rule is kept.|符合全部规则。{{/say}}</p>{{/hasLines}}{{#hasLines}}<ul class="findings">{{#lines}}<li><strong>{{{what}}}</strong> {{{rule}}} × {{count}}{{#.reason}}: {{{.}}}{{/.reason}}</li>{{/lines}}</ul>{{/hasLines}}{{/tracks}}</section>
<section class="panel"><h2>{{#say}}Origin and licence|来源与许可{{/say}}</h2><dl class="origin">{{#origin}}<dt>{{{name}}}</dt><dd>{{{value}}}</dd>{{/origin}}</dl></section>
</div>
<nav class="around needs-script" {{#aria}}Other lessons|其他课程{{/aria}}><span>{{#.before}}<a href="#{{{anchor}}}">{{#say}}Previous:|上一课：{{/say}} {{{name}}}</a>{{/.before}}</span><span>{{#.after}}<a href="#{{{anchor}}}">{{#say}}Next:|下一课：{{/say}} {{{name}}}</a>{{/.after}}</span></nav>
</article>

"""#

  static let page = #"""
{{% CONTENT_TYPE:PREVIEW}}
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{{policy}}}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{{title}}</title>
<style>{{{style}}}</style>
</head>
<body>
<a class="skip" href="#main">{{#say}}Skip to the content|跳到主要内容{{/say}}</a>
<header class="bar">
<a class="brand" href="#">{{{label}}} <span class="version">{{{version}}}</span></a>
<form id="search" class="needs-script" role="search">
<input id="query" type="search" autocomplete="off" spellcheck="false" {{#aria}}Search in titles and subtitles|搜索标题和字幕{{/aria}} placeholder="Search in titles and subtitles" data-placeholder-en="Search in titles and subtitles" data-placeholder-zh="搜索标题和字幕">
</form>
<div class="tools needs-script">
<div class="choice" role="group" {{#aria}}Language of this page|页面语言{{/aria}}>
<button type="button" data-ui="en" lang="en" aria-pressed="true">English</button>
<button type="button" data-ui="zh" lang="zh-Hans" aria-pressed="false">中文</button>
</div>
<button type="button" id="theme" aria-pressed="false">{{#say}}Dark theme|深色主题{{/say}}</button>
</div>
</header>
<main id="main" tabindex="-1">
<section id="results" hidden>
<h1 id="results-title" tabindex="-1">{{#say}}Search results|搜索结果{{/say}}</h1>
<p id="found" role="status" aria-live="polite"></p>
<div id="hits"></div>
</section>
<section id="overview">
<h1 id="overview-title" tabindex="-1">{{{headline}}}</h1>
<p class="lead">{{#say}}Delivered by|交付方：{{/say}} {{{sender}}}, {{created}}.</p>
<dl class="facts">{{#facts}}<div><dt>{{{name}}}</dt><dd>{{{value}}}</dd></div>{{/facts}}</dl>
{{#isIncomplete}}<section class="note missing"><h2>{{#say}}Not in this package|未包含在本次交付中{{/say}}</h2><ul>{{#missing}}<li><strong>{{{name}}}</strong> ({{{id}}}). {{{reason}}}</li>{{/missing}}</ul></section>{{/isIncomplete}}
{{#fields}}
<section class="field">
<div class="field-head"><h2>{{{name}}}</h2><span class="quiet">{{{count}}}</span></div>
<ul class="cards">{{#cards}}<li class="card"><a href="#{{{anchor}}}"><span class="thumb">{{#.poster}}<img src="{{{.}}}" alt="" loading="lazy" width="320" height="180">{{/.poster}}<span class="length">{{length}}</span></span>{{{name}}}</a><span class="tags">{{{tags}}}{{#.findings}} <span class="tag look">{{{.}}}</span>{{/.findings}}</span></li>
{{/cards}}</ul>
</section>
{{/fields}}

</section>
{{> paper}}
{{#lessons}}
{{> lesson}}
{{/lessons}}

</main>
<footer><p>{{#say}}Digests of every file are in|每个文件的校验值见{{/say}} <code>ferry-delivery.json</code>; <code>CHECK-ME.txt</code> {{#say}}says how to prove the package whole.|说明如何验证交付包的完整性。{{/say}} <a href="catalogue.csv">catalogue.csv</a> · <a href="LICENSE.txt">LICENSE.txt</a> · <a href="ro-crate-metadata.json">ro-crate-metadata.json</a></p>
<p class="quiet">{{{tool}}} · <code>{{packageId}}</code></p></footer>
{{> controls}}
<script type="application/json" id="data">{{{data}}}</script>
<script>{{{script}}}</script>
</body>
</html>

"""#

  static let paper = #"""
{{% CONTENT_TYPE:PREVIEW}}
<section class="paper">
<h2>{{#say}}Digests|校验值{{/say}}</h2>
<dl>{{#identity}}<dt>{{{name}}}</dt><dd>{{{value}}}</dd>{{/identity}}</dl>
<p>{{#say}}To check them, run this in the package's folder; for one lesson, write data/lessons/ID/ with its id:|验证方法：在交付包文件夹中运行以下命令；只验证一课时，写该课的文件夹 data/lessons/编号/：{{/say}} <code>grep ' data/lessons/' manifest-sha512.txt | sha256sum</code></p>
<table><thead><tr><th scope="col">{{#say}}Lessons|课程{{/say}}</th><th scope="col">SHA-256</th></tr></thead><tbody>{{#digests}}<tr><th scope="row">{{{id}}}<br>{{{name}}}<br>{{length}}</th><td><p>{{{count}}} <code>{{sha256}}</code></p>{{#films}}<p>{{{name}}}, {{size}} <code>{{sha256}}</code></p>{{/films}}</td></tr>
{{/digests}}</tbody></table>
</section>

"""#

  static let script = #"""
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

"""#

  static let style = #"""
:root { color-scheme: light; --ground: #f6f7f8; --sheet: #ffffff; --ink: #182127; --quiet: #51606a; --line: #d5dce1;
  --accent: #0b5a78; --on-accent: #ffffff; --wash: #e4f0f5; --good: #1d6b3a; --mark: #ffe9a3; --focus: #0b5a78;
}
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { color-scheme: dark; --ground: #11171b; --sheet: #1a2228; --ink: #e7edf0; --quiet: #a3b1ba; --line: #33404a;
  --accent: #86cbe6; --on-accent: #0c2530; --wash: #1f333d; --good: #86d3a2; --mark: #6b5510; --focus: #86cbe6;
} }
:root[data-theme=dark] { color-scheme: dark; --ground: #11171b; --sheet: #1a2228; --ink: #e7edf0; --quiet: #a3b1ba; --line: #33404a;
  --accent: #86cbe6; --on-accent: #0c2530; --wash: #1f333d; --good: #86d3a2; --mark: #6b5510; --focus: #86cbe6;
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 5rem; }
body { margin: 0; background: var(--ground); color: var(--ink); overflow-wrap: anywhere; font: 1rem/1.55 system-ui, -apple-system, "Segoe UI",
  "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
h1, h2, h3, h4, p, ul, ol, dl, dd { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: clamp(1.5rem, 1.2rem + 1.4vw, 2.125rem); line-height: 1.2; font-weight: 650;
  text-wrap: balance; }
h2 { font-size: 1.1875rem; line-height: 1.3; font-weight: 650; }
h3 { font-size: 0.9375rem; font-weight: 650; margin-top: 1.25rem; }
h4 { font-size: 0.875rem; font-weight: 600; margin-top: 0.75rem; }
a { color: var(--accent); text-underline-offset: 0.15em; }
code { font: 0.8125rem/1.5 ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace; }
button, select, input { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
h1:focus, main:focus { outline: none; }
[hidden], html:not(.js) .needs-script, .js article.lesson:not(.current) { display: none !important; }
.quiet { color: var(--quiet); font-size: 0.875rem; }
.good { color: var(--good); font-size: 0.9375rem; }
.skip { position: absolute; left: 1rem; top: -4rem; z-index: 20; padding: 0.5rem 1rem; background: var(--accent);
  color: var(--on-accent); border-radius: 0 0 6px 6px; }
.skip:focus { top: 0; }
.bar { position: sticky; top: 0; z-index: 10; display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center;
  padding: 0.625rem max(1rem, (100% - 80rem) / 2); background: var(--sheet); border-bottom: 1px solid var(--line); }
.brand { font-weight: 650; color: var(--ink); text-decoration: none; overflow-wrap: normal; }
.brand:hover { text-decoration: underline; }
.version { font-weight: 400; color: var(--quiet); font-size: 0.875rem; margin-left: 0.25rem; }
.bar form { flex: 1 1 16rem; }
.bar input { width: 100%; min-height: 2.5rem; padding: 0 0.875rem; border: 1px solid var(--quiet); border-radius: 6px;
  background: var(--ground); }
.bar input::placeholder { color: var(--quiet); opacity: 1; }
.tools { display: flex; gap: 0.5rem; }
.tools button, .seek, .languages button { white-space: nowrap; min-height: 2.5rem; padding: 0 0.75rem; border: 1px solid var(--line);
  border-radius: 6px; background: var(--sheet); font-size: 0.875rem; }
.tools button:hover, .seek:hover, .languages button:hover { border-color: var(--accent); }
.choice { display: flex; }
.choice button:first-child { border-radius: 6px 0 0 6px; }
.choice button:last-child { border-radius: 0 6px 6px 0; margin-left: -1px; }
[aria-pressed=true] { background: var(--wash) !important; border-color: var(--accent) !important;
  color: var(--accent); font-weight: 600; }
main, footer { max-width: 82rem; margin: 0 auto; padding: 2rem 1rem; }
footer { border-top: 1px solid var(--line); font-size: 0.875rem; }
footer p + p { margin-top: 0.5rem; }
.lead { margin-top: 0.5rem; color: var(--quiet); }
.facts { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin-top: 1.5rem; padding: 1rem 0;
  border-block: 1px solid var(--line); }
dt { color: var(--quiet); font-size: 0.8125rem; }
.facts dd { font-size: 1.125rem; font-weight: 600; }
.note { margin-top: 1.5rem; padding: 1rem 1.25rem; border-left: 4px solid var(--accent); background: var(--sheet); }
.field { margin-top: 2.5rem; }
.field-head { display: flex; flex-wrap: wrap; gap: 0 0.75rem; align-items: baseline; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(16.5rem, 100%), 1fr)); gap: 1.25rem;
  margin-top: 0.875rem; }
.card { position: relative; display: flex; flex-direction: column; background: var(--sheet); overflow: hidden;
  border: 1px solid var(--line); border-radius: 8px; }
.card:hover { border-color: var(--accent); }
.card a { display: block; color: var(--ink); font-weight: 600; line-height: 1.35; text-decoration: none; }
.card a::after { content: ""; position: absolute; inset: 0; }
.card a > span:last-child { display: block; padding: 0.75rem 0.875rem 0.25rem; }
.card a:hover > span:last-child { text-decoration: underline; }
.card:focus-within { outline: 3px solid var(--focus); outline-offset: 2px; }
.card a:focus-visible { outline: none; }
.thumb { position: relative; display: block; aspect-ratio: 16 / 9; background: #0c1013; }
.thumb img { display: block; width: 100%; height: 100%; object-fit: contain; }
.length { position: absolute; right: 0.5rem; bottom: 0.5rem; padding: 0 0.375rem; border-radius: 4px; color: #fff;
  background: rgb(0 0 0 / 80%); font-size: 0.8125rem; font-weight: 500; font-variant-numeric: tabular-nums; }
.tags { display: flex; flex-wrap: wrap; gap: 0.375rem; padding: 0.25rem 0.875rem 0.875rem; margin-top: auto; }
.tag { padding: 0 0.5rem; border: 1px solid var(--line); border-radius: 99px; color: var(--quiet);
  font-size: 0.75rem; line-height: 1.6; }
.tag.look { border-color: var(--accent); color: var(--accent); }
.crumbs { font-size: 0.875rem; color: var(--quiet); margin-bottom: 0.5rem; }
.lesson > .name { margin-top: 0.25rem; font-size: 1rem; }
.around { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; justify-content: space-between; margin-top: 1.5rem; }
.lesson + .lesson { margin-top: 4rem; }
.js .lesson + .lesson { margin-top: 0; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1.25rem;
  margin-top: 1.25rem; align-items: start; }
.panel { padding: 1.25rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; min-width: 0; }
.panel > h2 + h3 { margin-top: 0.75rem; }
.panel > h2 + ul, .panel > h2 + dl { margin-top: 0.75rem; }
.files li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: 0.375rem 0;
  border-bottom: 1px solid var(--line); }
.files li:last-child { border-bottom: 0; }
details { margin-top: 0.75rem; }
summary { cursor: pointer; font-size: 0.875rem; color: var(--quiet); padding: 0.25rem 0; }
.findings li { padding: 0.375rem 0; font-size: 0.9375rem; }
.seek { min-height: 2rem; padding: 0 0.5rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; margin-top: 0.5rem; font-size: 0.9375rem; }
th { text-align: left; font-weight: 500; color: var(--quiet); }
th, td { padding: 0.25rem 0.75rem 0.25rem 0; font-variant-numeric: tabular-nums; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
.origin dt { margin-top: 0.75rem; }
.origin dt:first-child { margin-top: 0; }
.origin dd { font-size: 0.9375rem; }
#results section { margin-top: 1.5rem; }
#results li a { display: grid; grid-template-columns: 3.5rem 1fr; gap: 0.5rem; padding: 0.5rem; color: var(--ink);
  text-decoration: none; border-radius: 6px; }
#results li a:hover { background: var(--wash); }
#results time, .cue time { color: var(--quiet); font-variant-numeric: tabular-nums; font-size: 0.875rem; }
#found { margin-top: 0.5rem; color: var(--quiet); }
mark { background: var(--mark); color: inherit; border-radius: 2px; }
.stage { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1.25rem; margin-top: 1.25rem; }
.player { background: #0c1013; color: #eef3f5; border-radius: 8px; min-width: 0; align-self: start; }
.screen { aspect-ratio: 16 / 9; }
video { display: block; width: 100%; height: 100%; border-radius: 8px 8px 0 0; background: #000; }
/* A twentieth of the picture's height, as browsers have it, but never too small to read on a phone. */
video::cue { background: rgb(0 0 0 / 82%); color: #fff; font-size: clamp(1rem, 2.7vw, 1.75rem); }
.player:fullscreen video::cue { font-size: max(1rem, 5vh); }
.player :focus-visible { outline-color: #86cbe6; }
.seekbar { position: relative; padding: 0.375rem 0.75rem 0; }
.position { display: block; width: 100%; height: 1.5rem; margin: 0; accent-color: #86cbe6; cursor: pointer; }
.peek { position: absolute; bottom: 100%; z-index: 2; padding: 3px; border-radius: 6px; background: #0c1013;
  border: 1px solid #51606a; text-align: center; font-size: 0.8125rem; pointer-events: none; }
.peek-picture { background-repeat: no-repeat; border-radius: 3px; }
.ticks { position: absolute; inset: 0 0.75rem auto; height: 0.375rem; }
.ticks i { position: absolute; top: 0.25rem; width: 2px; height: 0.375rem; background: #86cbe6; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.375rem 0.75rem; align-items: center; padding: 0.25rem 0.75rem 0.75rem; }
.buttons button { display: grid; place-items: center; width: 2.5rem; height: 2.5rem; padding: 0; border: 0;
  border-radius: 6px; background: none; }
.buttons button:hover { background: #26323a; }
.buttons svg { width: 1.375rem; height: 1.375rem; fill: currentColor; }
.play .pause-icon, .playing .play .play-icon, .mute .off-icon, .muted .mute .on-icon { display: none; }
.playing .play .pause-icon, .muted .mute .off-icon { display: block; }
.elapsed { font-variant-numeric: tabular-nums; font-size: 0.875rem; margin-right: auto; }
.buttons label { display: flex; gap: 0.375rem; align-items: center; font-size: 0.875rem; }
.buttons select { min-height: 2.25rem; padding: 0 0.375rem; border: 1px solid #51606a; border-radius: 6px;
  background: #1a2228; color: #eef3f5; max-width: 11rem; }
.problem { padding: 0.75rem; font-size: 0.9375rem; }
.player:fullscreen { display: flex; flex-direction: column; border-radius: 0; }
.player:fullscreen .screen { flex: 1; aspect-ratio: auto; min-height: 0; }
.chapters { padding: 0 0.75rem 0.75rem; font-size: 0.875rem; }
.chapters button { display: flex; gap: 0.75rem; width: 100%; padding: 0.375rem 0.5rem; border: 0; border-radius: 6px;
  background: none; text-align: left; }
.chapters button:hover { background: #26323a; }
.transcript { display: flex; flex-direction: column; background: var(--sheet); border: 1px solid var(--line);
  border-radius: 8px; min-width: 0; }
.transcript-inner { display: flex; flex-direction: column; max-height: min(28rem, 75vh); }
.transcript-head { display: flex; flex-wrap: wrap; gap: 0.5rem; justify-content: space-between; align-items: center;
  padding: 0.75rem 0.75rem 0.75rem 1.25rem; border-bottom: 1px solid var(--line); }
.languages { display: flex; gap: 0.375rem; }
.languages button { min-height: 2rem; padding: 0 0.625rem; font-size: 0.8125rem; }
.rows { overflow: auto; padding: 0.5rem; position: relative; scroll-behavior: smooth; }
.cue { display: grid; grid-template-columns: 3.25rem 1fr; gap: 0 0.5rem; width: 100%; padding: 0.5rem 0.75rem; border: 0;
  border-left: 3px solid transparent; border-radius: 4px; background: none; text-align: left; line-height: 1.45; }
.cue > span { grid-column: 2; }
.cue > span + span { color: var(--quiet); }
.cue:hover { background: var(--wash); }
.cue[aria-current=true] { background: var(--wash); border-left-color: var(--accent); }
.empty { padding: 1.25rem; color: var(--quiet); }
@media (min-width: 60rem) {
  .stage { grid-template-columns: minmax(0, 1fr) 22rem; }
  .transcript { position: relative; min-height: 20rem; }
  .transcript-inner { position: absolute; inset: 0; max-height: none; }
  video::cue { font-size: clamp(1rem, 1.8vw, 1.5rem); }
}
@media (min-width: 80rem) { .stage { grid-template-columns: minmax(0, 1fr) 26rem; } }
@media (max-width: 40rem) {
  main, footer { padding: 1.25rem 1rem; }
  .bar { position: static; }
  .brand { flex: 1; }
  .bar form { order: 3; flex-basis: 100%; }
  .tools button { padding: 0 0.5rem; }
  .facts { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; }
  .panel { padding: 1rem; }
}
@media (prefers-reduced-motion: reduce) { .rows { scroll-behavior: auto; } }
@media (forced-colors: active) { .cue[aria-current=true] { outline: 2px solid Highlight; } }
.paper { display: none; }
@media print {
  :root, :root[data-theme=dark] { color-scheme: light; --ground: #f6f7f8; --sheet: #ffffff; --ink: #182127; --quiet: #51606a; --line: #d5dce1;
  --accent: #0b5a78; --on-accent: #ffffff; --wash: #e4f0f5; --good: #1d6b3a; --mark: #ffe9a3; --focus: #0b5a78;
}
  body { background: #fff; font-size: 10pt; }
  main, footer { padding: 0; max-width: none; }
  footer { margin-top: 1rem; }
  .bar, .skip, .around, .player, .languages, .seek, .cards, .field, #results, details { display: none !important; }
  .paper { display: block; margin: 1.5rem 0; }
  .paper code { font-size: 7.5pt; }
  .paper th[scope=row] { width: 30%; }
  .paper dl { margin-top: 0.5rem; display: grid; grid-template-columns: max-content 1fr; gap: 0.125rem 1rem; }
  .paper p { margin-top: 0.25rem; }
  .paper td p:first-child { margin-top: 0; }
  .paper tr { break-inside: avoid; }
  .paper th, .paper td { vertical-align: top; }
  .paper th { color: var(--ink); }
  .stage { display: block; }
  .transcript, .transcript-inner { position: static; max-height: none; min-height: 0; }
  .rows { overflow: visible; }
  .panel, .cue, .note { break-inside: avoid; }
  .panels { display: block; }
  .panel { margin-top: 0.75rem; }
  .lesson + .lesson { margin-top: 1.5rem; }
  h1, h2, h3, h4 { break-after: avoid; }
  a { color: inherit; }
}

"""#
}
