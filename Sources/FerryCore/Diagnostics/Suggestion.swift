/// The candidate nearest to a misspelt word, if one is near enough to be meant.
///
/// Near is at most one third of the word's length away (at least 1, at most 3 edits), where swapping two neighbours
/// counts as one edit and letter case as none.
package func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
  let typed = Array(word.lowercased())
  let reach = max(1, min(3, typed.count / 3))
  var best: (distance: Int, candidate: String)?
  for candidate in candidates {
    let distance = editDistance(typed, Array(candidate.lowercased()))
    if distance <= reach, distance < best?.distance ?? .max { best = (distance, candidate) }
  }
  return best?.candidate
}

/// Edits (insert, delete, replace, swap neighbours) between two words.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [i] + Array(repeating: 0, count: b.count)
    for j in 1...b.count {
      let same = a[i - 1] == b[j - 1]
      row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], beforeLast[j - 2] + 1) }
    }
    beforeLast = last
    last = row
  }
  return last[b.count]
}
