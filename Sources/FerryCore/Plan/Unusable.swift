extension StreamFacts {
  /// Why a stream that is there cannot be made.
  package enum Obstacle: String, Hashable, Sendable, Codable {
    /// Nobody knows what it is.
    case unnamed
    /// What it is is known, and no decoder may take it.
    case undecodable
    /// No part of it that was looked at tells the size of its pictures or its channels.
    case unsized
  }

  /// What a stream is to a lesson.
  package enum Role: Sendable { case picture, sound, text, aside }

  /// Whether a stream is what a lesson shows or says. Covers, timecode, data and attachments are beside it, and nothing
  /// is said of them; a stream of which not even the kind is known may be a picture or a sound.
  package var roles: Set<Role> {
    switch kind {
    case .video: isAttachedPicture ? [.aside] : [.picture]
    case .audio: [.sound]
    case .subtitle: [.text]
    case .data, .attachment: [.aside]
    case .unknown: [.picture, .sound]
    }
  }

  /// Its name without the control characters that some writers leave in it.
  private var plainName: String? {
    name.map { String(String.UnicodeScalarView($0.unicodeScalars.filter { $0.value >= 0x20 })) }
  }

  /// What is known of a stream that cannot be made, and why.
  package var obstacleWords: String? {
    let what = kind == .audio ? "sound" : kind == .video ? "picture" : "content"
    let known = [tag.map { "'\($0)'" }, plainName.map { "named '\($0)'" }].compactMap { $0 }.joined(separator: ", ")
    let aside = known.isEmpty ? "" : " (\(known))"
    switch obstacle {
    case .none: return nil
    case .unnamed: return "its \(what), stream \(index), is of a codec that is not known\(aside)"
    case .undecodable: return "its \(what), stream \(index), is \(codec)"
    case .unsized:
      let lacks = kind == .audio ? "number of channels" : "size"
      return "its \(what), stream \(index), is \(codec)\(aside), and its \(lacks) is not known"
    }
  }
}

extension SourceFacts {
  /// Streams of the lesson's own kinds that cannot be made.
  package struct Unusable: Equatable, Sendable {
    /// Ones for which nothing else stands in: without them the title lacks its picture or its sound.
    package var missing: [StreamFacts] = []
    /// Ones beside which another one is taken.
    package var leftOut: [StreamFacts] = []
  }

  /// Sorts what cannot be made by whether `recipe` takes another stream of the kind; `wanted` are the kinds that the
  /// profile makes.
  package func unusable(_ recipe: Recipe?, wanted: Set<StreamFacts.Role>) -> Unusable {
    let used = [recipe?.video?.sourceStream, recipe?.audio?.sourceStream].compactMap { $0 }
    let made = streams.filter { used.contains($0.index) && $0.obstacle == nil }
    let covered = made.reduce(into: Set<StreamFacts.Role>()) { $0.formUnion($1.roles) }
    var result = Unusable()
    for stream in streams where stream.obstacle != nil {
      let open = stream.roles.intersection(wanted)
      if open.isEmpty { continue }
      if open.isSubset(of: covered) { result.leftOut.append(stream) } else { result.missing.append(stream) }
    }
    return result
  }
}
