/// The controls below a lesson's picture, once for all lessons: the script makes a copy for each that is opened.
enum PreviewPlayer {
  static var template: String {
    let choices = [("0.75", "0.75×"), ("1", "1×"), ("1.25", "1.25×"), ("1.5", "1.5×"), ("2", "2×")]
    let speeds = choices.map { value, text in
      "<option value=\"\(value)\"\(value == "1" ? " selected" : "")>\(text)</option>"
    }.joined()
    return """
      <template id="controls"><div class="controls">
      <div class="seekbar">
      <div class="peek" hidden aria-hidden="true"><div class="peek-picture"></div><span class="peek-time"></span></div>
      <div class="ticks" aria-hidden="true"></div>
      <input class="position" type="range" min="0" step="0.1" value="0" \(Phrase("Position", "播放位置").label)>
      </div>
      <div class="buttons">
      <button type="button" class="play">\(icon("play-icon", "M8 5v14l11-7z"))\
      \(icon("pause-icon", "M6 5h4v14H6zm8 0h4v14h-4z"))</button>
      <button type="button" class="mute">\
      \(icon("on-icon", "M3 9v6h4l5 5V4L7 9zm13.5 3A4.5 4.5 0 0 0 14 8v8a4.5 4.5 0 0 0 2.5-4z"))\
      \(icon("off-icon", "M3 9v6h4l5 5V4L7 9zm13-.4-1.4 1.4 2 2-2 2 1.4 1.4 2-2 2 2 1.4-1.4-2-2 2-2-1.4-1.4-2 2z"))</button>
      <span class="elapsed"></span>
      <label>\(Phrase("Subtitles", "字幕").html) <select class="captions"></select></label>
      <label>\(Phrase("Speed", "速度").html) <select class="speed">\(speeds)</select></label>
      <button type="button" class="full" \(Phrase("Full screen", "全屏").label)>\
      \(icon("", "M5 5h6v2H7v4H5zm8 0h6v6h-2V7h-4zM5 13h2v4h4v2H5zm12 0h2v6h-6v-2h4z"))</button>
      </div>
      </div></template>
      """
  }

  private static func icon(_ name: String, _ path: String) -> String {
    "<svg class=\"\(name)\" viewBox=\"0 0 24 24\" aria-hidden=\"true\" focusable=\"false\"><path d=\"\(path)\"/></svg>"
  }
}
