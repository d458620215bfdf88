import FerryCore
import Foundation
import Testing

@testable import FerryExchange
@testable import FerryFiles
@testable import FerryPackage

struct DefectTests {
  private let digest = String(repeating: "ab", count: 64)
  private var header: String { DefectFile.columns.joined(separator: ",") + "\n" }

  private func said(_ work: () throws -> [PlacedDefect]) -> [String] {
    do {
      _ = try work()
      return []
    } catch let error as Refusal {
      return error.problems.map(\.description)
    } catch {
      return ["\(error)"]
    }
  }

  @Test func readsASpreadsheet() throws {
    let text =
      "\u{FEFF}id,lesson,path,asset_sha512,t_start,t_end,cue,category,severity,found_text,suggested_text,note,reporter,date\r\n"
      + "D-1,AI-001,lessons/AI-001/AI-001.en.vtt,\(digest.uppercased()),1.5,3,4,Translation,major,\"a, \"\"b\"\"\nc\",ok,,Ana,2026-12-01\r\n"
      + ",,,,,,,,,,,,,\r\n".replacing(",", with: "")
      + "D-2,AI-002,data/lessons/AI-002/AI-002.mp4,\(digest),,,,technical,minor,,,,,\r\n"
    let found = try DefectFile.read(csv: Array(text.utf8), file: "d.csv")
    #expect(
      found.map(\.defect) == [
        Defect(
          id: "D-1", lesson: "AI-001", path: "data/lessons/AI-001/AI-001.en.vtt", assetSha512: digest, cue: 4,
          tStart: 1.5, tEnd: 3, category: .translation, severity: .major, foundText: "a, \"b\"\nc",
          suggestedText: "ok", reporter: "Ana", date: "2026-12-01"),
        Defect(
          id: "D-2", lesson: "AI-002", path: "data/lessons/AI-002/AI-002.mp4", assetSha512: digest,
          category: .technical, severity: .minor),
      ])
    #expect(found.map(\.place) == [Place("d.csv", line: 2, column: 1), Place("d.csv", line: 5, column: 1)])
  }

  @Test func readsTheSameFromJSON() throws {
    let text = """
      {"schema": "ferry-defects/1", "defects": [
        {"id": "D-1", "lesson": "A", "path": "data/x", "asset_sha512": "\(digest)", "category": "timing",
         "severity": "blocker", "t_start": 83.5, "cue": 2, "note": null}]}
      """
    let found = try DefectFile.read(json: Array(text.utf8), file: "d.json")
    #expect(
      found == [
        PlacedDefect(
          defect: Defect(
            id: "D-1", lesson: "A", path: "data/x", assetSha512: digest, cue: 2, tStart: 83.5, category: .timing,
            severity: .blocker), place: Place("d.json#defects[0]"))
      ])
  }

  @Test func namesEveryFaultOfASpreadsheet() {
    let rows = """
      D-1,,data/lessons/x,abc,x,1,0,tranlation,huge,,,,,2026-02-30
      D-2,A,data/x,\(digest),5,1,,timing,major,,,,,
      D-2,A,data/x,\(digest),,,,timing,major,,,,,
      D-2,A,data/x,\(digest),,,,timing,major,,,,,
      D-4,A

      """
    #expect(
      said { try DefectFile.read(csv: Array((header + rows).utf8), file: "d.csv") } == [
        "d.csv:2:5: error: 'lesson' has no value\n  hint: every defect needs it",
        "d.csv:2:21: error: 'abc' is no SHA-512\n  hint: copy it from manifest-sha512.txt: 128 hex digits",
        "d.csv:2:25: error: 'x' is no number of seconds\n  hint: write 83.5 for one minute and 23.5 seconds",
        "d.csv:2:29: error: '0' is no number of a cue\n  hint: count cues from 1",
        "d.csv:2:31: error: 'tranlation' is no category\n  hint: did you mean 'translation'?",
        "d.csv:2:42: error: 'huge' is no severity\n  hint: it is one of blocker, major, minor",
        "d.csv:2:51: error: '2026-02-30' is no day\n  hint: write it as 2026-12-01",
        "d.csv:3:145: error: it ends at 1.0 s, before it begins at 5.0 s\n  hint: swap the two",
        "d.csv:5:1: error: the id 'D-2' is given twice, first at d.csv:4:1\n  hint: give each defect an id of its own",
        "d.csv:6:1: error: the line has 2 fields, the first line has 14\n  hint: put a text that holds a comma in quotation marks",
      ])
  }

  @Test func readsWhatSpreadsheetsOfOtherCountriesWrite() throws {
    let columns = ["id", "lesson", "path", "asset_sha512", "t_start", "category", "severity", "note"]
    for separator in [";", "\t"] {
      let row = ["D-1", "A", "data/x", digest, "83,5", "timing", "minor", "\"a\(separator)b, c\""]
      let text = [columns, row, Array(repeating: "", count: 8), Array(repeating: " ", count: 8)]
        .map { $0.joined(separator: separator) + "\r\n" }.joined()
      let found = try DefectFile.read(csv: Array(text.utf8), file: "d.csv")
      #expect(found.map(\.defect.note) == ["a\(separator)b, c"] && found.map(\.defect.tStart) == [83.5])
      let name = separator == ";" ? "a semicolon" : "a tab"
      #expect(
        said { try DefectFile.read(csv: Array((text + "D-2\(separator)A\n").utf8), file: "d.csv") } == [
          "d.csv:5:1: error: the line has 2 fields, the first line has 8\n"
            + "  hint: put a text that holds \(name) in quotation marks"
        ])
    }
    // Where a comma parts fields it parts no numbers: 1,234 may be a thousand.
    let text = columns.joined(separator: ",") + "\nD-1,A,data/x,\(digest),\"83,5\",timing,minor,\n,,,,,,,\n"
    #expect(
      said { try DefectFile.read(csv: Array(text.utf8), file: "d.csv") } == [
        "d.csv:2:143: error: '83,5' is no number of seconds\n  hint: write 83.5 for one minute and 23.5 seconds"
      ])
  }

  @Test func aListOfNothingSaysSo() {
    let empty =
      "error: there is no defect in it\n"
      + "  hint: fill in a line for each defect; 'ferry defects template' prints the form"
    for text in [header, header + ",,,,,,,,,,,,,\n"] {
      #expect(said { try DefectFile.read(csv: Array(text.utf8), file: "d.csv") } == ["d.csv: " + empty])
    }
    #expect(
      said { try DefectFile.read(json: Array(DefectFile.jsonTemplate.utf8), file: "d.json") } == ["d.json: " + empty])
  }

  @Test func namesEveryFaultOfTheColumns() {
    func said(_ text: String) -> [String] { self.said { try DefectFile.read(csv: Array(text.utf8), file: "d.csv") } }
    #expect(
      said("id,lesson,lessen,path,id,asset_sha512,category\n") == [
        "d.csv:1: error: the column 'severity' is missing\n  hint: the columns are \(DefectFile.columns.joined(separator: ","))",
        "d.csv:1:11: error: there is no column 'lessen'\n  hint: did you mean 'lesson'?",
        "d.csv:1:23: error: the column 'id' is there twice\n  hint: remove one",
      ])
    #expect(said("").first?.hasPrefix("d.csv: error: there is nothing in it") == true)
    #expect(
      said(header + "\"D-1,A\n") == [
        "d.csv:2:1: error: the quotation mark is never closed\n  hint: close it, or double a mark that belongs to the text"
      ])
    #expect(
      said(header + "\"D\"x,A\n").first?.hasPrefix("d.csv:2:4: error: text follows the closing quotation mark") == true)
    #expect(
      self.said { try DefectFile.read(csv: [0xFF, 0x41], file: "d.csv") } == [
        "d.csv: error: it is not UTF-8\n  hint: in Excel, save as 'CSV UTF-8'; in LibreOffice, choose Unicode (UTF-8)"
      ])
  }

  @Test func namesEveryFaultOfJSON() throws {
    func said(_ text: String) -> [String] { self.said { try DefectFile.read(json: Array(text.utf8), file: "d.json") } }
    #expect(said("{") == ["d.json: error: it is no JSON\n  hint: check it in an editor that knows JSON"])
    #expect(said("[]").first?.hasPrefix("d.json: error: it is not {\"schema\": \"ferry-defects/1\"") == true)
    #expect(
      said("{\"schema\": \"ferry-defects/1\", \"defects\": [3, {\"id\": [1], \"not\": 1}]}").prefix(4) == [
        "d.json#defects[0]: error: it is no object\n  hint: write {\"id\": …}",
        "d.json#defects[1]: error: 'id' has no value\n  hint: every defect needs it",
        "d.json#defects[1]: error: 'lesson' has no value\n  hint: every defect needs it",
        "d.json#defects[1]: error: 'path' has no value\n  hint: every defect needs it",
      ])
    let yes = """
      {"schema": "ferry-defects/1", "defects": [
        {"id": "D-1", "path": "data/catalogue.csv", "asset_sha512": "\(digest)", "category": "metadata",
         "severity": "minor", "cue": true}]}
      """
    #expect(
      said(yes) == ["d.json#defects[0].cue: error: it is neither text nor a number\n  hint: write one value"])
    #expect(said(yes.replacing("true", with: "1")) == [])
    let scratch = try Scratch("defects")
    let path = try scratch.write("x", "list.xlsx")
    #expect(
      self.said { try DefectFile.read(path) }.first?.contains("its name ends neither with .json nor with .csv") == true)
    #expect(self.said { try DefectFile.read(path + "x") }.first?.contains("there is no such file") == true)
    #expect {
      try DefectFile.read(path + "x")
    } throws: { ($0 as? Refusal)?.exitCode == 65 }
  }

  @Test func theTableOfStatesCanSayNo() {
    typealias State = DefectBook.State
    let table: [(State, DefectBook.Event, State?)] = [
      (.open, .fixed(version: 2), .fixed(version: 2)), (.open, .declined(reason: "r"), .declined(reason: "r")),
      (.open, .accepted(version: 1), nil), (.open, .reopened(version: 1), nil),
      (.fixed(version: 2), .accepted(version: 1), nil),
      (.fixed(version: 2), .accepted(version: 2), .closed(version: 2)),
      (.fixed(version: 2), .accepted(version: 3), .closed(version: 3)),
      (.fixed(version: 2), .reopened(version: 1), nil),
      (.fixed(version: 2), .reopened(version: 2), .open), (.fixed(version: 2), .fixed(version: 3), nil),
      (.declined(reason: "r"), .accepted(version: 1), .closed(version: 1)),
      (.declined(reason: "r"), .reopened(version: 1), .open), (.closed(version: 2), .reopened(version: 2), .open),
      (.closed(version: 2), .reopened(version: 1), nil), (.closed(version: 2), .accepted(version: 3), nil),
    ]
    for (state, event, next) in table { #expect(state.after(event) == next, "\(state) \(event)") }
  }

  private func placed(
    _ id: String, _ path: String, _ digest: String, lesson: String = "AI-001", cue: Int? = nil, start: Double? = nil,
    end: Double? = nil, _ category: Defect.Category = .translation
  ) -> PlacedDefect {
    PlacedDefect(
      defect: Defect(
        id: id, lesson: lesson, path: path, assetSha512: digest, cue: cue, tStart: start, tEnd: end,
        category: category, severity: .major), place: Place("d.csv", line: 2))
  }

  @Test func defectsArePinnedToWhatWasDelivered() throws {
    let manifest = content(SampleDelivery().manifest())
    let good = try #require(manifest.digest(of: subtitle))
    var book = DefectBook()
    let bad = [
      placed("1", subtitle, good, lesson: "AI-01"), placed("2", "data/lessons/AI-001/AI-001.en.vt", good),
      placed("3", subtitle, digest), placed("4", subtitle, good, cue: 13), placed("5", subtitle, good, start: 11),
    ]
    #expect {
      try book.take(bad, delivered: [manifest])
    } throws: { error in
      "\(error)" == """
        d.csv:2: error: no delivered version has a title 'AI-01'
          hint: did you mean 'AI-001'?
        d.csv:2: error: 'AI-001' has no file 'data/lessons/AI-001/AI-001.en.vt'
          hint: did you mean 'data/lessons/AI-001/AI-001.en.vtt'?
        d.csv:2: error: no delivered version has 'data/lessons/AI-001/AI-001.en.vtt' with this SHA-512, so what they saw was not ours
          hint: run 'ferry verify' on the package at the partner's: the file was damaged or changed there
        d.csv:2: error: 'data/lessons/AI-001/AI-001.en.vtt' has 12 cues, there is no cue 13
          hint: count cues from 1
        d.csv:2: error: 'AI-001' lasts 10.0 s, there is no second 11.0
          hint: give the time in seconds
        """
    }
    #expect(book.entries == [], "none is taken while one is wrong")
    try book.take([placed("1", subtitle, good, cue: 12)], delivered: [manifest])
    try book.take([placed("1", subtitle, good, cue: 12)], delivered: [manifest])
    #expect(book.entries.count == 1 && book.reopenedTitles == ["AI-001"] && book.entries[0].seenIn == [1])
    let other = placed(
      "1", "data/lessons/AI-002/AI-002.mp4", manifest.digest(of: "data/lessons/AI-002/AI-002.mp4") ?? "",
      lesson: "AI-002")
    #expect {
      try book.take([other], delivered: [manifest])
    } throws: { "\($0)".contains("the id '1' was given to another defect, of '\(subtitle)', cue 12, translation") }
    #expect(try DefectBook.decoded(book.encoded(), file: "b") == book)
  }

  /// Versions 1 and 2, the second with another subtitle, and the SHA-512 of each.
  private func corrected() throws -> (one: VersionContent, two: VersionContent, old: String, new: String) {
    var delivery = SampleDelivery()
    let one = content(delivery.manifest())
    delivery.files["AI-001/AI-001.en.vtt"] = [1]
    let two = content(try delivery.manifest().following(one.manifest))
    return (one, two, try #require(one.digest(of: subtitle)), try #require(two.digest(of: subtitle)))
  }

  private func content(_ manifest: DeliveryManifest) -> VersionContent {
    VersionContent(manifest: manifest, common: ["data/catalogue.csv": digest])
  }

  private let subtitle = "data/lessons/AI-001/AI-001.en.vtt"

  @Test func whatALaterVersionMendedAlreadyIsNotWork() throws {
    let (one, two, old, new) = try corrected()
    var book = DefectBook()
    try book.take([placed("1", subtitle, old, cue: 1)], delivered: [one, two])
    #expect(book.entries.map(\.state) == [.fixed(version: 2)] && book.reopenedTitles == [])
    book.noteAcceptance(of: 1)
    #expect(book.entries.map(\.state) == [.fixed(version: 2)])
    book.noteAcceptance(of: 2)
    #expect(book.entries.map(\.state) == [.closed(version: 2)])
    // Accepted before it was said; and what is seen in the newest version is open whatever was accepted.
    try book.take(
      [placed("2", subtitle, old, cue: 1), placed("3", subtitle, new, cue: 1)], delivered: [one, two], accepted: [1, 2])
    #expect(book.entries.map(\.state) == [.closed(version: 2), .closed(version: 2), .open])
    try book.take([placed("4", subtitle, old, cue: 1)], delivered: [one, two], accepted: [1])
    #expect(book.entries[3].state == .fixed(version: 2), "version 1 is what they saw it in")
  }

  @Test func aVersionMendsWhatItsManifestCouldNotKnow() throws {
    let (one, two, old, new) = try corrected()
    var book = DefectBook()
    try book.take(
      [placed("1", subtitle, old, cue: 1), placed("2", film, try #require(one.digest(of: film)))], delivered: [one])
    #expect(two.manifest.fixes == [])
    func unanswered(_ version: VersionContent?) -> [String] {
      book.unanswered(by: version, delivered: [one]).map(\.defect.id)
    }
    #expect(unanswered(two) == ["2"] && unanswered(one).count == 2 && unanswered(nil).count == 2)
    book.noteDelivery(one, delivered: [one])
    #expect(book.open.count == 2, "what they saw it in mends nothing")
    book.noteDelivery(two, delivered: [one, two])
    #expect(book.entries.map(\.state) == [.fixed(version: 2), .open])
    // Seen again in version 2: to send that once more mends nothing.
    try book.take([placed("1", subtitle, new, cue: 1)], delivered: [one, two])
    var again = two
    again.manifest.fixes = ["1"]
    book.noteDelivery(again, delivered: [one, two])
    #expect(book.entries.map(\.state) == [.open, .open])
  }

  private let film = "data/lessons/AI-001/AI-001.mp4"

  @Test func anOpenDefectIsNeverReplacedByAnother() throws {
    let (one, two, old, new) = try corrected()
    var book = DefectBook()
    try book.take([placed("1", subtitle, old, cue: 1)], delivered: [one])
    let first = book
    for other in [
      placed("1", subtitle, old, cue: 2), placed("1", subtitle, old), placed("1", subtitle, old, cue: 1, start: 1),
      placed("1", subtitle, old, cue: 1, .timing), placed("1", film, try #require(one.digest(of: film)), cue: 1),
      placed("1", subtitle, new, cue: 2),
    ] {
      #expect {
        try book.take([other], delivered: [one, two])
      } throws: { "\($0)".contains("the id '1' was given to another defect, of '\(subtitle)', cue 1, translation") }
      #expect(book == first)
    }
    // Said in other words it is the same one.
    var again = placed("1", subtitle, old, cue: 1)
    again.defect.note = "more"
    try book.take([again], delivered: [one])
    #expect(book.open.map(\.defect.note) == ["more"])
    // Once it is mended, the newer file may have it elsewhere; the list of old is then no word about that.
    try book.take([], delivered: [one, two])
    #expect(book.entries.map(\.state) == [.fixed(version: 2)])
    try book.take([placed("1", subtitle, new, cue: 2)], delivered: [one, two])
    #expect(book.open.map(\.defect.cue) == [2] && book.open.map(\.seenIn) == [[2]])
    try book.take([placed("1", subtitle, old, cue: 2)], delivered: [one, two])
    #expect(book.open.map(\.seenIn) == [[2]])
  }

  @Test func theDeliveryAsAWholeHasDefectsToo() throws {
    let (one, two, _, _) = try corrected()
    var book = DefectBook()
    try book.take([placed("1", "data/catalogue.csv", digest, lesson: "")], delivered: [one])
    #expect(book.open.count == 1 && book.reopenedTitles == [])
    book.noteDelivery(two, delivered: [one, two])
    #expect(book.open.count == 1, "it changes with every version")
    let unknown = [
      placed("2", "data/catalog.csv", digest, lesson: ""), placed("3", subtitle, digest, lesson: ""),
      placed("4", "data/catalogue.csv", digest),
    ]
    #expect {
      try book.take(unknown, delivered: [one])
    } throws: { error in
      "\(error)" == """
        d.csv:2: error: the delivery as a whole has no file 'data/catalog.csv'
          hint: did you mean 'data/catalogue.csv'?
        d.csv:2: error: the delivery as a whole has no file '\(subtitle)'
          hint: use the paths of manifest-sha512.txt
        d.csv:2: error: 'data/catalogue.csv' belongs to the delivery as a whole, not to 'AI-001'
          hint: leave 'lesson' empty
        """
    }
    let (first, again) = (book.fix("1", in: 2, accepted: [1]), book.fix("1", in: 2))
    #expect(first && !again)
    #expect(book.entries.map(\.state) == [.fixed(version: 2)])
    try book.take([placed("2", "data/catalogue.csv", digest, lesson: "")], delivered: [one])
    _ = book.fix("2", in: 2, accepted: [1, 3])
    #expect(book.entries.map(\.state) == [.fixed(version: 2), .closed(version: 3)])
  }

  /// v1, a receipt, defects, the corrected subtitle, v2 as a supplement, acceptance, all closed.
  @Test func theWholeRoundTrip() throws {
    let exchange = try Exchange()
    try exchange.send()
    _ = try exchange.receive()
    let subtitle = "data/lessons/AI-001/AI-001.en.vtt"
    let digest = Digests.sha512(exchange.delivery.files["AI-001/AI-001.en.vtt"] ?? [])
    let list = try exchange.scratch.write(
      DefectFile.template
        + "D-17,AI-001,\(subtitle),\(digest),0,1,1,translation,major,Lesson 1,Lesson one,,,2026-11-25\r\n",
      "defects.csv")
    var versions = [VersionContent(try .read(exchange.versions[0].path))]
    var book = DefectBook()
    try book.take(try DefectFile.read(list), delivered: versions)
    #expect(book.reopenedTitles == ["AI-001"])

    exchange.delivery.files["AI-001/AI-001.en.vtt"] = Array("WEBVTT\n\n00:00.000 --> 00:01.000\nLesson one\n".utf8)
    let fixes = book.fixes(
      in: content(exchange.delivery.manifest()), as: 2, delivered: versions)
    #expect(fixes == [subtitle: ["D-17"]])
    let bag = try exchange.send(fixed: fixes)
    let two = exchange.versions[1].manifest
    versions.append(VersionContent(try .read(exchange.versions[1].path)))
    book.noteDelivery(versions[1], delivered: versions)
    #expect(two.fixes == ["D-17"] && book.open.isEmpty && book.entries[0].state == .fixed(version: 2))
    #expect(try exchange.receive("2026-11-26T08:00:00Z").map(\.exitCode) == [0, 0])
    #expect(try exchange.currentVersion() == 2)

    // The partner's people accept version 2, with their own words and plain ssh-keygen's format.
    let ingest = try exchange.receipt(2, .ingest)
    let acceptance = Receipt(
      stage: .acceptance, disposition: .accepted, inReplyTo: ingest.inReplyTo, receivedAt: "2026-11-28T10:00:00Z",
      verifier: "Ana", message: "thank you", signer: exchange.partner.publicKey.fingerprint)
    let path = exchange.drop + "/acknowledgements/OUC-2026-0007_v2.acceptance.receipt.json"
    try acceptance.write(to: path, with: exchange.partner)
    let read = try Receipt.read(.init(path), keys: exchange.partnerKeys)
    #expect(read.receipt == acceptance && read.signer.names == ["c@example.org"])
    let (ticket, ticketDigest, _) = try #require(try Ticket.verified(bag + ".ticket.json", keys: exchange.keys.known))
    let sent = try #require(Day("2026-11-26"))
    let standing = try DeliveryStanding.of(
      ticket, ticketDigest: ticketDigest, sent: sent, receipts: [read.receipt, ingest],
      today: try #require(Day("2027-01-01")),
      patience: 10)
    #expect(standing.state == .accepted && !standing.isOverdue)
    book.noteAcceptance(of: standing.ticket.version)
    #expect(book.entries.map(\.state) == [.closed(version: 2)])
  }
}

struct ReceiptTests {
  private func receipt(_ stage: Receipt.Stage, _ disposition: Receipt.Disposition, _ at: String, resend: [String] = [])
    -> Receipt
  {
    Receipt(
      stage: stage, disposition: disposition,
      inReplyTo: .init(delivery: "d", label: "L", version: 1, packageDigest: "p", ticketSha512: "t"), receivedAt: at,
      verifier: "v", resend: resend, message: "m", signer: "s")
  }

  private let ticket = Ticket(
    delivery: "d", label: "L", version: 1, kind: .full, bag: "L_v1", packageDigest: "p", stateDigest: "x",
    baseStateDigest: nil, baseVersion: nil, files: 1, bytes: 1, created: "2026-11-01", replyTo: "acknowledgements/",
    signer: "s")

  private func standing(_ receipts: [Receipt], _ today: String) throws -> DeliveryStanding {
    try DeliveryStanding.of(
      ticket, ticketDigest: "t", sent: #require(Day("2026-11-01")), receipts: receipts, today: #require(Day(today)),
      patience: 10)
  }

  @Test func silenceIsNeverAcceptance() throws {
    let arrived = receipt(.ingest, .accepted, "2026-11-05T00:00:00Z")
    let damaged = receipt(.transport, .corrupt, "2026-11-03T00:00:00Z", resend: ["data/a"])
    let accepted = receipt(.acceptance, .accepted, "2026-11-20T00:00:00Z")
    let rejected = receipt(.acceptance, .rejected, "2026-11-20T00:00:00Z")
    let table:
      [(receipts: [Receipt], today: String, state: DeliveryStanding.State, isOverdue: Bool, resend: [String])] = [
        ([], "2026-11-11", .sent, false, []), ([], "2026-11-12", .sent, true, []),
        ([arrived], "2026-11-15", .arrived, false, []), ([arrived], "2036-11-16", .arrived, true, []),
        ([damaged], "2026-11-04", .damaged, false, ["data/a"]),
        ([damaged, arrived], "2026-11-06", .arrived, false, []),
        ([arrived, receipt(.transport, .corrupt, "2026-11-06T00:00:00Z")], "2026-11-06", .arrived, false, []),
        ([arrived, accepted], "2036-01-01", .accepted, false, []),
        ([accepted, damaged], "2036-01-01", .accepted, false, []),
        ([arrived, rejected], "2036-01-01", .rejected, false, []),
      ]
    for row in table {
      let found = try standing(row.receipts, row.today)
      #expect(found.state == row.state && found.isOverdue == row.isOverdue && found.resend == row.resend, "\(row)")
    }
  }

  @Test func receiptsForOtherTicketsAreRefused() throws {
    var other = receipt(.acceptance, .accepted, "2026-11-05T00:00:00Z")
    other.inReplyTo.ticketSha512 = "another"
    #expect {
      _ = try standing([other], "2026-11-06")
    } throws: {
      "\($0)" == """
        \(other.receiptId): error: it answers another ticket than that of L version 1
          hint: import it for the delivery that it names: L version 1
        """
    }
  }

  @Test func aReceiptThatWasChangedIsNotBelieved() throws {
    let scratch = try Scratch("receipt")
    let key = try Keys.generate(comment: "c")
    let keys = AllowedSigners([.init(names: ["c"], key: key.publicKey)])
    let path = scratch.path + "/r.receipt.json"
    try receipt(.acceptance, .rejected, "2026-11-05T00:00:00Z").write(to: path, with: key)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    _ = try scratch.write(text.replacing("rejected", with: "accepted"), "r.receipt.json")
    #expect {
      _ = try Receipt.read(.init(path), keys: keys)
    } throws: { ($0 as? Refusal)?.exitCode == 3 }
    try FileManager.default.removeItem(atPath: path + ".sig")
    #expect {
      _ = try Receipt.read(.init(path), keys: keys)
    } throws: { "\($0)".contains("the receipt has no signature beside it") }
  }

  @Test func daysAreCountedAcrossLeapYears() throws {
    for (day, number) in [("1970-01-01", 0), ("2000-03-01", 11_017), ("2024-02-29", 19_782), ("2026-11-25", 20_782)] {
      #expect(try #require(Day(day)).number == number, "\(day)")
    }
  }
}
