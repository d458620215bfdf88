import FerryCore
import Testing

/// The note that a process leaves of what it was doing.
struct DoingTests {
  @Test(arguments: [
    (Doing(.opening, "a.mp4"), "opening a.mp4"),
    (Doing(.reading, "第一课.mkv", at: 0), "reading 第一课.mkv at 0.0 s"),
    (Doing(.decodingPicture, "a.mp4 (stream 0)", at: 83_412), "decoding the picture of a.mp4 (stream 0) at 83.4 s"),
    (Doing(.decodingSound, "a.mp4", at: -1050), "decoding the sound of a.mp4 at -1.0 s"),
    (Doing(.decodingSound, "a", at: -50), "decoding the sound of a at 0.0 s"),
    (Doing(.decodingPicture, "a", at: Milliseconds(.max)), "decoding the picture of a at 4398046511.1 s"),
    (Doing(.decodingPicture, "a", at: Milliseconds(.min)), "decoding the picture of a at -4398046511.1 s"),
  ])
  func isReadBackAndSaid(doing: Doing, words: String) {
    #expect(Doing(note: doing.note) == doing)
    #expect("\(doing)" == words)
  }

  @Test func anythingElseIsNoNote() {
    #expect(Doing(note: []) == nil)
    #expect(Doing(note: [UInt8](repeating: 0, count: 16)) == nil)
    #expect(Doing(note: [UInt8](repeating: 255, count: 64)) == nil)
    #expect(Doing(note: [1, 0, 9, 0] + [UInt8](repeating: 0, count: 12)) == nil, "a subject that is not there")
  }

  @Test func aLongNameIsCut() {
    let note = Doing(.opening, String(repeating: "课", count: 5000), at: 1).note
    #expect(note.count == Doing.noteSize)
    #expect(Doing(note: note)?.subject.hasPrefix("课课") == true)
  }
}
