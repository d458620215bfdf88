/// Where something stands that follows `text`: its line and column, counted in characters from 1.
package func placeAtEnd(of text: some Collection<UInt8>) -> (line: Int, column: Int) {
  var line = 1
  var column = 1
  var previous: UInt8 = 0
  for byte in text {
    if byte == 0x0A && previous == 0x0D {
      // The second half of one line end.
    } else if byte == 0x0A || byte == 0x0D {
      (line, column) = (line + 1, 1)
    } else if byte & 0xC0 != 0x80 {
      column += 1
    }
    previous = byte
  }
  return (line, column)
}
