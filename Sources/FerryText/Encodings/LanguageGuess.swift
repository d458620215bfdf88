package import FerryCore

/// What language a subtitle file's text looks to be in, for files whose names say none.
package enum LanguageGuess {
  /// Chinese by its characters, English by its commonest words; `nil` when it is neither for certain.
  package static func of(path: String) -> LanguageTag? {
    guard let chinese = LanguageTag("zh-Hans") else { return nil }
    do throws(Diagnostics) {
      return of(cues: try TrackFile.read(path: path, language: chinese).track.cues)
    } catch {
      // What cannot be read has no language; `ferry check` says what is wrong with it.
      return nil
    }
  }

  static func of(cues: [Cue]) -> LanguageTag? {
    var han = 0
    var letters = 0
    var words: [Substring: Int] = [:]
    for cue in cues {
      let text = cue.text.lowercased()
      for scalar in text.unicodeScalars {
        if scalar.isHan { han += 1 } else if scalar.properties.isAlphabetic { letters += 1 }
      }
      for word in text.split(whereSeparator: { !$0.isLetter }) where common.contains(word) {
        words[word, default: 0] += 1
      }
    }
    if han > 0, han * 4 >= letters { return LanguageTag("zh-Hans") }
    let isEnglish = han == 0 && letters > 0 && words.values.reduce(0, +) * 25 >= letters && words.count >= 2
    return isEnglish ? LanguageTag("en") : nil
  }

  private static let common: Set<Substring> = [
    "the", "of", "and", "to", "in", "is", "you", "that", "it", "for", "with", "this", "are", "not", "your", "we", "be",
  ]
}
