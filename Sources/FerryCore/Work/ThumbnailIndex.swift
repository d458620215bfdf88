extension TranscodeOutcome.Thumbnails {
  /// The WebVTT file that tells a player where in the sheet, a file called `name`, the picture of each moment is.
  package func index(of name: String, duration: Milliseconds) -> String {
    var text = "WEBVTT\n"
    for number in 0..<count {
      let start = number * interval.count
      let end = number == count - 1 ? duration.count : min(start + interval.count, duration.count)
      // A title that ends before a picture's time has no use for it.
      if start >= end { break }
      let x = number % columns * width
      let y = number / columns * height
      text +=
        "\n\(Milliseconds(start).fullClock) --> \(Milliseconds(end).fullClock)\n\(name)#xywh=\(x),\(y),\(width),\(height)\n"
    }
    return text
  }
}
