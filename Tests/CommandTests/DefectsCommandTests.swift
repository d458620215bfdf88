import Foundation
import Testing

/// `ferry defects` and `ferry keys` as people use them.
@Suite struct DefectsCommandTests {
  typealias Partners = ExchangeTests.Partners

  /// Version 1 of a title with three cues, sent.
  private func sent() throws -> Partners {
    let both = try Partners()
    try write(["One word.", "Two words.", "Three words."], both)
    try #require(try both.run().code == 0)
    let sent = try both.deliver()
    try #require(sent.code == 0, "\(sent.errors)")
    return both
  }

  private func write(_ cues: [String], _ both: Partners) throws {
    let text = cues.enumerated().map { index, words in
      "\(index + 1)\n00:00:0\(index),100 --> 00:00:0\(index),950\n\(words)\n"
    }
    _ = try both.place.write(text.joined(separator: "\n"), "A.en.srt")
  }

  /// Takes in a list with these columns: id, lesson, path, digest, cue, category, severity, note.
  private func take(_ rows: [[String]], _ both: Partners, more: String...) throws -> Finished {
    let header = ["id", "lesson", "path", "asset_sha512", "cue", "category", "severity", "note"]
    let text = ([header] + rows).map { $0.joined(separator: ",") + "\r\n" }.joined()
    let list = try both.place.write(text, "list.csv")
    return try ferry(["defects", "import", list, "--home", both.place.home] + more)
  }

  private func row(
    _ id: String, _ path: String, _ both: Partners, cue: String = "", _ category: String, lesson: String = "A"
  ) throws -> [String] {
    [id, lesson, path, try both.digest(path), cue, category, "blocker", ""]
  }

  private func defects(_ command: String, _ both: Partners, _ more: String...) throws -> Finished {
    try ferry(["defects", command, "TEST-1"] + more + ["--home", both.place.home])
  }

  private func manifest(_ version: Int, _ both: Partners) throws -> String {
    try String(contentsOfFile: both.series + "/TEST-1_v\(version)/ferry-delivery.json", encoding: .utf8)
  }

  @Test func oneCorrectedWordAnswersOneDefect() throws {
    let both = try sent()
    let (film, subtitle) = ("data/lessons/A/A.mp4", "data/lessons/A/A.en.srt")
    let found = try take(
      [
        try row("V-1", film, both, "technical"), try row("C-1", subtitle, both, cue: "1", "translation"),
        try row("C-2", subtitle, both, cue: "2", "timing"), try row("F-1", film, both, cue: "1", "translation"),
      ], both)
    try #require(found.code == 0, "\(found.errors)")

    try write(["Other words.", "Two words.", "Three words."], both)
    try #require(try both.run().code == 0)
    #expect(try manifest(2, both).contains("\"fixes\" : [\n    \"C-1\",\n    \"F-1\"\n  ]"))
    #expect(try both.status().output.contains("2 open defects: V-1 blocker technical, \(film); C-2 blocker timing"))
    try #require(try both.deliver().code == 0)
    let states = try both.defects().output
    for state in ["V-1: open", "C-1: fixed in version 2", "C-2: open", "F-1: fixed in version 2"] {
      #expect(states.contains("TEST-1 " + state), "\(states)")
    }
    // What they say of version 1 later is answered as closely.
    let later = try take(
      [
        try row("C-3", subtitle, both, cue: "1", "terminology"),
        try row("C-4", subtitle, both, cue: "3", "terminology"),
      ],
      both)
    #expect(
      later.output == "TEST-1 C-3: fixed in version 2 already\n"
        + "TEST-1: 3 open defects in A: mend the files and run the job again\n", "\(later.errors)")

