/// The preview page's style sheet: light and dark, from 320 pixels to a wide screen, and on paper.
enum PreviewStyle {
  static let text = """

    :root {\(light)}
    @media (prefers-color-scheme: dark) { :root:not([data-theme=light]) {\(dark)} }
    :root[data-theme=dark] {\(dark)}
    \(layout)\(player)\(paper)
    """

  private static let light = """
     color-scheme: light; --ground: #f6f7f8; --sheet: #ffffff; --ink: #182127; --quiet: #51606a; --line: #d5dce1;
      --accent: #0b5a78; --on-accent: #ffffff; --wash: #e4f0f5; --good: #1d6b3a; --mark: #ffe9a3; --focus: #0b5a78;

    """

  private static let dark = """
     color-scheme: dark; --ground: #11171b; --sheet: #1a2228; --ink: #e7edf0; --quiet: #a3b1ba; --line: #33404a;
      --accent: #86cbe6; --on-accent: #0c2530; --wash: #1f333d; --good: #86d3a2; --mark: #6b5510; --focus: #86cbe6;

    """

  private static let layout = """
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

    """

  private static let player = """
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

    """

  private static let paper = """
    .paper { display: none; }
    @media print {
      :root, :root[data-theme=dark] {\(light)}
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

    """
}
