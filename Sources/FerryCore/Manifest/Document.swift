/// What a structured text file (YAML or JSON) says, with the place of every value; it knows no file format.
package struct Document: Sendable {
  package let file: String
  package let root: Node

  package init(file: String, root: Node) {
    self.file = file
    self.root = root
  }
}

/// One value of a document and where it begins.
package struct Node: Sendable {
  package indirect enum Value: Sendable {
    /// `isPlain` is false for quoted and block text, which is never a number, a boolean or null.
    case scalar(String, isPlain: Bool)
    case sequence([Node])
    /// In file order; duplicate keys are kept so that the reader can point at them.
    case mapping([(key: Node, value: Node)])
  }

  package let value: Value
  package let line: Int
  package let column: Int

  package init(_ value: Value, line: Int, column: Int) {
    self.value = value
    self.line = line
    self.column = column
  }
}
