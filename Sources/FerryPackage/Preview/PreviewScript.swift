/// The preview page's script: language, theme, what is shown, and search.
enum PreviewScript {
  static let text = page + search + PreviewPlayer.script + start

  private static let page = #"""

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

    """#

  private static let search = #"""

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

    """#

  private static let start = #"""

    root.classList.add("js");
    const theme = remembered("theme");
    if (theme) root.dataset.theme = theme;
    showTheme();
    addEventListener("hashchange", () => route());
    addEventListener("popstate", () => route(false));
    setLanguage(remembered("language") || (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en"));
    route();

    """#
}