    // Another picture answers what was said of the picture; people say the rest.
    let profile = try String(contentsOfFile: both.place.path + "/small.yaml", encoding: .utf8)
    _ = try both.place.write(profile.replacing("quality: 16", with: "quality: 30"), "small.yaml")
    let again = try both.run()
    try #require(again.code == 0, "\(again.errors)")
    #expect(try manifest(3, both).contains("\"fixes\" : [\n    \"V-1\"\n  ]"))
    #expect(try both.status().output.contains("2 open defects: C-2"))
    let early = try defects("fixed", both, "C-2", "--in", "1")
    #expect(early.code == 1)
    #expect(
      early.errors == """
        TEST-1: error: 'C-2' was seen in version 1, so version 1 does not mend it
          hint: mend the file and run the job, then say so; or answer it with 'ferry defects decline'

        """)
    let future = try defects("fixed", both, "C-2", "--in", "4")
    #expect(
      future.errors == """
        TEST-1: error: there is no version 4 yet, the newest is 3
          hint: run the job first, or leave --in out

        """)
    let fixed = try defects("fixed", both, "C-2")
    #expect(fixed.output == "TEST-1 C-2: fixed in version 3\n", "\(fixed.errors)")
    let none = try defects("fixed", both, "C-2")
    #expect(none.code == 65)
    #expect(
      none.errors == """
        TEST-1: error: there is no open defect 'C-2'
          hint: 'ferry defects list TEST-1' names them

        """)
    let declined = try defects("decline", both, "C-4", "--because", "as spoken", "--json", "--quiet")
    #expect(
      declined.output.contains("\"reason\" : \"as spoken\"") && declined.output.contains("\"state\" : \"declined\""))
    #expect(try both.status().output.hasPrefix("TEST-1  1 done"))

    // Acceptance closes all of them.
    try #require(try both.deliver("--full").code == 0)
    try #require(try both.receive().code == 0)
    let ticket = both.drop + "/TEST-1_v3_full.ticket.json"
    let named = FileManager.default.fileExists(atPath: ticket) ? ticket : both.drop + "/TEST-1_v3.ticket.json"
    let accepted = try ferry("receipt", "accept", named, "--home", both.partner)
    try #require(accepted.code == 0, "\(accepted.errors)")
    _ = try both.fetch()
    let end = try both.defects().output
    #expect(
      end.split(separator: "\n").filter { $0.hasPrefix("TEST-1 ") }.allSatisfy { $0.contains(": closed in") }, "\(end)")
  }

  @Test func aTitleThatIsGoneHasNoOpenDefects() throws {
    let both = try Partners(titles: [title("B", source: Fixture.surround, english: Fixture.surroundEnglish)])
    let first = try both.run()
    try #require(first.code == 0, "\(first.errors)")
    try #require(try both.deliver().code == 0)
    try #require(try take([try row("V-1", "data/lessons/B/B.mp4", both, "technical", lesson: "B")], both).code == 0)
    let text = try String(contentsOfFile: both.job, encoding: .utf8)
    let start = try #require(text.range(of: "  - id: B"))
    _ = try both.place.write(String(text[..<start.lowerBound]), "job.yaml")
    let made = try both.run()
    try #require(made.code == 0, "\(made.errors)")
    #expect(try manifest(2, both).contains("\"fixes\" : [\n    \"V-1\"\n  ]"))
    try #require(try both.deliver().code == 0)
    #expect(try both.defects().output.hasPrefix("TEST-1 V-1: fixed in version 2"))
  }

  @Test func whatIsWrongWithAListIsSaidLineByLine() throws {
    let both = try sent()
    let subtitle = "data/lessons/A/A.en.srt"
    var wrong = try row("D-1", subtitle, both, cue: "1", "timing")
    wrong[3] = String(repeating: "0", count: 128)
    // A second delivery does not make it unclear which is meant.
    let other = try both.place.write(
      String(contentsOfFile: both.job, encoding: .utf8).replacing("TEST-1", with: "TEST-2")
        .replacing("id: A", with: "id: Z").replacing(Fixture.silent, with: Fixture.surround)
        .replacing(both.subtitle, with: Fixture.surroundEnglish), "other.yaml")
    let made = try ferry("run", other, "--home", both.place.home, "--out", both.place.out)
    try #require(made.code == 0, "\(made.errors)")
    let sent = try ferry(
      "deliver", "TEST-2", "--to", both.drop, "--home", both.place.home, "--out", both.place.out)
    try #require(sent.code == 0, "\(sent.errors)")
    let refused = try take([wrong], both)
    #expect(refused.code == 1)
    #expect(refused.errors.hasPrefix("\(both.place.path)/list.csv:2:1: error: no delivered version has '\(subtitle)'"))
    let empty = try take([], both)
    #expect(empty.code == 1)
    #expect(empty.errors.contains("/list.csv: error: there is no defect in it"))
    wrong[1...2] = ["Q", "data/lessons/Q/Q.mp4"]
    let unclear = try take([wrong], both)
    #expect(unclear.code == 64)
    #expect(unclear.errors.contains("say with --delivery which delivery is meant, of: TEST-1, TEST-2"))
    let nowhere = try ferry("defects", "import", both.place.path + "/none.csv", "--home", both.place.home)
    #expect(nowhere.code == 65)

    // An id is one defect's for ever; what was open stays.
    try #require(try take([try row("D-1", subtitle, both, cue: "1", "translation")], both).code == 0)
    let another = try take([try row("D-1", subtitle, both, cue: "2", "timing")], both)
    #expect(another.code == 1)
    #expect(another.errors.contains("was given to another defect, of '\(subtitle)', cue 1, translation"))
    #expect(try both.defects().output.hasPrefix("TEST-1 D-1: open, blocker translation, \(subtitle), cue 1\n"))
  }

  @Test func theCatalogueCanHaveDefectsToo() throws {
    let both = try sent()
    let found = try take([try row("D-1", "data/catalogue.csv", both, "metadata", lesson: "")], both)
    #expect(found.output == "TEST-1: 1 open defect\n", "\(found.errors)")
    #expect(try both.defects().output == "TEST-1 D-1: open, blocker metadata, data/catalogue.csv\n")
    #expect(try both.status().output.hasPrefix("TEST-1  1 done"))
    try both.correct()
    #expect(!(try manifest(2, both).contains("\"D-1\"")))
    #expect(try defects("fixed", both, "D-1", "--json").output.contains("\"version\" : 2"))
  }

  @Test func listsAreReadAsSpreadsheetsSaveThem() throws {
    let both = try sent()
    let subtitle = "data/lessons/A/A.en.srt"
    let note = "这一句字幕的翻译不准确，请把它改成更自然的说法，谢谢你们的工作。"
    var rows = ["id;lesson;path;asset_sha512;cue;category;severity;note"]
    let digest = try both.digest(subtitle)
    func list() -> String { rows.map { $0 + "\r\n" }.joined() }
    let iconv: [(name: String, mark: [UInt8])] = [
      ("UTF-8", [0xEF, 0xBB, 0xBF]), ("UTF-16LE", [0xFF, 0xFE]), ("UTF-16BE", [0xFE, 0xFF]), ("UTF-16LE", []),
      ("GB18030", []),
    ]
    for (number, encoding) in iconv.enumerated() {
      rows = [rows[0], "D-\(number);A;\(subtitle);\(digest);1;translation;minor;\"\(note)\"", ";;;;;;;"]
      let plain = try both.place.write(list(), "plain.csv")
      let path = both.place.path + "/list-\(number).csv"
      let command = "iconv -f UTF-8 -t \(encoding.name) '\(plain)' > '\(path)'"
      try #require(try runProgram("/bin/sh", ["-c", command]).code == 0)
      let body = try Data(contentsOf: URL(fileURLWithPath: path))
      try (Data(encoding.mark) + body).write(to: URL(fileURLWithPath: path))
      let taken = try ferry("defects", "import", path, "--home", both.place.home)
      #expect(taken.code == 0, "\(encoding) \(taken.errors)")
      #expect(
        try both.defects().output.contains("D-\(number): open, minor translation, \(subtitle), cue 1\n  \(note)\n"))
    }
    let western = both.place.path + "/western.csv"
    try Data(
      Array("id,lesson,path,asset_sha512,category,severity,note\r\nD-9,A,x,y,timing,minor,d".utf8) + [0xE9, 0x20]
    )
    .write(to: URL(fileURLWithPath: western))
    let refused = try ferry("defects", "import", western, "--home", both.place.home)
    #expect(refused.code == 1)
    #expect(refused.errors.contains("/western.csv: error: it is not UTF-8"))
    let template = try ferry("defects", "template", "--json", "--quiet")
    #expect(template.output == "{\"schema\": \"ferry-defects/1\", \"defects\": []}\n")
  }

  @Test func theFirstStepsSayWhatIsMissing() throws {
    let both = try Partners()
    try FileManager.default.removeItem(atPath: both.partner + "/allowed_signers")
    let received = try both.receive()
    #expect(received.code == 65)
    #expect(received.errors.hasPrefix("\(both.partner)/allowed_signers: error: there is no such file"))

    // A key's other half that is there already is left alone, and so is what was only tried.
    let path = both.place.path + "/spare"
    try "half".write(toFile: path + ".pub", atomically: true, encoding: .utf8)
    let half = try ferry("keys", "new", "--file", path)
    #expect(half.code == 1)
    #expect(half.errors.hasPrefix("\(path).pub: error: there is a file of this name already"))
    #expect(!FileManager.default.fileExists(atPath: path))
    let remark = try ferry("keys", "new", "--home", both.place.path + "/new", "--comment", "#1 x")
    #expect(remark.code == 1)
    #expect(remark.errors.hasPrefix("--comment: error: '#1 x' means something else"))
    #expect(!FileManager.default.fileExists(atPath: both.place.path + "/new"))
    let nowhere = try ferry("keys", "new", "--file", both.place.path + "/no/key")
    #expect(nowhere.code == 65)

    // What failed before anything was sent is no delivery.
    #expect(try both.deliver().code == 2)
    #expect(try both.deliveries().output == ferry("deliveries", "--home", both.place.path + "/none").output)
    let unsent = try take(
      [["D-1", "A", "data/x", String(repeating: "0", count: 128), "", "timing", "minor", ""]], both)
    #expect(unsent.errors.contains("nothing was delivered from"), "\(unsent.errors)")
  }
}
