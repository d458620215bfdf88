/// A line of what a program lists as `ls -l` does.
struct ListedEntry {
  /// The first letter: `d` of a folder, `-` of a file.
  var kind: Substring
  var size: Int
  var name: String
}
